// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Cubic} from "./Cubic.sol";
import {Memory} from "./Memory.sol";
import {Transcript, TranscriptLib} from "./Transcript.sol";

/// @title The sumcheck over all rows of all tables.
/// @dev Source: p3-sumcheck 0.8.0, generic_degree/proof.rs.
library Zerocheck {
    /// @notice Reads `rounds` round polynomials of `degree` values each and folds the claim; the
    /// challenges go to `point`. Takes and returns reduced words.
    function sumcheck(
        Transcript memory t,
        uint256 claim,
        uint256 rounds,
        uint256 degree,
        uint256 inverseFactorials,
        uint256 point
    ) internal pure returns (uint256) {
        unchecked {
            uint256 values = Memory.allocate(degree + 1);
            for (uint256 round = 0; round < rounds; ++round) {
                uint256 cursor = t.absorbProof(24 * degree);
                uint256 y0 = TranscriptLib.read(cursor);
                Memory.set(values, 0, y0);
                Memory.set(values, 1, Cubic.reduce(Cubic.sub(claim, y0)));
                for (uint256 i = 2; i <= degree; ++i) {
                    Memory.set(values, i, TranscriptLib.read(cursor + 24 * (i - 1)));
                }
                uint256 r = t.challenge();
                Memory.set(point, round, r);
                claim = _newton(values, degree, inverseFactorials, r);
            }
            return claim;
        }
    }

    /// @dev Value at r of the polynomial with the given values at 0 .. degree: forward differences
    /// in place, then Newton's form by Horner. The k-th differences stay below 2^k p; degree is at
    /// most 16, so no lane passes 2^85.
    function _newton(uint256 values, uint256 degree, uint256 inverseFactorials, uint256 r)
        private
        pure
        returns (uint256 sum)
    {
        unchecked {
            uint256 lift = Cubic.ZERO;
            for (uint256 k = 1; k <= degree; ++k) {
                for (uint256 i = degree; i >= k; --i) {
                    uint256 difference = Memory.get(values, i) + lift - Memory.get(values, i - 1);
                    Memory.set(values, i, difference);
                }
                lift <<= 1;
            }
            for (uint256 k = degree + 1; k-- > 0;) {
                uint256 inverse = Memory.get(inverseFactorials + 8 * k, 0) >> 192;
                uint256 term = Cubic.scale(Memory.get(values, k), inverse);
                sum = term + Cubic.mul(r + Cubic.P - k, sum);
            }
            sum = Cubic.reduce(sum);
        }
    }
}
