//! The buses between tables: who sends, who receives, and why the messages can't be forged.
//!
//! | bus       | tuple                           | provided or sent by          | asked for or received by |
//! |-----------|---------------------------------|------------------------------|--------------------------|
//! | memory    | (address, value)                | memory: one value an address | every table that reads a cell |
//! | decoded   | (pc, offsets\[3\], flags\[15\]) | program: its words only      | cpu |
//! | range16   | (value)                         | range16: 0 .. 2^16           | program, range_check, muldiv, state |
//! | poseidon2 | (input\[8\], P(input)\[8\])     | poseidon2                    | program, poseidon2_io, schnorr |
//! | compress  | (input\[8\], digest\[4\])       | poseidon2: P(x) + x          | merkle, leaf |
//! | state     | (key, leaf\[8\], time)          | state, leaf                  | state, leaf |
//! | node      | (level, index, old\[4\], new\[4\]) | merkle                   | merkle, leaf |
//! | schnorr_sum | (A\[10\], R\[10\], d0, d1)  | schnorr_sum: a sum that leads there | schnorr |
//!
//! The first five and the last are lookups of a function (or of read-only memory), so a provider's count is
//! free. `state` and `node` are permutations: every message is sent once and received once.

/// A bus between tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bus {
    /// Read-only memory: (address, value).
    Memory,
    /// Decoded instructions: (pc, three offsets, seven selectors).
    Decoded,
    /// 16-bit values.
    Range16,
    /// The Poseidon2 permutation: (input, output).
    Poseidon2,
    /// Two-to-one compression with feed-forward: (input, digest).
    Compress,
    /// A leaf's value at a time: (key, leaf, time).
    State,
    /// A touched tree node: (level, index, old digest, new digest).
    Node,
    /// A sum of Schnorr verification: (key's point, its end, the challenge's two felts).
    SchnorrSum,
}

impl Bus {
    /// All buses, in the order of this file.
    pub const ALL: [Bus; 8] = [
        Bus::Memory,
        Bus::Decoded,
        Bus::Range16,
        Bus::Poseidon2,
        Bus::Compress,
        Bus::State,
        Bus::Node,
        Bus::SchnorrSum,
    ];

    /// The bus's name in the proof system.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Bus::Memory => "memory",
            Bus::Decoded => "decoded",
            Bus::Range16 => "range16",
            Bus::Poseidon2 => "poseidon2",
            Bus::Compress => "compress",
            Bus::State => "state",
            Bus::Node => "node",
            Bus::SchnorrSum => "schnorr_sum",
        }
    }
}
