// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Memory} from "../../src/verifier/Memory.sol";
import {MerkleOpening} from "../../src/verifier/MerkleOpening.sol";
import {Test} from "../utils/Test.sol";

/// @notice Pruned openings against the vectors that zkperp-stark writes.
contract MerkleOpeningTest is Test {
    string private json;

    struct Case {
        uint256 digestBytes;
        uint256 levels;
        uint256[] indices;
        bytes leaves;
        bytes siblings;
        bytes root;
    }

    function setUp() public {
        json = vm.readFile(string.concat(VECTORS, "transcript/merkle.json"));
    }

    function _case(uint256 i) private view returns (Case memory c) {
        string memory number = i < 10
            ? string(abi.encodePacked(uint8(48 + i)))
            : string(abi.encodePacked("1", uint8(38 + i)));
        string memory key = string.concat(".cases[", number, "].");
        c.digestBytes = vm.parseJsonUint(json, string.concat(key, "digest_bytes"));
        c.levels = vm.parseJsonUint(json, string.concat(key, "levels"));
        c.indices = vm.parseJsonUintArray(json, string.concat(key, "indices"));
        c.leaves = vm.parseJsonBytes(json, string.concat(key, "leaves"));
        c.siblings = vm.parseJsonBytes(json, string.concat(key, "siblings"));
        c.root = vm.parseJsonBytes(json, string.concat(key, "root"));
    }

    /// @dev The root over the case's leaves with siblings from calldata, and the bytes they took.
    function root(Case calldata c, bytes calldata siblings)
        external
        pure
        returns (bytes32 digest, uint256 used)
    {
        uint256 nodes = Memory.allocate(2 * c.indices.length);
        for (uint256 i = 0; i < c.indices.length; ++i) {
            Memory.set(nodes, 2 * i, c.indices[i]);
            bytes calldata leaf = c.leaves[i * c.digestBytes:(i + 1) * c.digestBytes];
            // Dirt behind the digest must not matter.
            uint256 dirt = type(uint256).max >> (8 * c.digestBytes);
            Memory.set(nodes, 2 * i + 1, uint256(bytes32(leaf)) | dirt);
        }
        uint256 cursor;
        assembly ("memory-safe") {
            cursor := siblings.offset
        }
        (uint256 value, uint256 behind) =
            MerkleOpening.root(nodes, c.indices.length, c.levels, cursor, c.digestBytes);
        uint256 cut = 256 - 8 * c.digestBytes;
        return (bytes32((value >> cut) << cut), behind - cursor);
    }

    function test_rootsEqualRust() public view {
        for (uint256 i = 0; i < 12; ++i) {
            Case memory c = _case(i);
            (bytes32 digest, uint256 used) = this.root(c, c.siblings);
            assertEq(digest, bytes32(c.root));
            assertEq(used, c.siblings.length);
        }
    }

    function test_anyChangedSiblingChangesTheRoot() public view {
        Case memory c = _case(4);
        for (uint256 i = 0; i < c.siblings.length; i += 7) {
            bytes memory changed = bytes.concat(c.siblings);
            changed[i] ^= 0x10;
            (bytes32 digest,) = this.root(c, changed);
            assertTrue(digest != bytes32(c.root));
        }
    }
}
