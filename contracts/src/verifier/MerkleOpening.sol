// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Pruned openings of a binary Keccak tree.
library MerkleOpening {
    /// @notice Root over the given leaves and the siblings in the proof; returns the calldata offset
    /// behind the siblings too.
    /// @dev `nodes` holds (index, digest) pairs of distinct indices in ascending order and is
    /// overwritten. Level by level, parents in ascending order, a node meets its sibling among the
    /// nodes or takes the next one of the proof. Only the first `digestBytes` bytes of a digest
    /// count: what follows them in a word is overwritten or not hashed.
    function root(uint256 nodes, uint256 count, uint256 levels, uint256 cursor, uint256 digestBytes)
        internal
        pure
        returns (uint256 digest, uint256 behind)
    {
        assembly ("memory-safe") {
            let end := add(nodes, shl(6, count))
            let scratch := mload(0x40)
            let right := add(scratch, digestBytes)
            let length := shl(1, digestBytes)
            for {} levels { levels := sub(levels, 1) } {
                let write := nodes
                for { let at := nodes } lt(at, end) {} {
                    let index := mload(at)
                    let node := mload(add(at, 32))
                    at := add(at, 64)
                    switch and(index, 1)
                    case 0 {
                        mstore(scratch, node)
                        switch and(lt(at, end), eq(mload(at), add(index, 1)))
                        case 0 {
                            calldatacopy(right, cursor, digestBytes)
                            cursor := add(cursor, digestBytes)
                        }
                        default {
                            mstore(right, mload(add(at, 32)))
                            at := add(at, 64)
                        }
                    }
                    default {
                        calldatacopy(scratch, cursor, digestBytes)
                        cursor := add(cursor, digestBytes)
                        mstore(right, node)
                    }
                    mstore(write, shr(1, index))
                    mstore(add(write, 32), keccak256(scratch, length))
                    write := add(write, 64)
                }
                end := write
            }
            digest := mload(add(nodes, 32))
            behind := cursor
        }
    }
}
