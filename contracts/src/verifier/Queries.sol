// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Cubic} from "./Cubic.sol";
import {MerkleRoot} from "./Errors.sol";
import {Memory} from "./Memory.sol";
import {MerkleOpening} from "./MerkleOpening.sol";
import {Multilinear} from "./Multilinear.sol";
import {Rows} from "./Rows.sol";
import {ShapeData} from "./ShapeData.sol";
import {Transcript} from "./Transcript.sol";

/// @dev The distinct rows opened from one oracle. Entry i is three words at `entries + 96 i`: the
/// domain point of its row (a base element), the sum of the batching powers of all draws that hit
/// it, and its row folded with the last challenges.
struct Opened {
    uint256 entries;
    uint256 count;
}

/// @title Queries to one oracle: draws, rows, Merkle paths.
library Queries {
    uint256 private constant P = 0xffffffff00000001;

    /// @dev Generator of the subgroup of order 2^32.
    uint256 private constant ROOT_OF_UNITY = 0x185629dcda58878c;

    /// @notice Draws the indices of the query described by `record`: sorted, as index << 16 | draw.
    function draw(Transcript memory t, uint256 record) internal pure returns (uint256 keys) {
        unchecked {
            uint256 count = ShapeData.field(record, ShapeData.QUERY_COUNT);
            keys = Memory.allocate(count);
            t.drawIndices(
                ShapeData.field(record, ShapeData.QUERY_POW),
                count,
                ShapeData.field(record, ShapeData.QUERY_LOG_LEAVES),
                keys
            );
            _sort(keys, count, ShapeData.field(record, ShapeData.QUERY_LOG_LEAVES));
        }
    }

    /// @dev Sorts `count` drawn keys. They are uniform, so each is put near its place in a table
    /// twice as long, moving the few larger ones behind it; zero is a free place.
    function _sort(uint256 keys, uint256 count, uint256 bits) private pure {
        unchecked {
            // No run of taken places passes the end: `count` places more are kept free.
            uint256 places = Memory.allocate(3 * count);
            assembly ("memory-safe") {
                calldatacopy(places, calldatasize(), mul(96, count))
                let scale := shl(1, count)
                let shift := add(bits, 16)
                for { let end := add(keys, shl(5, count)) } lt(keys, end) { keys := add(keys, 32) }
                {
                    let key := add(mload(keys), 1)
                    let at := add(places, shl(5, shr(shift, mul(key, scale))))
                    for {} 1 {} {
                        let other := mload(at)
                        if iszero(other) { break }
                        if gt(other, key) {
                            mstore(at, key)
                            key := other
                        }
                        at := add(at, 32)
                    }
                    mstore(at, key)
                }
                keys := sub(keys, shl(5, count))
                for { let left := count } left { places := add(places, 32) } {
                    let key := mload(places)
                    if key {
                        mstore(keys, sub(key, 1))
                        keys := add(keys, 32)
                        left := sub(left, 1)
                    }
                }
            }
        }
    }

    /// @notice Reads each distinct row of the drawn indices, folds it with the `fold` challenges
    /// (2^fold elements a row) and checks all rows against `root`. `powers` are the batching powers
    /// by draw, or 0 for none.
    function open(
        Transcript memory t,
        uint256 record,
        uint256 oracle,
        uint256 root,
        uint256 challenges,
        uint256 keys,
        uint256 powers
    ) internal pure returns (Opened memory opened) {
        unchecked {
            uint256 count = ShapeData.field(record, ShapeData.QUERY_COUNT);
            opened.entries = Memory.allocate(3 * count);
            uint256 nodes = Memory.allocate(2 * count);
            uint256 weights = _weights(record, oracle == 0, challenges);
            uint256 windows = _windows(ShapeData.field(record, ShapeData.QUERY_LOG_LEAVES));
            uint256 entry = opened.entries;
            uint256 node = nodes;
            for (uint256 i = 0; i < count; node += 64) {
                uint256 index = Memory.get(keys, i) >> 16;
                uint256 power = 0;
                for (; i < count && Memory.get(keys, i) >> 16 == index; ++i) {
                    if (powers != 0) power += Memory.get(powers, Memory.get(keys, i) & 0xffff);
                }
                Memory.set(entry, 0, _domainPoint(windows, index));
                Memory.set(entry, 1, Cubic.reduce(power));
                Memory.set(node, 0, index);
                _row(t, record, oracle == 0, weights, entry + 64, node + 32);
                entry += 96;
            }
            opened.count = (node - nodes) >> 6;
            _checkRoot(t, record, oracle, root, nodes, opened.count);
        }
    }

    /// @dev Folds the next row into `value` and hashes it into `digest`.
    function _row(
        Transcript memory t,
        uint256 record,
        bool isBase,
        uint256 weights,
        uint256 value,
        uint256 digest
    ) private pure {
        unchecked {
            uint256 elements = 1 << ShapeData.field(record, ShapeData.QUERY_LOG_ROW);
            uint256 cursor = t.cursor;
            uint256 length = (isBase ? 8 : 24) * elements;
            t.cursor = cursor + length;
            uint256 folded = Rows.inner(cursor, length / 8, weights);
            assembly ("memory-safe") {
                let scratch := mload(0x40)
                calldatacopy(scratch, cursor, length)
                mstore(digest, keccak256(scratch, length))
                mstore(value, folded)
            }
        }
    }

    /// @dev Reads the siblings and compares the root, whose bytes are at the top of the word.
    function _checkRoot(
        Transcript memory t,
        uint256 record,
        uint256 oracle,
        uint256 root,
        uint256 nodes,
        uint256 count
    ) private pure {
        unchecked {
            uint256 levels = ShapeData.field(record, ShapeData.QUERY_LOG_LEAVES);
            uint256 cut = 256 - 8 * t.digestBytes;
            uint256 digest;
            (digest, t.cursor) = MerkleOpening.root(nodes, count, levels, t.cursor, t.digestBytes);
            if (digest >> cut != root >> cut) revert MerkleRoot(oracle);
        }
    }

    /// @dev eq weights of the challenges, prepared for the kind of rows.
    function _weights(uint256 record, bool isBase, uint256 challenges)
        private
        pure
        returns (uint256)
    {
        unchecked {
            uint256 variables = ShapeData.field(record, ShapeData.QUERY_LOG_ROW);
            uint256 table = Memory.allocate(1 << variables);
            Multilinear.table(challenges, variables, table);
            return isBase
                ? Rows.prepareBase(table, 1 << variables)
                : Rows.prepareExtension(table, 1 << variables);
        }
    }

    /// @dev Powers g^(d 16^w) at word 16 w + d, for the generator g of the domain of 2^levels
    /// points: an index's point is then one product per 4 bits.
    function _windows(uint256 levels) private pure returns (uint256 windows) {
        windows = Memory.allocate(16 * ((levels + 3) / 4));
        assembly ("memory-safe") {
            let g := ROOT_OF_UNITY
            for { let i := levels } lt(i, 32) { i := add(i, 1) } { g := mulmod(g, g, P) }
            let at := windows
            for { let bits := 0 } lt(bits, levels) { bits := add(bits, 4) } {
                let power := 1
                for { let d := 0 } lt(d, 16) { d := add(d, 1) } {
                    mstore(at, power)
                    power := mulmod(power, g, P)
                    at := add(at, 32)
                }
                g := power
            }
        }
    }

    /// @dev g^index.
    function _domainPoint(uint256 windows, uint256 index) private pure returns (uint256 point) {
        assembly ("memory-safe") {
            point := 1
            for {} index { index := shr(4, index) } {
                point := mulmod(point, mload(add(windows, shl(5, and(index, 15)))), P)
                windows := add(windows, 512)
            }
        }
    }
}
