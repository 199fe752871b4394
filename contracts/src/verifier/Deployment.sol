// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {WrongShapeData} from "./Errors.sol";
import {Memory} from "./Memory.sol";

/// @title The contracts that hold one shape, behind a single address.
/// @dev The index contract's code is a STOP byte, then words: number of data contracts, number of
/// program contracts, and their addresses in that order.
library Deployment {
    /// @notice Deploys the index of the given contracts.
    function write(address[] memory data, address[] memory programs)
        internal
        returns (address index)
    {
        bytes memory code = abi.encodePacked(uint8(0), data.length, programs.length);
        for (uint256 i = 0; i < data.length; ++i) {
            code = abi.encodePacked(code, uint256(uint160(data[i])));
        }
        for (uint256 i = 0; i < programs.length; ++i) {
            code = abi.encodePacked(code, uint256(uint160(programs[i])));
        }
        // PUSH2 length, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN: returns what follows.
        bytes memory init =
            abi.encodePacked(hex"61", uint16(code.length), hex"80600a5f395ff3", code);
        assembly ("memory-safe") {
            index := create(0, add(init, 32), mload(init))
        }
        if (index == address(0)) revert WrongShapeData();
    }

    /// @notice Reads the index: arrays of addresses, one per word.
    function read(address index)
        internal
        view
        returns (uint256 data, uint256 dataCount, uint256 programs, uint256 programCount)
    {
        uint256 words;
        assembly ("memory-safe") {
            words := shr(5, sub(extcodesize(index), 1))
        }
        uint256 list = Memory.allocate(words);
        assembly ("memory-safe") {
            extcodecopy(index, list, 1, shl(5, words))
            dataCount := mload(list)
            programCount := mload(add(list, 32))
            data := add(list, 64)
            programs := add(data, shl(5, dataCount))
        }
    }

    /// @notice keccak256(keccak256(data) || codehash of each program), as the generator computes it.
    function digest(address[] memory data, address[] memory programs)
        internal
        view
        returns (bytes32)
    {
        bytes memory joined;
        for (uint256 i = 0; i < data.length; ++i) {
            bytes memory code = data[i].code;
            if (code.length == 0) revert WrongShapeData();
            bytes memory part = new bytes(code.length - 1);
            assembly ("memory-safe") {
                mcopy(add(part, 32), add(code, 33), mload(part))
            }
            joined = abi.encodePacked(joined, part);
        }
        bytes memory hashes = abi.encodePacked(keccak256(joined));
        for (uint256 i = 0; i < programs.length; ++i) {
            hashes = abi.encodePacked(hashes, programs[i].codehash);
        }
        return keccak256(hashes);
    }
}
