// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Cubic} from "./Cubic.sol";
import {FractionLayer, NonCanonical, WrongLength, ZeroChallenge} from "./Errors.sol";
import {Memory} from "./Memory.sol";
import {Transcript, TranscriptLib} from "./Transcript.sol";

/// @title The lookup argument: a GKR proof that the sum of all bus fractions is zero.
/// @dev A contract of its own because one contract's code can't hold the whole verifier.
/// @notice Every bus message is a leaf numerator / denominator; the layers reduce the claim
/// "the sum is 0 / root denominator" to one point of the leaves.
/// @dev Source: p3-multi-stark 0.8.0, fractional_gkr/verifier.rs.
contract FractionTree {
    uint256 private constant P = 0xffffffff00000001;
    uint256 private constant LANE = 0x1fffffffffffffffffffff;
    uint256 private constant MASK64 = 0xffffffffffffffff;
    uint256 private constant SIXTH = 0xd555555480000001;

    /// @dev p in every lane, as `Cubic.ZERO`.
    uint256 private constant ZERO = 0x3fffffffc0000000400001fffffffe0000000200000ffffffff00000001;

    /// @dev Lanes at bits 0 and 128; 2^64 - p there; where elements at or above p then carry to.
    uint256 private constant PAIR = 0xffffffffffffffff0000000000000000ffffffffffffffff;
    uint256 private constant EXCESS = 0x00ffffffff000000000000000000000000ffffffff;
    uint256 private constant CARRIES = 0x1000000000000000000000000000000010000000000000000;

    /// @notice Reads and checks all layers. The claim returned (point, numerator, denominator at the
    /// leaves) is not yet tied to the tables: the zerocheck does that.
    /// @param state Transcript state after the lookup's two challenges.
    /// @param seed Seed of the fraction tree.
    /// @param variables Log2 of the number of leaves.
    /// @param proof The lookup's part of the proof, exactly.
    /// @return newState Transcript state, with nothing pending.
    /// @return point The leaves' point, one reduced word per variable.
    /// @return numerator Numerator at the point, reduced.
    /// @return denominator Denominator at the point, reduced.
    function verify(bytes32 state, bytes calldata seed, uint256 variables, bytes calldata proof)
        external
        pure
        returns (bytes32 newState, uint256[] memory point, uint256 numerator, uint256 denominator)
    {
        unchecked {
            uint256 cursor;
            uint256 seedLength = seed.length;
            assembly ("memory-safe") {
                cursor := proof.offset
            }
            Transcript memory t = TranscriptLib.start(state, cursor, 0, seedLength + 96);
            uint256 pending = t.state + 32;
            assembly ("memory-safe") {
                calldatacopy(pending, seed.offset, seedLength)
            }
            t.pending = seedLength;
            point = new uint256[](variables);
            (numerator, denominator) = _layers(t, variables, point);
            if (t.cursor != cursor + proof.length) {
                revert WrongLength(proof.length, t.cursor - cursor);
            }
            newState = bytes32(Memory.get(t.state, 0));
        }
    }

    /// @dev All layers, from the root down.
    function _layers(Transcript memory t, uint256 variables, uint256[] memory point)
        private
        pure
        returns (uint256 numerator, uint256 denominator)
    {
        unchecked {
            denominator = t.element();
            if (denominator == 0) revert FractionLayer(0);
            uint256 here = Memory.allocate(variables + 1);
            uint256 next = Memory.allocate(variables + 1);
            for (uint256 layer = 0; layer < variables; ++layer) {
                (numerator, denominator) = _layer(t, layer, here, next, numerator, denominator);
                (here, next) = (next, here);
            }
            for (uint256 i = 0; i < variables; ++i) {
                point[i] = Memory.get(here, i);
            }
        }
    }

    /// @dev Sumcheck over the layer's pairs, then the random branch between the two children; the
    /// new point is the branch followed by the sumcheck's challenges.
    function _layer(
        Transcript memory t,
        uint256 layer,
        uint256 point,
        uint256 next,
        uint256 numerator,
        uint256 denominator
    ) private pure returns (uint256, uint256) {
        unchecked {
            uint256 lambda = t.challenge();
            uint256 claim = numerator + Cubic.mul(lambda, denominator);
            uint256 weight;
            (claim, weight) = _rounds(t, layer, point, next, Cubic.reduce(claim));
            return _children(t, layer, next, lambda, claim, weight);
        }
    }

    /// @dev Reads the two child fractions, checks them against the claim, draws the branch.
    function _children(
        Transcript memory t,
        uint256 layer,
        uint256 next,
        uint256 lambda,
        uint256 claim,
        uint256 weight
    ) private pure returns (uint256, uint256) {
        unchecked {
            uint256 cursor = t.absorbProof(96);
            uint256 n0 = TranscriptLib.read(cursor);
            uint256 d0 = TranscriptLib.read(cursor + 24);
            uint256 n1 = TranscriptLib.read(cursor + 48);
            uint256 d1 = TranscriptLib.read(cursor + 72);
            uint256 sum = Cubic.mul(d1, n0) + Cubic.mul(d0, n1);
            sum += Cubic.mul(lambda, Cubic.mul(d0, d1));
            if (!Cubic.equal(claim, Cubic.mul(weight, sum))) revert FractionLayer(layer);
            uint256 branch = t.nonzeroChallenge();
            Memory.set(next, 0, branch);
            uint256 numerator = Cubic.reduce(n0 + Cubic.mul(branch, Cubic.sub(n1, n0)));
            uint256 denominator = Cubic.reduce(d0 + Cubic.mul(branch, Cubic.sub(d1, d0)));
            return (numerator, denominator);
        }
    }

    /// @dev The layer's sumcheck. Each round reads y0, y2, y3, the values of a cubic at 0, 2, 3, draws
    /// r and puts it into `next`; y1 = claim - y0. The new claim is the cubic at r in Newton's form,
    /// y0 + r (D1 + (r-1)/6 (3 D2 + (r-2) D3)), and the weight collects eq(point, r). Nothing is
    /// pending when a round starts. Equivalent to `element`, `nonzeroChallenge` and `Cubic`.
    function _rounds(Transcript memory t, uint256 count, uint256 point, uint256 next, uint256 claim)
        private
        pure
        returns (uint256, uint256 weight)
    {
        uint256 state = t.state;
        uint256 cursor = t.cursor;
        uint256 sums = 0;
        bool zero = false;
        assembly ("memory-safe") {
            function product(a, b) -> c {
                let a0 := and(a, LANE)
                let a1 := and(shr(85, a), LANE)
                let a2 := shr(170, a)
                let b0 := and(b, LANE)
                let b1 := and(shr(85, b), LANE)
                let b2 := shr(170, b)
                let u := add(mul(a1, b2), mul(a2, b1))
                let v := mul(a2, b2)
                c := mod(add(mul(a0, b0), u), P)
                u := add(u, v)
                c := or(c, shl(85, mod(add(add(mul(a0, b1), mul(a1, b0)), u), P)))
                v := add(v, mul(a2, b0))
                c := or(c, shl(170, mod(add(add(mul(a0, b2), mul(a1, b1)), v), P)))
            }
            // The element at calldata `from`, and what tells that a lane is at or above p.
            function element(from) -> value, sum {
                let word := shr(64, calldataload(from))
                let outer := and(word, PAIR)
                let inner := and(shr(64, word), MASK64)
                sum := or(add(outer, EXCESS), add(inner, 0xffffffff))
                value := or(shr(128, outer), or(shl(85, inner), shl(170, and(outer, MASK64))))
            }
            weight := 1
            for { let end := add(next, shl(5, count)) } lt(next, end) {} {
                calldatacopy(add(state, 32), cursor, 72)
                let r := keccak256(state, 104)
                mstore(state, r)
                let low := or(mod(and(r, LANE), P), shl(85, mod(and(shr(85, r), LANE), P)))
                r := or(low, shl(170, mod(and(shr(170, r), LANE), P)))
                zero := or(zero, iszero(r))
                next := add(next, 32)
                mstore(next, r)

                let y0, sum := element(cursor)
                let y2, sum2 := element(add(cursor, 24))
                sums := or(sums, or(sum, sum2))
                let y3
                y3, sum := element(add(cursor, 48))
                sums := or(sums, sum)
                cursor := add(cursor, 72)

                // claim below p and y0 below p in every lane: y1 below 2p, so the differences,
                // lifted by 4p, 7p and 4p, stay positive and below 2^68.
                let y1 := sub(add(claim, ZERO), y0)
                let d3 := sub(add(add(y3, mul(3, y1)), mul(4, ZERO)), add(mul(3, y2), y0))
                let d2 := sub(add(add(y2, y0), mul(4, ZERO)), add(y1, y1))
                let d1 := sub(add(y1, ZERO), y0)
                // (r - 1) / 6, then all by Horner.
                let f := add(r, sub(P, 1))
                f := product(f, SIXTH)
                d2 := add(mul(3, d2), product(add(r, sub(P, 2)), d3))
                d1 := add(d1, product(f, d2))
                claim := add(y0, product(r, d1))
                // Lanes are below 2p: one subtraction at most would reduce them; mod does.
                low := or(mod(and(claim, LANE), P), shl(85, mod(and(shr(85, claim), LANE), P)))
                claim := or(low, shl(170, mod(shr(170, claim), P)))

                let q := mload(point)
                point := add(point, 32)
                let both := product(q, r)
                q := sub(add(add(1, mul(2, ZERO)), add(both, both)), add(q, r))
                weight := product(weight, q)
            }
        }
        t.cursor = cursor;
        if (sums & CARRIES != 0) revert NonCanonical();
        if (zero) revert ZeroChallenge();
        return (claim, weight);
    }
}
