// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Pruned openings of a binary Keccak tree.
library MerkleOpening {
    /// @notice Root over the given leaves and the siblings in the proof; returns the calldata offset
    /// behind the siblings too.
    /// @dev `nodes` holds (index, digest) pairs of distinct indices in ascending order. Each leaf
    /// climbs with siblings of the proof until it meets the path of a neighbour: neighbouring leaves
    /// i, j are siblings at the level of the highest bit of i xor j. A node that must wait for the
    /// leaf on its right goes on a stack, with that level. So the siblings come in the order of a
    /// depth-first walk, children before parents, left before right. Only the first `digestBytes`
    /// bytes of a digest count: what follows them in a word is overwritten or not hashed.
    function root(uint256 nodes, uint256 count, uint256 levels, uint256 cursor, uint256 digestBytes)
        internal
        pure
        returns (uint256 digest, uint256 behind)
    {
        assembly ("memory-safe") {
            let scratch := mload(0x40)
            let length := shl(1, digestBytes)
            // Behind two digests: pairs (digest, level at which it meets its right neighbour).
            let top := add(scratch, 96)
            for { let end := add(nodes, shl(6, count)) } lt(nodes, end) {} {
                let index := mload(nodes)
                let node := mload(add(nodes, 32))
                nodes := add(nodes, 64)
                let meets := levels
                if lt(nodes, end) { meets := sub(255, clz(xor(index, mload(nodes)))) }
                let level := 0
                for {} 1 {} {
                    let goal := meets
                    if gt(top, add(scratch, 96)) {
                        let waiting := mload(sub(top, 32))
                        if lt(waiting, meets) { goal := waiting }
                    }
                    let climbed := add(cursor, mul(digestBytes, sub(goal, level)))
                    for {} lt(cursor, climbed) {} {
                        // An even index puts the node first. The node's 32 bytes go in before the
                        // sibling's, which overwrite what sticks out.
                        let offset := mul(digestBytes, and(index, 1))
                        mstore(add(scratch, offset), node)
                        calldatacopy(add(scratch, sub(digestBytes, offset)), cursor, digestBytes)
                        node := keccak256(scratch, length)
                        cursor := add(cursor, digestBytes)
                        index := shr(1, index)
                    }
                    if eq(goal, meets) { break }
                    top := sub(top, 64)
                    mstore(scratch, mload(top))
                    mstore(add(scratch, digestBytes), node)
                    node := keccak256(scratch, length)
                    index := shr(1, index)
                    level := add(goal, 1)
                }
                mstore(top, node)
                mstore(add(top, 32), meets)
                top := add(top, 64)
            }
            digest := mload(add(scratch, 96))
            behind := cursor
        }
    }
}
