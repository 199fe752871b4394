// The Poseidon2 sponge: rate 4, capacity 4 that starts at (domain, length, 0, 0).
// Source: rust/field/src/poseidon2.rs. All messages here have a length that is a multiple of 4.

from lib.builtins import Poseidon2

struct Digest {
    d0: felt,
    d1: felt,
    d2: felt,
    d3: felt,
}

// The sponge between two blocks: 4 lanes of rate, 4 of capacity.
struct Sponge {
    r0: felt,
    r1: felt,
    r2: felt,
    r3: felt,
    c0: felt,
    c1: felt,
    c2: felt,
    c3: felt,
}

// Proven here: the state before the first block.
func start_sponge(domain: felt, length: felt) -> Sponge* {
    tempvar sponge = new Sponge(0, 0, 0, 0, domain, length, 0, 0);
    return sponge;
}

// Proven here: the state after one more block. It stands in the builtin's outputs; its first four
// lanes are the digest if the block was the last.
func absorb{poseidon2_ptr: Poseidon2*}(
    sponge: Sponge*, w0: felt, w1: felt, w2: felt, w3: felt
) -> Sponge* {
    assert poseidon2_ptr.in0 = sponge.r0 + w0;
    assert poseidon2_ptr.in1 = sponge.r1 + w1;
    assert poseidon2_ptr.in2 = sponge.r2 + w2;
    assert poseidon2_ptr.in3 = sponge.r3 + w3;
    assert poseidon2_ptr.in4 = sponge.c0;
    assert poseidon2_ptr.in5 = sponge.c1;
    assert poseidon2_ptr.in6 = sponge.c2;
    assert poseidon2_ptr.in7 = sponge.c3;
    let after = cast(&poseidon2_ptr.out0, Sponge*);
    let poseidon2_ptr = poseidon2_ptr + Poseidon2.SIZE;
    return after;
}

// Proven here: as `absorb`, of a digest.
func absorb_digest{poseidon2_ptr: Poseidon2*}(sponge: Sponge*, block: Digest*) -> Sponge* {
    return absorb(sponge, block.d0, block.d1, block.d2, block.d3);
}

// Proven here: the state after these words, filled up with zeros to whole blocks.
// Assumes: 0 <= remaining < 2^62; a caller that does not know it proves it.
func absorb_words{poseidon2_ptr: Poseidon2*}(
    sponge: Sponge*, words: felt*, remaining: felt
) -> Sponge* {
    if (remaining == 0) {
        return sponge;
    }
    if (remaining == 1) {
        return absorb(sponge, words[0], 0, 0, 0);
    }
    if (remaining == 2) {
        return absorb(sponge, words[0], words[1], 0, 0);
    }
    if (remaining == 3) {
        return absorb(sponge, words[0], words[1], words[2], 0);
    }
    let sponge = absorb(sponge, words[0], words[1], words[2], words[3]);
    return absorb_words(sponge, words + 4, remaining - 4);
}
