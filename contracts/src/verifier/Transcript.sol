// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Cubic} from "./Cubic.sol";
import {NonCanonical, ProofOfWork, ZeroChallenge} from "./Errors.sol";
import {Memory} from "./Memory.sol";

/// @title Fiat-Shamir transcript and reader of the proof (docs/spec/proof-format.md).
/// @dev `state` points to 32 bytes of state followed by the pending bytes, so that one KECCAK256
/// makes the next state. `cursor` is the calldata offset of the next proof byte.
struct Transcript {
    uint256 state;
    uint256 pending;
    uint256 cursor;
    uint256 digestBytes;
}

using TranscriptLib for Transcript global;

/// @title Operations of a transcript.
library TranscriptLib {
    uint256 private constant P = 0xffffffff00000001;
    uint256 private constant MASK64 = 0xffffffffffffffff;

    /// @notice A transcript at `initial` that reads the proof from calldata offset `cursor` and
    /// never holds more than `capacity` pending bytes.
    function start(bytes32 initial, uint256 cursor, uint256 digestBytes, uint256 capacity)
        internal
        pure
        returns (Transcript memory t)
    {
        t.state = Memory.allocate(capacity / 32 + 3);
        t.cursor = cursor;
        t.digestBytes = digestBytes;
        Memory.set(t.state, 0, uint256(initial));
    }

    /// @notice Appends `length` bytes of memory: a seed of the shape.
    function absorb(Transcript memory t, uint256 source, uint256 length) internal pure {
        unchecked {
            uint256 end = t.state + 32 + t.pending;
            t.pending += length;
            assembly ("memory-safe") {
                mcopy(end, source, length)
            }
        }
    }

    /// @notice Appends the next `length` proof bytes; returns the calldata offset of the first.
    function absorbProof(Transcript memory t, uint256 length)
        internal
        pure
        returns (uint256 cursor)
    {
        unchecked {
            uint256 end = t.state + 32 + t.pending;
            cursor = t.cursor;
            t.pending += length;
            t.cursor = cursor + length;
            assembly ("memory-safe") {
                calldatacopy(end, cursor, length)
            }
        }
    }

    /// @notice Appends an element that the proof does not carry. Takes a reduced word.
    function absorbElement(Transcript memory t, uint256 value) internal pure {
        unchecked {
            uint256 end = t.state + 32 + t.pending;
            t.pending += 24;
            assembly ("memory-safe") {
                let c0 := and(value, MASK64)
                let c1 := and(shr(85, value), MASK64)
                mstore(end, shl(64, or(or(shl(128, c0), shl(64, c1)), shr(170, value))))
            }
        }
    }

    /// @notice The extension element in the 24 bytes at calldata offset `cursor`, reduced.
    function read(uint256 cursor) internal pure returns (uint256 value) {
        bool canonical;
        assembly ("memory-safe") {
            let word := calldataload(cursor)
            let c0 := shr(192, word)
            let c1 := and(shr(128, word), MASK64)
            let c2 := and(shr(64, word), MASK64)
            canonical := and(lt(c0, P), and(lt(c1, P), lt(c2, P)))
            value := or(c0, or(shl(85, c1), shl(170, c2)))
        }
        if (!canonical) revert NonCanonical();
    }

    /// @notice Appends and returns the next extension element of the proof, reduced.
    function element(Transcript memory t) internal pure returns (uint256) {
        return read(absorbProof(t, 24));
    }

    /// @notice Appends and returns the next Merkle root: its bytes at the top of the word.
    function root(Transcript memory t) internal pure returns (uint256 value) {
        unchecked {
            uint256 cursor = absorbProof(t, t.digestBytes);
            uint256 cut = 256 - 8 * t.digestBytes;
            assembly ("memory-safe") {
                value := shl(cut, shr(cut, calldataload(cursor)))
            }
        }
    }

    /// @notice state = keccak256(state || pending); returns it.
    function squeeze(Transcript memory t) internal pure returns (uint256 digest) {
        unchecked {
            uint256 state = t.state;
            uint256 length = 32 + t.pending;
            t.pending = 0;
            assembly ("memory-safe") {
                digest := keccak256(state, length)
                mstore(state, digest)
            }
        }
    }

    /// @notice An extension challenge, reduced: the digest's bits 0 .. 254 are its three lanes.
    function challenge(Transcript memory t) internal pure returns (uint256) {
        return Cubic.reduce(squeeze(t) & ((1 << 255) - 1));
    }

    /// @notice An extension challenge other than zero.
    function nonzeroChallenge(Transcript memory t) internal pure returns (uint256 value) {
        value = challenge(t);
        if (value == 0) revert ZeroChallenge();
    }

    /// @notice Reads a nonce, checks that it meets `powBits` bits of work (none if zero), then draws
    /// `count` indices of `bits` bits into the array at `out`, as index << 16 | number of the draw.
    function drawIndices(
        Transcript memory t,
        uint256 powBits,
        uint256 count,
        uint256 bits,
        uint256 out
    ) internal pure {
        uint256 used = 0;
        uint256 digest;
        if (powBits == 0) {
            digest = squeeze(t);
        } else {
            uint256 cursor = absorbProof(t, 8);
            uint256 nonce;
            assembly ("memory-safe") {
                nonce := shr(192, calldataload(cursor))
            }
            if (nonce >= P) revert NonCanonical();
            digest = squeeze(t);
            if ((digest >> 224) & ((1 << powBits) - 1) != 0) revert ProofOfWork();
            used = 1;
        }
        uint256 state = t.state;
        assembly ("memory-safe") {
            let mask := sub(shl(bits, 1), 1)
            for { let i := 0 } lt(i, count) { i := add(i, 1) } {
                if eq(used, 8) {
                    digest := keccak256(state, 32)
                    mstore(state, digest)
                    used := 0
                }
                let word := shr(sub(224, shl(5, used)), digest)
                mstore(add(out, shl(5, i)), or(shl(16, and(word, mask)), i))
                used := add(used, 1)
            }
        }
    }
}
