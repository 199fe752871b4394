// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Arrays of words in memory, named by the address of their first word.
library Memory {
    /// @notice Address of `words` fresh words.
    function allocate(uint256 words) internal pure returns (uint256 pointer) {
        assembly ("memory-safe") {
            pointer := mload(0x40)
            mstore(0x40, add(pointer, shl(5, words)))
        }
    }

    /// @notice The word `index` of the array at `pointer`.
    function get(uint256 pointer, uint256 index) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(pointer, shl(5, index)))
        }
    }

    /// @notice Sets the word `index` of the array at `pointer`.
    function set(uint256 pointer, uint256 index, uint256 value) internal pure {
        assembly ("memory-safe") {
            mstore(add(pointer, shl(5, index)), value)
        }
    }
}
