// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Cubic} from "./Cubic.sol";
import {Memory} from "./Memory.sol";

/// @title Multilinear polynomials: equality weights, successor weights, sparse sums.
/// @dev A point is an array of reduced words; coordinate 0 belongs to the most significant bit.
library Multilinear {
    /// @notice eq(a, b) over `length` coordinates, reduced.
    function eq(uint256 a, uint256 b, uint256 length) internal pure returns (uint256 product) {
        unchecked {
            product = 1;
            for (uint256 i = 0; i < length; ++i) {
                product = Cubic.mul(product, Cubic.eq(Memory.get(a, i), Memory.get(b, i)));
            }
        }
    }

    /// @notice The weight of row y in "value at the successor of the random point p": the
    /// multilinear extension of [y = x + 1], with the last row its own successor. Reduced.
    /// @dev Walks from the least significant coordinate; `carry` is "all bits so far flip 1 to 0",
    /// `done` "the flip 0 to 1 has happened", `ones` "all bits so far are 1 on both sides".
    function successor(uint256 p, uint256 y, uint256 length) internal pure returns (uint256) {
        unchecked {
            uint256 carry = 1;
            uint256 ones = 1;
            uint256 done = 0;
            for (uint256 i = length; i-- > 0;) {
                uint256 a = Memory.get(p, i);
                uint256 b = Memory.get(y, i);
                uint256 both = Cubic.mul(a, b);
                uint256 flip = Cubic.mul(carry, Cubic.sub(b, both));
                done = flip + Cubic.mul(done, 1 + 2 * Cubic.ZERO - a - b + 2 * both);
                carry = Cubic.mul(carry, Cubic.sub(a, both));
                ones = Cubic.mul(ones, both);
            }
            return Cubic.reduce(done + ones);
        }
    }

    /// @notice eq((z^(2^(m-1)), .., z^2, z), y) over m coordinates, reduced: the weight of an
    /// out-of-domain point.
    function eqPowers(uint256 z, uint256 y, uint256 m) internal pure returns (uint256 product) {
        unchecked {
            product = 1;
            for (uint256 i = m; i-- > 0;) {
                product = Cubic.mul(product, Cubic.eq(z, Memory.get(y, i)));
                if (i > 0) z = Cubic.mul(z, z);
            }
        }
    }

    /// @notice Sum over i of values[i] * eq(bits of (first + i), coordinates): values at `count`
    /// consecutive slots among 2^bits. `coordinate` points to the coordinate of the least
    /// significant bit, `step` leads to the next one. Overwrites `values` (reduced words); the
    /// result is reduced.
    function slots(
        uint256 values,
        uint256 first,
        uint256 count,
        uint256 coordinate,
        uint256 step,
        uint256 bits
    ) internal pure returns (uint256) {
        unchecked {
            for (; bits > 0; --bits) {
                uint256 last = first + count - 1;
                uint256 r = Memory.get(coordinate, 0);
                uint256 newFirst = first >> 1;
                uint256 newCount = (last >> 1) - newFirst + 1;
                for (uint256 i = 0; i < newCount; ++i) {
                    uint256 slot = (newFirst + i) << 1;
                    uint256 low = slot < first ? 0 : Memory.get(values, slot - first);
                    uint256 high = slot < last ? Memory.get(values, slot + 1 - first) : 0;
                    uint256 sum = low + Cubic.mul(r, Cubic.sub(high, low));
                    Memory.set(values, i, Cubic.reduce(sum));
                }
                first = newFirst;
                count = newCount;
                coordinate += step;
            }
            return Memory.get(values, 0);
        }
    }

    /// @notice The 2^length values eq(bits of i, point) into `table`, reduced, i ascending.
    function table(uint256 point, uint256 length, uint256 out) internal pure {
        unchecked {
            Memory.set(out, 0, 1);
            for (uint256 j = 0; j < length; ++j) {
                uint256 r = Memory.get(point, j);
                for (uint256 i = 1 << j; i-- > 0;) {
                    uint256 value = Memory.get(out, i);
                    uint256 high = Cubic.mul(value, r);
                    Memory.set(out, 2 * i + 1, high);
                    Memory.set(out, 2 * i, Cubic.reduce(Cubic.sub(value, high)));
                }
            }
        }
    }
}
