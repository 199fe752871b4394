// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Verifier of proofs of one shape.
interface IStarkVerifier {
    /// @notice Checks that `proof` proves the statement of this contract's shape about
    /// `publicValues`.
    /// @param publicValues The public column's values, 8 bytes big-endian each, every one below p;
    /// the column's other rows are zero.
    /// @param proof The proof, exactly (docs/spec/proof-format.md).
    /// @return True. A proof that is not accepted reverts with an error of Errors.sol.
    function verify(bytes calldata publicValues, bytes calldata proof) external view returns (bool);
}
