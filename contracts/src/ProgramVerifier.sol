// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IStarkVerifier} from "./verifier/IStarkVerifier.sol";

/// @notice More builtins than a capacity word holds, or none.
error WrongBuiltins(uint256 count);

/// @notice Not one instance count for each builtin but output.
error WrongCounts(uint256 got, uint256 expected);

/// @notice More instances of a builtin than its table has rows: cells behind them are unproven.
error TooManyInstances(uint256 builtin, uint256 used, uint256 capacity);

/// @notice More outputs than the public segment holds, or a fraction of a felt.
error WrongOutput(uint256 bytesGiven);

/// @notice Two roots of 32 bytes exactly if the program has the state builtin.
error WrongRoots(uint256 bytesGiven);

/// @title Verifier of runs of one Cairo program in one shape.
/// @notice Builds the public column that the proof is about from what the caller knows, and checks
/// what the proof takes as given: that no builtin was used beyond its table (rust/prover/src/
/// statement.rs, docs/decisions/0001). Nothing of the statement is read out of the proof.
contract ProgramVerifier {
    /// @notice The proof system's verifier for the shape.
    IStarkVerifier public immutable STARK;
    /// @notice The program's digest: four felts, 8 bytes big-endian each.
    bytes32 public immutable PROGRAM_DIGEST;
    /// @notice Builtins of the program but output.
    uint256 public immutable BUILTINS;
    /// @notice Rows of their tables, 32 bits each, the first builtin in the lowest bits.
    uint256 public immutable CAPACITIES;
    /// @notice Felts that the public segment has for output.
    uint256 public immutable OUTPUT_CAPACITY;
    /// @notice Whether the program has the state builtin.
    bool public immutable HAS_STATE;

    /// @param stark The proof system's verifier for the shape.
    /// @param programDigest The program's digest.
    /// @param capacities Rows of each builtin's table, output apart, in the program's order.
    /// @param outputCapacity Felts that the public segment has for output.
    /// @param hasState Whether one of the builtins is `state`.
    constructor(
        IStarkVerifier stark,
        bytes32 programDigest,
        uint32[] memory capacities,
        uint32 outputCapacity,
        bool hasState
    ) {
        if (capacities.length > 8) {
            revert WrongBuiltins(capacities.length);
        }
        uint256 packed;
        for (uint256 i = 0; i < capacities.length; ++i) {
            packed |= uint256(capacities[i]) << (32 * i);
        }
        STARK = stark;
        PROGRAM_DIGEST = programDigest;
        BUILTINS = capacities.length;
        CAPACITIES = packed;
        OUTPUT_CAPACITY = outputCapacity;
        HAS_STATE = hasState;
    }

    /// @notice Checks that the program ran to its end and put out `output`.
    /// @param finalAp The machine's last allocation pointer: the prover's, bound by the proof.
    /// @param used Instances used of each builtin but output: the prover's, bound by the proof.
    /// @param roots The state's old and new root, four felts each; empty without state.
    /// @param output The output felts, 8 bytes big-endian each.
    /// @param proof The proof.
    /// @return True; anything else reverts.
    function verify(
        uint32 finalAp,
        uint32[] calldata used,
        bytes calldata roots,
        bytes calldata output,
        bytes calldata proof
    ) external view returns (bool) {
        if (output.length % 8 != 0 || output.length / 8 > OUTPUT_CAPACITY) {
            revert WrongOutput(output.length);
        }
        if (roots.length != (HAS_STATE ? 64 : 0)) revert WrongRoots(roots.length);
        bytes memory head = abi.encodePacked(uint64(finalAp), uint64(output.length / 8));
        bytes memory column = abi.encodePacked(head, _counts(used), PROGRAM_DIGEST, roots, output);
        return STARK.verify(column, proof);
    }

    /// @dev The instance counts as felts, each at most the rows of its table. At most 8 of them.
    function _counts(uint32[] calldata used) private view returns (bytes memory felts) {
        if (used.length != BUILTINS) revert WrongCounts(used.length, BUILTINS);
        for (uint256 i = 0; i < used.length; ++i) {
            uint256 capacity = (CAPACITIES >> (32 * i)) & 0xffffffff;
            if (used[i] > capacity) revert TooManyInstances(i, used[i], capacity);
            felts = abi.encodePacked(felts, uint64(used[i]));
        }
    }
}
