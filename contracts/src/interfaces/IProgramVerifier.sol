// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Verifier of runs of one Cairo program: what Rollup needs of ProgramVerifier.sol.
interface IProgramVerifier {
    /// @notice The program's digest: four felts, 8 bytes big-endian each.
    function PROGRAM_DIGEST() external view returns (bytes32);

    /// @notice Checks that the program ran to its end and put out `output`; each felt below p.
    /// @param finalAp The machine's last allocation pointer.
    /// @param used Instances used of each builtin but output.
    /// @param roots The state's old and new root, four felts each.
    /// @param output The output felts, 8 bytes big-endian each.
    /// @param proof The proof.
    /// @return True; anything else reverts.
    function verify(
        uint32 finalAp,
        uint32[] calldata used,
        bytes calldata roots,
        bytes calldata output,
        bytes calldata proof
    ) external view returns (bool);
}
