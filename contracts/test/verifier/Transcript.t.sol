// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {NonCanonical, ProofOfWork} from "../../src/verifier/Errors.sol";
import {Memory} from "../../src/verifier/Memory.sol";
import {Transcript, TranscriptLib} from "../../src/verifier/Transcript.sol";
import {Test} from "../utils/Test.sol";

/// @notice Transcript steps against the vector that zkperp-stark writes.
contract TranscriptTest is Test {
    string private json;

    struct Step {
        bytes observed;
        uint256[] challenge;
        bytes state;
        uint256 powBits;
        uint256 nonce;
        uint256 indexBits;
        uint256[] indices;
    }

    function setUp() public {
        json = vm.readFile(string.concat(VECTORS, "transcript/steps.json"));
    }

    function _step(uint256 i) private view returns (Step memory step) {
        string memory key = string.concat(".steps[", string(abi.encodePacked(uint8(48 + i))), "].");
        step.observed = vm.parseJsonBytes(json, string.concat(key, "observed"));
        step.challenge = vm.parseJsonUintArray(json, string.concat(key, "challenge"));
        step.state = vm.parseJsonBytes(json, string.concat(key, "state"));
        step.powBits = vm.parseJsonUint(json, string.concat(key, "pow_bits"));
        step.nonce = vm.parseJsonUint(json, string.concat(key, "nonce"));
        step.indexBits = vm.parseJsonUint(json, string.concat(key, "index_bits"));
        step.indices = vm.parseJsonUintArray(json, string.concat(key, "indices"));
    }

    /// @dev Calldata is `proof`: the step's observed bytes and its nonce.
    function replay(bytes32 start, Step calldata step, bytes calldata proof)
        external
        pure
        returns (bytes32)
    {
        uint256 cursor;
        assembly ("memory-safe") {
            cursor := proof.offset
        }
        Transcript memory t = TranscriptLib.start(start, cursor, 26, 1024);
        t.absorbProof(step.observed.length);
        uint256 value = t.challenge();
        for (uint256 i = 0; i < 3; ++i) {
            assertEq((value >> (85 * i)) & ((1 << 85) - 1), step.challenge[i]);
        }
        assertEq(Memory.get(t.state, 0), uint256(bytes32(step.state)));
        uint256 out = Memory.allocate(step.indices.length);
        t.drawIndices(step.powBits, step.indices.length, step.indexBits, out);
        for (uint256 i = 0; i < step.indices.length; ++i) {
            assertEq(Memory.get(out, i), (step.indices[i] << 16) | i);
        }
        return bytes32(Memory.get(t.state, 0));
    }

    function test_stepsEqualRust() public view {
        bytes32 state = bytes32(vm.parseJsonBytes(json, ".initial"));
        for (uint256 i = 0; i < 8; ++i) {
            Step memory step = _step(i);
            bytes memory proof = abi.encodePacked(step.observed, uint64(step.nonce));
            state = this.replay(state, step, proof);
        }
    }

    function test_revertsIfNonceMisses() public {
        bytes32 state = bytes32(vm.parseJsonBytes(json, ".initial"));
        Step memory step = _step(0);
        vm.expectRevert(ProofOfWork.selector);
        this.replay(state, step, abi.encodePacked(step.observed, uint64(step.nonce + 1)));
    }

    function test_revertsIfNonceIsNotCanonical() public {
        bytes32 state = bytes32(vm.parseJsonBytes(json, ".initial"));
        Step memory step = _step(0);
        vm.expectRevert(NonCanonical.selector);
        this.replay(state, step, abi.encodePacked(step.observed, type(uint64).max));
    }

    function readAt(bytes calldata element) external pure returns (uint256) {
        uint256 cursor;
        assembly ("memory-safe") {
            cursor := element.offset
        }
        return TranscriptLib.read(cursor);
    }

    function test_readsCoefficientsInOrder() public view {
        uint256 value = this.readAt(abi.encodePacked(uint64(5), uint64(6), uint64(7)));
        assertEq(value, 5 | (6 << 85) | (7 << 170));
    }

    function test_revertsIfACoefficientIsNotCanonical() public {
        uint64 p = 0xffffffff00000001;
        for (uint256 i = 0; i < 3; ++i) {
            uint64[3] memory c = [p - 1, p - 1, p - 1];
            this.readAt(abi.encodePacked(c[0], c[1], c[2]));
            c[i] = p;
            vm.expectRevert(NonCanonical.selector);
            this.readAt(abi.encodePacked(c[0], c[1], c[2]));
        }
    }
}
