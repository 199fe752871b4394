// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Errors of form: the bytes are not a proof of the shape.

/// @notice The proof is not exactly as long as the shape and its queries demand.
error WrongLength(uint256 got, uint256 expected);

/// @notice A field element is at or above p.
error NonCanonical();

/// @notice More public values than the public column has rows, or a fraction of a value.
error WrongPublicValues(uint256 bytesGiven);

// Cryptographic rejections: the form is right and the claim is not proven.

/// @notice A nonce misses its proof-of-work target.
error ProofOfWork();

/// @notice A challenge that must not vanish is zero (probability 2^-192): ask for another proof.
error ZeroChallenge();

/// @notice A layer of the lookup's fraction tree does not follow from the one above.
error FractionLayer(uint256 layer);

/// @notice Constraints or bus messages do not hold at the random point.
error ConstraintIdentity();

/// @notice Opened rows do not lead to the committed root.
error MerkleRoot(uint256 oracle);

/// @notice The final polynomial does not fold to the queried rows.
error FinalQuery();

/// @notice The batched claims do not match the final polynomial.
error FinalIdentity();

// Errors of deployment.

/// @notice The shape's data are not the expected ones.
error WrongShapeData();
