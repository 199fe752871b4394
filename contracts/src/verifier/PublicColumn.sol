// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Cubic} from "./Cubic.sol";
import {NonCanonical} from "./Errors.sol";
import {Memory} from "./Memory.sol";
import {Multilinear} from "./Multilinear.sol";
import {Rows} from "./Rows.sol";

/// @title The public column: public values, then zeros, at the zerocheck's point.
library PublicColumn {
    uint256 private constant P = 0xffffffff00000001;

    /// @notice The column's multilinear extension at `point` (2^`rows` rows), reduced. The rows form
    /// a rectangle: one inner product per line of 2^low values, then a sum over the lines.
    function evaluate(bytes calldata values, uint256 point, uint256 rows)
        internal
        pure
        returns (uint256)
    {
        unchecked {
            uint256 count = values.length / 8;
            if (count == 0) return 0;
            uint256 low = (rows + 1) / 2 + 1;
            if (low > rows) low = rows;
            uint256 table = Memory.allocate(1 << low);
            Multilinear.table(point + 32 * (rows - low), low, table);
            uint256 weights = Rows.prepareBase(table, 1 << low);
            uint256 lines = (count + (1 << low) - 1) >> low;
            uint256 sums = Memory.allocate(lines);
            uint256 cursor;
            assembly ("memory-safe") {
                cursor := values.offset
            }
            for (uint256 i = 0; i < lines; ++i) {
                uint256 length = count < (1 << low) ? count : 1 << low;
                Memory.set(sums, i, _line(cursor, length, weights, table));
                cursor += 8 << low;
                count -= length;
            }
            uint256 last = point + 32 * (rows - low) - 32;
            return Multilinear.slots(sums, 0, lines, last, type(uint256).max - 31, rows - low);
        }
    }

    /// @dev A line's inner product; its last one to three values may not fill a word.
    function _line(uint256 cursor, uint256 length, uint256 weights, uint256 table)
        private
        pure
        returns (uint256 sum)
    {
        unchecked {
            uint256 whole = length & ~uint256(3);
            sum = Rows.inner(cursor, whole, weights);
            for (uint256 i = whole; i < length; ++i) {
                uint256 value;
                assembly ("memory-safe") {
                    value := shr(192, calldataload(add(cursor, shl(3, i))))
                }
                if (value >= P) revert NonCanonical();
                sum += Cubic.scale(Memory.get(table, i), value);
            }
            sum = Cubic.reduce(sum);
        }
    }
}
