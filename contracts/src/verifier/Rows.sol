// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {NonCanonical} from "./Errors.sol";
import {Memory} from "./Memory.sol";

/// @title Inner products of calldata rows with fixed weights.
/// @dev Two lanes share one MULMOD: x mod (p 2^160) keeps the low 160 bits exact and reduces only
/// the bits above, so v * (w0 + w1 2^160) mod (p 2^160) is v w0 below and v w1 mod p above. Plain
/// additions then collect up to 2^32 products. A weight is two words per base element of the row:
/// (w0 + w1 2^160, w2).
library Rows {
    uint256 private constant P = 0xffffffff00000001;
    uint256 private constant P_HIGH = 0xffffffff000000010000000000000000000000000000000000000000;
    uint256 private constant LOW = 0x00ffffffffffffffffffffffffffffffffffffffff;
    uint256 private constant LANE = 0x1fffffffffffffffffffff;
    uint256 private constant MASK64 = 0xffffffffffffffff;

    /// @dev Two of a word's four elements, at bits 0 and 128.
    uint256 private constant PAIR = 0xffffffffffffffff0000000000000000ffffffffffffffff;

    /// @dev 2^64 - p at bits 0 and 128: an element at or above p carries into bit 64 or 192.
    uint256 private constant EXCESS = 0x00ffffffff000000000000000000000000ffffffff;

    /// @dev Where those carries go.
    uint256 private constant CARRIES = 0x1000000000000000000000000000000010000000000000000;

    /// @notice Prepares `count` reduced weights for rows of base elements.
    function prepareBase(uint256 weights, uint256 count) internal pure returns (uint256 out) {
        out = Memory.allocate(2 * count);
        assembly ("memory-safe") {
            for { let i := 0 } lt(i, count) { i := add(i, 1) } {
                let w := mload(add(weights, shl(5, i)))
                let o := add(out, shl(6, i))
                mstore(o, or(and(w, LANE), shl(160, and(shr(85, w), LANE))))
                mstore(add(o, 32), shr(170, w))
            }
        }
    }

    /// @notice Prepares `count` reduced weights for rows of extension elements, three base elements
    /// each. With weight (b0, b1, b2) and element (a0, a1, a2), X^3 = X + 1 gives
    /// c0 = a0 b0 + a1 b2 + a2 b1, c1 = a0 b1 + a1 (b0+b2) + a2 (b1+b2),
    /// c2 = a0 b2 + a1 b1 + a2 (b0+b2).
    function prepareExtension(uint256 weights, uint256 count) internal pure returns (uint256 out) {
        out = Memory.allocate(6 * count);
        assembly ("memory-safe") {
            for { let i := 0 } lt(i, count) { i := add(i, 1) } {
                let w := mload(add(weights, shl(5, i)))
                let o := add(out, mul(192, i))
                let b0 := and(w, LANE)
                let b1 := and(shr(85, w), LANE)
                let b2 := shr(170, w)
                let b02 := addmod(b0, b2, P)
                mstore(o, or(b0, shl(160, b1)))
                mstore(add(o, 32), b2)
                mstore(add(o, 64), or(b2, shl(160, b02)))
                mstore(add(o, 96), b1)
                mstore(add(o, 128), or(b1, shl(160, addmod(b1, b2, P))))
                mstore(add(o, 160), b02)
            }
        }
    }

    /// @notice Inner product of `count` base elements (a multiple of 4) at calldata `row` with
    /// prepared weights, reduced.
    function inner(uint256 row, uint256 count, uint256 weights)
        internal
        pure
        returns (uint256 value)
    {
        uint256 sums;
        assembly ("memory-safe") {
            let s := 0
            let t := 0
            for { let end := add(row, shl(3, count)) } lt(row, end) { row := add(row, 32) } {
                let odd := calldataload(row)
                let even := and(odd, PAIR)
                odd := and(shr(64, odd), PAIR)
                sums := or(sums, or(add(even, EXCESS), add(odd, EXCESS)))
                let v := shr(128, odd)
                s := add(s, mulmod(v, mload(weights), P_HIGH))
                t := add(t, mul(v, mload(add(weights, 32))))
                v := shr(128, even)
                s := add(s, mulmod(v, mload(add(weights, 64)), P_HIGH))
                t := add(t, mul(v, mload(add(weights, 96))))
                v := and(odd, MASK64)
                s := add(s, mulmod(v, mload(add(weights, 128)), P_HIGH))
                t := add(t, mul(v, mload(add(weights, 160))))
                v := and(even, MASK64)
                s := add(s, mulmod(v, mload(add(weights, 192)), P_HIGH))
                t := add(t, mul(v, mload(add(weights, 224))))
                weights := add(weights, 256)
            }
            value := or(mod(and(s, LOW), P), shl(85, mod(shr(160, s), P)))
            value := or(value, shl(170, mod(t, P)))
        }
        if (sums & CARRIES != 0) revert NonCanonical();
    }
}
