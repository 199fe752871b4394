// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title An address as three words: its first 7 bytes, the next 7, the last 6.
library AddressWords {
    uint256 private constant MASK_56 = 0xffffffffffffff;
    uint256 private constant MASK_48 = 0xffffffffffff;

    /// @notice The words of an address.
    function split(address account) internal pure returns (uint64 a, uint64 b, uint64 c) {
        uint256 value = uint160(account);
        return (uint64(value >> 104), uint64((value >> 48) & MASK_56), uint64(value & MASK_48));
    }

    /// @notice The address of three words, and whether each is as narrow as `split` makes it.
    function join(uint64 a, uint64 b, uint64 c) internal pure returns (address account, bool fits) {
        fits = a <= MASK_56 && b <= MASK_56 && c <= MASK_48;
        account = address(uint160((uint256(a) << 104) | (uint256(b) << 48) | c));
    }
}
