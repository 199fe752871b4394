// One instance of each builtin that has more than one cell, in the layout of its table.

// The bare permutation: `out = P(in)`. Feed-forward, where it is due, is the caller's.
struct Poseidon2 {
    in0: felt,
    in1: felt,
    in2: felt,
    in3: felt,
    in4: felt,
    in5: felt,
    in6: felt,
    in7: felt,
    out0: felt,
    out1: felt,
    out2: felt,
    out3: felt,
    out4: felt,
    out5: felt,
    out6: felt,
    out7: felt,
}

// Over the integers: a * b + e = q * c + r, all below 2^62, r < c.
struct Muldiv {
    a: felt,
    b: felt,
    e: felt,
    c: felt,
    q: felt,
    r: felt,
}

// A valid signature of the message by the key exists (docs/spec/signature.md § 3).
struct Schnorr {
    key0: felt,
    key1: felt,
    key2: felt,
    key3: felt,
    key4: felt,
    message0: felt,
    message1: felt,
    message2: felt,
    message3: felt,
}

// Cells of one access to the state: the key, the leaf before, the leaf after. The number of an
// access is its time, so every access moves the pointer on by exactly one instance.
// state/accesses.cairo gives the leaves their names.
const ACCESS_CELLS = 17;
