// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Arithmetic in E = F[X] / (X^3 - X - 1), F the field of p = 2^64 - 2^32 + 1.
/// @notice One word per element: coefficient i in bits 85 i .. 85 i + 84.
/// @dev A lane is *reduced* when it is below p and *lazy* when it is only below 2^85. Sums of words
/// add lane by lane without reduction as long as every lane stays below 2^85. `mul`, `reduce` and
/// the readers of the proof give reduced words; every function says what it takes.
library Cubic {
    /// @dev The modulus of the base field.
    uint256 internal constant P = 0xffffffff00000001;

    /// @dev Mask of one lane.
    uint256 internal constant LANE = 0x1fffffffffffffffffffff;

    /// @dev p in every lane: zero, as a word from which reduced words can be subtracted.
    uint256 internal constant ZERO = P | (P << 85) | (P << 170);

    /// @notice a * b, reduced. Takes lazy operands.
    function mul(uint256 a, uint256 b) internal pure returns (uint256 c) {
        assembly ("memory-safe") {
            let a0 := and(a, LANE)
            let a1 := and(shr(85, a), LANE)
            let a2 := shr(170, a)
            let b0 := and(b, LANE)
            let b1 := and(shr(85, b), LANE)
            let b2 := shr(170, b)
            // X^3 = X + 1 and X^4 = X^2 + X.
            let t := add(mul(a1, b2), mul(a2, b1))
            let u := mul(a2, b2)
            c := mod(add(mul(a0, b0), t), P)
            c := or(c, shl(85, mod(add(add(mul(a0, b1), mul(a1, b0)), add(t, u)), P)))
            c := or(c, shl(170, mod(add(add(mul(a0, b2), mul(a1, b1)), add(mul(a2, b0), u)), P)))
        }
    }

    /// @notice a * s for a base element s below 2^85, reduced. Takes a lazy word.
    function scale(uint256 a, uint256 s) internal pure returns (uint256 c) {
        assembly ("memory-safe") {
            c := mod(mul(and(a, LANE), s), P)
            c := or(c, shl(85, mod(mul(and(shr(85, a), LANE), s), P)))
            c := or(c, shl(170, mod(mul(shr(170, a), s), P)))
        }
    }

    /// @notice The same element, reduced. Takes a lazy word.
    function reduce(uint256 a) internal pure returns (uint256 c) {
        assembly ("memory-safe") {
            c := mod(and(a, LANE), P)
            c := or(c, shl(85, mod(and(shr(85, a), LANE), P)))
            c := or(c, shl(170, mod(shr(170, a), P)))
        }
    }

    /// @notice a - b as a lazy word, one p above in every lane. Takes a lazy a and a reduced b.
    function sub(uint256 a, uint256 b) internal pure returns (uint256 c) {
        unchecked {
            c = a + ZERO - b;
        }
    }

    /// @notice Whether two lazy words are the same element.
    function equal(uint256 a, uint256 b) internal pure returns (bool) {
        return reduce(a) == reduce(b);
    }

    /// @notice eq(a, b) = 1 - a - b + 2ab as a lazy word. Takes reduced words.
    function eq(uint256 a, uint256 b) internal pure returns (uint256 c) {
        unchecked {
            c = 1 + 2 * ZERO - a - b + 2 * mul(a, b);
        }
    }
}
