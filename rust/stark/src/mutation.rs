//! Seeded changes to a valid proof or to its public values, each of which every verifier must
//! refuse. One list serves Rust, Solidity and Python: `tests/vectors/proof/README.md`.

use serde::{Deserialize, Serialize};
use zkperp_field::P;

use crate::proof::Section;

/// What is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The proof's bytes.
    Proof,
    /// The public values' bytes, 8 big-endian each.
    PublicValues,
}

/// Replaces the bytes from `offset` to `offset + removed` with `bytes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mutation {
    /// What is changed.
    pub target: Target,
    /// The proof section it lies in, or "public values".
    pub section: String,
    /// First changed byte.
    pub offset: usize,
    /// Bytes taken out.
    pub removed: usize,
    /// Bytes put in, in hex.
    pub bytes: String,
}

impl Mutation {
    /// The changed bytes.
    ///
    /// # Panics
    /// On a mutation of other bytes than these: offsets outside, or not hex.
    #[must_use]
    pub fn apply(&self, original: &[u8]) -> Vec<u8> {
        let digits = self.bytes.as_bytes().as_chunks::<2>().0;
        let new = digits.iter().map(|pair| {
            let text = std::str::from_utf8(pair).expect("Invariant: hex is ASCII");
            u8::from_str_radix(text, 16).expect("Invariant: hex digits")
        });
        let mut changed = original.to_vec();
        changed.splice(self.offset..self.offset + self.removed, new);
        changed
    }
}

/// A small generator of the fixed sequence that a seed names (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// `rounds` changes in every section of the proof and in the public values, and changes of length.
///
/// In each section in turn: one bit flipped, one byte set to another value, one 8-byte word set to
/// p or above (or a random word, where the section holds digests), and two bytes exchanged.
#[must_use]
pub fn mutations(
    proof: &[u8],
    sections: &[Section],
    public_values: &[u8],
    rounds: usize,
    seed: u64,
) -> Vec<Mutation> {
    let mut random = Random(seed);
    let mut out = Vec::new();
    for section in sections
        .iter()
        .filter(|section| section.end > section.start)
    {
        for round in 0..rounds {
            let range = (section.start, section.end);
            out.push(change(
                &mut random,
                Target::Proof,
                section.name,
                proof,
                range,
                round,
            ));
        }
    }
    if !public_values.is_empty() {
        let range = (0, public_values.len());
        for round in 0..2 * rounds {
            let target = Target::PublicValues;
            out.push(change(
                &mut random,
                target,
                "public values",
                public_values,
                range,
                round,
            ));
        }
    }
    out.extend(lengths(Target::Proof, proof.len(), 26));
    if !public_values.is_empty() {
        // Zeros behind the values are the same column but another statement.
        out.extend(lengths(Target::PublicValues, public_values.len(), 8));
    }
    out
}

fn change(
    random: &mut Random,
    target: Target,
    section: &str,
    bytes: &[u8],
    (start, end): (usize, usize),
    round: usize,
) -> Mutation {
    let word = |offset: usize| {
        (start + (offset & !7))
            .min(end.saturating_sub(8))
            .max(start)
    };
    let offset = random.below(end - start);
    let (offset, new) = match round % 4 {
        0 => (
            start + offset,
            vec![bytes[start + offset] ^ 1 << random.below(8)],
        ),
        1 => {
            let change = 1 + random.below(255) as u8;
            (
                start + offset,
                vec![bytes[start + offset].wrapping_add(change)],
            )
        }
        2 => {
            let at = word(offset);
            let excess = random.next() % (u64::MAX - P + 1);
            (at, (P + excess).to_be_bytes()[..8.min(end - at)].to_vec())
        }
        _ => {
            let at = word(offset);
            (at, random.next().to_be_bytes()[..8.min(end - at)].to_vec())
        }
    };
    let (removed, bytes) = (new.len(), hex(&new));
    Mutation {
        target,
        section: section.to_owned(),
        offset,
        removed,
        bytes,
    }
}

fn lengths(target: Target, length: usize, unit: usize) -> Vec<Mutation> {
    let section = match target {
        Target::Proof => "proof length",
        Target::PublicValues => "public values length",
    };
    let make = |offset: usize, removed: usize, bytes: Vec<u8>| Mutation {
        target,
        section: section.to_owned(),
        offset,
        removed,
        bytes: hex(&bytes),
    };
    vec![
        make(length, 0, vec![0]),
        make(length, 0, vec![0; unit]),
        make(length - 1, 1, vec![]),
        make(length - unit, unit, vec![]),
        make(0, unit, vec![]),
        make(0, 0, vec![0; unit]),
        make(0, length, vec![]),
        make(length / 2, length - length / 2, vec![]),
    ]
}
