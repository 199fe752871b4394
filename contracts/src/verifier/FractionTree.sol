// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Cubic} from "./Cubic.sol";
import {FractionLayer, WrongLength} from "./Errors.sol";
import {Memory} from "./Memory.sol";
import {Transcript, TranscriptLib} from "./Transcript.sol";

/// @title The lookup argument: a GKR proof that the sum of all bus fractions is zero.
/// @dev A contract of its own because one contract's code can't hold the whole verifier.
/// @notice Every bus message is a leaf numerator / denominator; the layers reduce the claim
/// "the sum is 0 / root denominator" to one point of the leaves.
/// @dev Source: p3-multi-stark 0.8.0, fractional_gkr/verifier.rs.
contract FractionTree {
    uint256 private constant SIXTH = 0xd555555480000001;

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
            uint256 weight = 1;
            for (uint256 j = 0; j < layer; ++j) {
                uint256 cursor = t.absorbProof(72);
                uint256 r = t.nonzeroChallenge();
                claim = _cubicAt(claim, cursor, r);
                weight = Cubic.mul(weight, Cubic.eq(Memory.get(point, j), r));
                Memory.set(next, j + 1, r);
            }
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

    /// @dev Value at r of the cubic with the values y0, y2, y3 of the proof at 0, 2, 3 and
    /// `claim` - y0 at 1, in Newton's form: y0 + r (D1 + (r-1)/6 (3 D2 + (r-2) D3)). Reduced
    /// up to one addition of p.
    function _cubicAt(uint256 claim, uint256 cursor, uint256 r) private pure returns (uint256) {
        unchecked {
            uint256 y0 = TranscriptLib.read(cursor);
            uint256 y1 = Cubic.reduce(Cubic.sub(claim, y0));
            uint256 y2 = TranscriptLib.read(cursor + 24);
            uint256 a1 = Cubic.sub(y1, y0);
            uint256 b1 = Cubic.sub(y2, y1);
            uint256 c1 = Cubic.sub(TranscriptLib.read(cursor + 48), y2);
            // First differences are below 2p, second below 4p.
            uint256 a2 = b1 + 2 * Cubic.ZERO - a1;
            uint256 b2 = c1 + 2 * Cubic.ZERO - b1;
            uint256 a3 = b2 + 4 * Cubic.ZERO - a2;
            uint256 sum = 3 * a2 + Cubic.mul(r + Cubic.P - 2, a3);
            sum = a1 + Cubic.mul(Cubic.scale(r + Cubic.P - 1, SIXTH), sum);
            return y0 + Cubic.mul(r, sum);
        }
    }
}
