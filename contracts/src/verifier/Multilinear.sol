// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Cubic} from "./Cubic.sol";
import {Memory} from "./Memory.sol";

/// @title Multilinear polynomials: equality weights, successor weights, sums over slots.
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

    /// @notice eq(p, y), and the weight of row y in "value at the successor of the random point p":
    /// the multilinear extension of [y = x + 1], with the last row its own successor. Reduced.
    /// @dev Walks from the least significant coordinate; `carry` is "all bits so far flip 1 to 0",
    /// `done` "the flip 0 to 1 has happened", `ones` "all bits so far are 1 on both sides".
    function eqAndSuccessor(uint256 p, uint256 y, uint256 length)
        internal
        pure
        returns (uint256 equal, uint256 next)
    {
        unchecked {
            equal = 1;
            uint256 carry = 1;
            uint256 ones = 1;
            uint256 done = 0;
            for (uint256 i = length; i-- > 0;) {
                uint256 a = Memory.get(p, i);
                uint256 b = Memory.get(y, i);
                uint256 both = Cubic.mul(a, b);
                uint256 same = 1 + 2 * Cubic.ZERO - a - b + 2 * both;
                uint256 flip = Cubic.mul(carry, Cubic.sub(b, both));
                done = flip + Cubic.mul(done, same);
                carry = Cubic.mul(carry, Cubic.sub(a, both));
                ones = Cubic.mul(ones, both);
                equal = Cubic.mul(equal, same);
            }
            next = Cubic.reduce(done + ones);
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
                    Memory.set(values, i, between(low, high, r));
                }
                first = newFirst;
                count = newCount;
                coordinate += step;
            }
            return Memory.get(values, 0);
        }
    }

    /// @notice Sum over i below `count` of a^i * eq(bits of (first + i), coordinates), for `squares`
    /// = a, a^2, a^4, .. (as many as `count` has bits): powers at consecutive slots among 2^bits.
    /// `coordinate` points to the coordinate of the least significant bit; the next ones lie behind.
    /// The result is reduced.
    /// @dev Walks up from single slots. Only the leftmost and the rightmost node of a level can be
    /// covered in part; every other one is a power times `full`, the value of a covered node whose
    /// first slot has power 1. `left` is the leftmost node's value, `right` the rightmost one's
    /// relative to its first slot, `power` that of the slot behind the leftmost node.
    /// Slots on both sides of a large boundary meet above the last square. What is read behind it then
    /// changes `full`, `right` and `power` only where they are not used any more: two nodes are left,
    /// and the one step that needs `right`, their meeting, comes before `right` takes it in.
    function geometric(
        uint256 squares,
        uint256 first,
        uint256 count,
        uint256 coordinate,
        uint256 bits
    ) internal pure returns (uint256 left) {
        unchecked {
            left = 1;
            uint256 end = coordinate + 32 * bits;
            uint256 last = first + count - 1;
            uint256 right = 1;
            uint256 full = 1;
            uint256 power = Memory.get(squares, 0);
            for (; first != last; coordinate += 32) {
                uint256 r = Memory.get(coordinate, 0);
                if (first & 1 == 1) {
                    left = Cubic.mul(r, left);
                } else {
                    uint256 sibling = Cubic.mul(power, first + 1 == last ? right : full);
                    left = between(left, sibling, r);
                }
                uint256 square = Memory.get(squares, 0);
                if (last & 1 == 0) {
                    right = between(right, 0, r);
                } else {
                    right = between(full, Cubic.mul(square, right), r);
                }
                full = between(full, Cubic.mul(square, full), r);
                if (first & 1 == 0) power = Cubic.mul(power, square);
                squares += 32;
                first >>= 1;
                last >>= 1;
            }
            for (; coordinate < end; coordinate += 32) {
                uint256 r = Memory.get(coordinate, 0);
                left = Cubic.mul(left, first & 1 == 1 ? r : Cubic.sub(1, r));
                first >>= 1;
            }
        }
    }

    /// @notice (1 - r) low + r high, reduced. Takes reduced words.
    function between(uint256 low, uint256 high, uint256 r) internal pure returns (uint256) {
        unchecked {
            return Cubic.reduce(low + Cubic.mul(r, Cubic.sub(high, low)));
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
