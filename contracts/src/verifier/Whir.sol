// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Cubic} from "./Cubic.sol";
import {FinalIdentity, FinalQuery} from "./Errors.sol";
import {Memory} from "./Memory.sol";
import {Multilinear} from "./Multilinear.sol";
import {Opened, Queries} from "./Queries.sol";
import {ShapeData} from "./ShapeData.sol";
import {Transcript, TranscriptLib} from "./Transcript.sol";

/// @dev What the commitment's rounds carry along.
struct WhirState {
    uint256 shape;
    /// All sumcheck challenges so far.
    uint256 point;
    uint256 drawn;
    /// The batched claim.
    uint256 sigma;
    /// Root of the oracle that is queried next, and its number.
    uint256 root;
    uint256 oracle;
    /// Claims of the rounds, for the end: see `RoundClaims`.
    RoundClaims[] rounds;
    /// The final polynomial's values.
    uint256 finalPoly;
}

/// @dev The claims that a committed round adds, over its last `variables` coordinates: out-of-domain
/// points with their batching powers at `oods` (two words each), and opened rows.
struct RoundClaims {
    uint256 variables;
    uint256 oods;
    uint256 oodCount;
    Opened opened;
}

/// @title The polynomial commitment's opening proof.
/// @dev Source: p3-whir 0.8.0, pcs/verifier/mod.rs.
library Whir {
    uint256 private constant P = 0xffffffff00000001;
    uint256 private constant LANE = 0x1fffffffffffffffffffff;

    /// @notice Runs all rounds from the batched claim `sigma` on `root`; what remains is the
    /// comparison in `finish`.
    function rounds(Transcript memory t, uint256 shape, uint256 sigma, uint256 root)
        internal
        pure
        returns (WhirState memory w)
    {
        unchecked {
            w.shape = shape;
            w.point = Memory.allocate(ShapeData.get(shape, ShapeData.VARIABLES));
            w.sigma = sigma;
            w.root = root;
            uint256 count = ShapeData.get(shape, ShapeData.ROUNDS);
            w.rounds = new RoundClaims[](count);
            _fold(t, w, 0, ShapeData.get(shape, ShapeData.INITIAL_FOLD));
            uint256 record = ShapeData.locate(shape, ShapeData.ROUND_RECORDS);
            for (uint256 i = 0; i < count; ++i) {
                _round(t, w, record, i);
                record += ShapeData.ROUND_RECORD_BYTES;
            }
            _finalPoly(t, w);
            _fold(t, w, count + 1, ShapeData.get(shape, ShapeData.FINAL_FOLD));
        }
    }

    /// @notice Checks the batched claim: `weight` is the first group's weight (columns and first
    /// out-of-domain claims) at the point.
    function finish(WhirState memory w, uint256 weight) internal pure {
        unchecked {
            uint256 variables = ShapeData.get(w.shape, ShapeData.VARIABLES);
            uint256 pairs = _pairs(w.point, variables);
            for (uint256 i = 0; i < w.rounds.length; ++i) {
                weight += _groupWeight(w, w.rounds[i], pairs, variables);
            }
            uint256 fold = ShapeData.get(w.shape, ShapeData.FINAL_FOLD);
            uint256 poly = w.finalPoly;
            uint256 point = w.point + 32 * (variables - fold);
            uint256 size = 1 << fold;
            for (uint256 j = 0; j < fold; ++j) {
                size >>= 1;
                uint256 r = Memory.get(point, j);
                for (uint256 i = 0; i < size; ++i) {
                    uint256 low = Memory.get(poly, i);
                    uint256 slope = Cubic.sub(Memory.get(poly, i + size), low);
                    Memory.set(poly, i, Cubic.reduce(low + Cubic.mul(r, slope)));
                }
            }
            uint256 expected = Cubic.mul(Cubic.reduce(weight), Memory.get(poly, 0));
            if (!Cubic.equal(w.sigma, expected)) revert FinalIdentity();
        }
    }

    /// @dev A run of quadratic sumcheck rounds: [h(0), leading coefficient] each.
    function _fold(Transcript memory t, WhirState memory w, uint256 seed, uint256 count)
        private
        pure
    {
        unchecked {
            if (count == 0) return;
            uint256 seeds = ShapeData.locate(w.shape, ShapeData.FOLD_SEEDS) + 8 * seed;
            t.absorb(w.shape + ShapeData.field(seeds, 0), ShapeData.field(seeds, 1));
            uint256 sigma = w.sigma;
            for (uint256 i = 0; i < count; ++i) {
                uint256 cursor = t.absorbProof(48);
                uint256 r = t.challenge();
                uint256 low = TranscriptLib.read(cursor);
                uint256 lead = TranscriptLib.read(cursor + 24);
                // h(r) = h0 + r (h1 - h0 + lead (r - 1)), h1 = sigma - h0.
                uint256 slope = sigma + 2 * (Cubic.ZERO - low) + Cubic.mul(lead, r + P - 1);
                sigma = Cubic.reduce(low + Cubic.mul(r, slope));
                Memory.set(w.point, w.drawn + i, r);
            }
            w.drawn += count;
            w.sigma = sigma;
        }
    }

    /// @dev One committed round: root, out-of-domain answers, queries to the previous oracle, fold.
    function _round(Transcript memory t, WhirState memory w, uint256 record, uint256 i)
        private
        pure
    {
        unchecked {
            uint256 root = t.root();
            RoundClaims memory claims = w.rounds[i];
            claims.variables = ShapeData.field(record, ShapeData.ROUND_VARIABLES);
            uint256 oods = ShapeData.field(record, ShapeData.ROUND_OODS);
            claims.oodCount = oods;
            claims.oods = Memory.allocate(2 * oods);
            for (uint256 j = 0; j < oods; ++j) {
                Memory.set(claims.oods, 2 * j, t.challenge());
                Memory.set(claims.oods, 2 * j + 1, t.element());
            }
            uint256 keys = Queries.draw(t, record);
            uint256 powers = _batch(t, w, claims, ShapeData.field(record, ShapeData.QUERY_COUNT));
            uint256 variables = ShapeData.field(record, ShapeData.QUERY_LOG_ROW);
            uint256 challenges = w.point + 32 * (w.drawn - variables);
            claims.opened = Queries.open(t, record, i, w.root, challenges, keys, powers);
            _addRows(w, claims.opened);
            w.root = root;
            _fold(t, w, i + 1, ShapeData.field(record, ShapeData.ROUND_FOLD));
        }
    }

    /// @dev Draws the batching challenge gamma; adds the out-of-domain claims with gamma^1.. and
    /// puts their powers in place of the answers; returns the powers for the draws.
    function _batch(
        Transcript memory t,
        WhirState memory w,
        RoundClaims memory claims,
        uint256 count
    ) private pure returns (uint256 powers) {
        unchecked {
            uint256 gamma = t.challenge();
            uint256 power = gamma;
            uint256 sigma = w.sigma;
            for (uint256 j = 0; j < claims.oodCount; ++j) {
                sigma += Cubic.mul(power, Memory.get(claims.oods, 2 * j + 1));
                Memory.set(claims.oods, 2 * j + 1, power);
                power = Cubic.mul(power, gamma);
            }
            powers = Memory.allocate(count);
            for (uint256 q = 0; q < count; ++q) {
                Memory.set(powers, q, power);
                power = Cubic.mul(power, gamma);
            }
            w.sigma = Cubic.reduce(sigma);
        }
    }

    function _addRows(WhirState memory w, Opened memory opened) private pure {
        unchecked {
            uint256 sigma = w.sigma;
            uint256 entry = opened.entries;
            for (uint256 i = 0; i < opened.count; ++i) {
                sigma += Cubic.mul(Memory.get(entry, 1), Memory.get(entry, 2));
                entry += 96;
            }
            w.sigma = Cubic.reduce(sigma);
        }
    }

    /// @dev Reads the final polynomial and checks that at each queried point, its values taken as
    /// coefficients, it gives the folded row.
    function _finalPoly(Transcript memory t, WhirState memory w) private pure {
        unchecked {
            uint256 size = 1 << ShapeData.get(w.shape, ShapeData.FINAL_FOLD);
            uint256 cursor = t.absorbProof(24 * size);
            w.finalPoly = Memory.allocate(size);
            for (uint256 i = 0; i < size; ++i) {
                Memory.set(w.finalPoly, i, TranscriptLib.read(cursor + 24 * i));
            }
            uint256 record = ShapeData.locate(w.shape, ShapeData.FINAL_QUERY);
            uint256 keys = Queries.draw(t, record);
            uint256 variables = ShapeData.field(record, ShapeData.QUERY_LOG_ROW);
            uint256 challenges = w.point + 32 * (w.drawn - variables);
            uint256 oracle = w.rounds.length;
            Opened memory opened = Queries.open(t, record, oracle, w.root, challenges, keys, 0);
            uint256 coefficients = _split(w.finalPoly, size);
            uint256 entry = opened.entries;
            for (uint256 i = 0; i < opened.count; ++i) {
                uint256 value = _horner(coefficients, size, Memory.get(entry, 0));
                if (value != Memory.get(entry, 2)) revert FinalQuery();
                entry += 96;
            }
        }
    }

    /// @dev The lanes of `count` reduced words, three words each.
    function _split(uint256 words, uint256 count) private pure returns (uint256 lanes) {
        lanes = Memory.allocate(3 * count);
        assembly ("memory-safe") {
            for { let i := 0 } lt(i, count) { i := add(i, 1) } {
                let w := mload(add(words, shl(5, i)))
                let o := add(lanes, mul(96, i))
                mstore(o, and(w, LANE))
                mstore(add(o, 32), and(shr(85, w), LANE))
                mstore(add(o, 64), shr(170, w))
            }
        }
    }

    /// @dev Value at the base point x of the polynomial with split coefficients, reduced.
    function _horner(uint256 lanes, uint256 count, uint256 x) private pure returns (uint256 c) {
        assembly ("memory-safe") {
            let c0 := 0
            let c1 := 0
            let c2 := 0
            for { let at := add(lanes, mul(96, count)) } gt(at, lanes) {} {
                at := sub(at, 96)
                c0 := add(mulmod(c0, x, P), mload(at))
                c1 := add(mulmod(c1, x, P), mload(add(at, 32)))
                c2 := add(mulmod(c2, x, P), mload(add(at, 64)))
            }
            c := or(mod(c0, P), or(shl(85, mod(c1, P)), shl(170, mod(c2, P))))
        }
    }

    /// @dev Weight at the point of one round's claims.
    function _groupWeight(
        WhirState memory w,
        RoundClaims memory claims,
        uint256 pairs,
        uint256 variables
    ) private pure returns (uint256 weight) {
        unchecked {
            uint256 m = claims.variables;
            uint256 point = w.point + 32 * (variables - m);
            for (uint256 j = 0; j < claims.oodCount; ++j) {
                uint256 value = Multilinear.eqPowers(Memory.get(claims.oods, 2 * j), point, m);
                weight += Cubic.mul(Memory.get(claims.oods, 2 * j + 1), value);
            }
            uint256 odd = m % 2 == 1 ? _single(Memory.get(point, 0)) : 0;
            uint256 entry = claims.opened.entries;
            for (uint256 i = 0; i < claims.opened.count; ++i) {
                uint256 value = _selector(pairs, m / 2, odd, Memory.get(entry, 0));
                weight += Cubic.mul(Memory.get(entry, 1), value);
                entry += 96;
            }
            weight = Cubic.reduce(weight);
        }
    }

    /// @dev For the coordinates two by two from the end, r then q before it: the lanes of the
    /// coefficients of ((1 - r) + r y)((1 - q) + q y^2) in y, all reduced.
    function _pairs(uint256 point, uint256 count) private pure returns (uint256) {
        unchecked {
            uint256 out = Memory.allocate(4 * (count / 2));
            for (uint256 i = 0; i < count / 2; ++i) {
                uint256 r = Memory.get(point, count - 1 - 2 * i);
                uint256 q = Memory.get(point, count - 2 - 2 * i);
                uint256 both = Cubic.mul(r, q);
                // (1 - r)(1 - q), r (1 - q), (1 - r) q, r q.
                uint256 r1 = Cubic.reduce(Cubic.sub(r, both));
                uint256 none = Cubic.sub(Cubic.sub(1, r1), q);
                Memory.set(out, 4 * i, Cubic.reduce(none));
                Memory.set(out, 4 * i + 1, r1);
                Memory.set(out, 4 * i + 2, Cubic.reduce(Cubic.sub(q, both)));
                Memory.set(out, 4 * i + 3, both);
            }
            return _split(out, 4 * (count / 2));
        }
    }

    /// @dev The lanes of 1 - r and of r, reduced.
    function _single(uint256 r) private pure returns (uint256) {
        uint256 both = Memory.allocate(2);
        Memory.set(both, 0, Cubic.reduce(Cubic.sub(1, r)));
        Memory.set(both, 1, r);
        return _split(both, 2);
    }

    /// @dev Product over the coordinates r, last to first, of (1 - r) + r y with y = x, x^2, x^4, ..:
    /// the weight of the opened row at x. `count` pairs, then the single coordinate at `odd` if that
    /// is not 0. Factors stay unreduced below 2^131, the accumulator reduced, so no sum passes 2^198.
    function _selector(uint256 pairs, uint256 count, uint256 odd, uint256 y)
        private
        pure
        returns (uint256 c)
    {
        assembly ("memory-safe") {
            let a0 := 1
            let a1 := 0
            let a2 := 0
            for {} count { count := sub(count, 1) } {
                let b0 := add(mload(pairs), mul(y, mload(add(pairs, 96))))
                let b1 := add(mload(add(pairs, 32)), mul(y, mload(add(pairs, 128))))
                let b2 := add(mload(add(pairs, 64)), mul(y, mload(add(pairs, 160))))
                let z := mulmod(y, y, P)
                b0 := add(b0, mul(z, mload(add(pairs, 192))))
                b1 := add(b1, mul(z, mload(add(pairs, 224))))
                b2 := add(b2, mul(z, mload(add(pairs, 256))))
                y := mulmod(y, z, P)
                b0 := add(b0, mul(y, mload(add(pairs, 288))))
                b1 := add(b1, mul(y, mload(add(pairs, 320))))
                b2 := add(b2, mul(y, mload(add(pairs, 352))))
                y := mulmod(z, z, P)
                pairs := add(pairs, 384)
                z := add(mul(a1, b2), mul(a2, b1))
                let next := mod(add(mul(a0, b0), z), P)
                z := add(z, add(mul(a0, b1), mul(a1, b0)))
                b1 := add(add(mul(a0, b2), mul(a1, b1)), mul(a2, b0))
                b2 := mul(a2, b2)
                a0 := next
                a1 := mod(add(z, b2), P)
                a2 := mod(add(b1, b2), P)
            }
            c := or(a0, or(shl(85, a1), shl(170, a2)))
        }
        if (odd != 0) {
            uint256 factor;
            assembly ("memory-safe") {
                factor := mod(add(mload(odd), mul(y, mload(add(odd, 96)))), P)
                let b1 := mod(add(mload(add(odd, 32)), mul(y, mload(add(odd, 128)))), P)
                let b2 := mod(add(mload(add(odd, 64)), mul(y, mload(add(odd, 160)))), P)
                factor := or(factor, or(shl(85, b1), shl(170, b2)))
            }
            c = Cubic.mul(c, factor);
        }
    }
}
