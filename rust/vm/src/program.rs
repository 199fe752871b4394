//! Compiled programs: cairo-lang's JSON, compiled in proof mode for Goldilocks by
//! `python -m zkperp.cairo`.

use std::collections::BTreeMap;

use serde::Deserialize;
use thiserror::Error;
use zkperp_field::{F, PrimeCharacteristicRing, PrimeField64, canonical};

use crate::builtins::Builtin;
use crate::digest::program_digest;
use crate::hints::{Hint, UnknownHint};
use crate::instruction::Instruction;

/// Offset of `__end__` in every proof-mode program: after `ap += n` and `call main`.
pub const END: u32 = 4;
/// Offset of the first word after `__end__: jmp rel 0`.
const HEADER_WORDS: usize = 6;
/// Programs have fewer words than this.
pub const MAX_WORDS: usize = 1 << 24;

const AP_ADD_IMMEDIATE: u64 = 0x0407_8001_7fff_7fff;
const CALL_REL_IMMEDIATE: u64 = 0x1104_8001_8001_8000;
const JMP_REL_IMMEDIATE: u64 = 0x0107_8001_7fff_7fff;
const PRIME: &str = "0xffffffff00000001";

/// Why a compiled program can't be run.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProgramError {
    /// Not a compiled program.
    #[error("not a compiled Cairo program: {0}")]
    Json(String),
    /// Compiled for another field.
    #[error("compiled for the prime {0}, not for Goldilocks ({PRIME})")]
    Prime(String),
    /// A word that is not a hexadecimal number below p.
    #[error("word {index} is not a hexadecimal number below p: {text:?}")]
    Word {
        /// Offset of the word.
        index: usize,
        /// The word, as written.
        text: String,
    },
    /// More words than the address space has room for.
    #[error("the program has {0} words, {MAX_WORDS} are too many")]
    TooLong(usize),
    /// A builtin that this machine hasn't got.
    #[error("unknown builtin {0:?}")]
    UnknownBuiltin(String),
    /// Builtins repeated or not in canonical order.
    #[error("builtins must be in canonical order, without repetition; {0} is out of place")]
    BuiltinOrder(Builtin),
    /// `output` is missing; without it a proof would say nothing.
    #[error("the program does not use the output builtin")]
    NoOutput,
    /// The first words are not `ap += n; call main; jmp rel 0`.
    #[error("word {index} is {found}, expected {expected} (is it compiled in proof mode?)")]
    Header {
        /// Offset of the word.
        index: usize,
        /// What stands there.
        found: u64,
        /// What must stand there.
        expected: u64,
    },
    /// The program ends within its header.
    #[error("the program has no main")]
    NoMain,
    /// A hint outside the closed list.
    #[error("at word {pc}: {source}")]
    Hint {
        /// Offset of the instruction it is attached to.
        pc: u32,
        /// The hint.
        #[source]
        source: UnknownHint,
    },
    /// A hint attached to something that is not a word of the program.
    #[error("a hint is attached to {0:?}, which is not a word of the program")]
    HintPlace(String),
}

/// A program that has passed all checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    words: Vec<F>,
    code: Vec<Option<Instruction>>,
    builtins: Vec<Builtin>,
    hints: BTreeMap<u32, Vec<Hint>>,
    /// Start offset and name of functions and labels, ascending.
    labels: Vec<(u32, String)>,
}

#[derive(Deserialize)]
struct CompiledJson {
    prime: String,
    data: Vec<String>,
    builtins: Vec<String>,
    hints: BTreeMap<String, Vec<HintJson>>,
    #[serde(default)]
    identifiers: BTreeMap<String, IdentifierJson>,
}

#[derive(Deserialize)]
struct HintJson {
    code: String,
}

#[derive(Deserialize)]
struct IdentifierJson {
    #[serde(rename = "type")]
    kind: String,
    pc: Option<u32>,
}

impl Program {
    /// Reads and checks a compiled program.
    ///
    /// # Errors
    /// The first thing about it that this machine can't run.
    pub fn from_json(text: &str) -> Result<Self, ProgramError> {
        let compiled: CompiledJson =
            serde_json::from_str(text).map_err(|e| ProgramError::Json(e.to_string()))?;
        if compiled.prime != PRIME {
            return Err(ProgramError::Prime(compiled.prime));
        }
        let words = read_words(&compiled.data)?;
        let builtins = read_builtins(&compiled.builtins)?;
        let hints = read_hints(compiled.hints, words.len())?;
        let mut labels: Vec<(u32, String)> = compiled
            .identifiers
            .into_iter()
            .filter(|(_, identifier)| identifier.kind == "function" || identifier.kind == "label")
            .filter_map(|(name, identifier)| Some((identifier.pc?, name)))
            .collect();
        labels.sort();
        Self::new(words, builtins, hints, labels)
    }

    /// A program from its parts.
    ///
    /// # Errors
    /// When the header is not that of proof mode with these builtins.
    fn new(
        words: Vec<F>,
        builtins: Vec<Builtin>,
        hints: BTreeMap<u32, Vec<Hint>>,
        labels: Vec<(u32, String)>,
    ) -> Result<Self, ProgramError> {
        check_header(&words, builtins.len())?;
        let decode = |word: &F| Instruction::decode(word.as_canonical_u64()).ok();
        let code = words.iter().map(decode).collect();
        Ok(Self {
            words,
            code,
            builtins,
            hints,
            labels,
        })
    }

    /// The program's words.
    #[must_use]
    pub fn words(&self) -> &[F] {
        &self.words
    }

    /// Every word as an instruction, where it is one.
    #[must_use]
    pub fn code(&self) -> &[Option<Instruction>] {
        &self.code
    }

    /// The builtins the program uses, in canonical order; the first is `output`.
    #[must_use]
    pub fn builtins(&self) -> &[Builtin] {
        &self.builtins
    }

    /// The hints to run before the instruction at this offset.
    #[must_use]
    pub fn hints_at(&self, pc: u32) -> &[Hint] {
        self.hints.get(&pc).map_or(&[], Vec::as_slice)
    }

    /// Offset and full name of every function and every label in one, ascending.
    #[must_use]
    pub fn labels(&self) -> &[(u32, String)] {
        &self.labels
    }

    /// The digest that a proof's public values name.
    #[must_use]
    pub fn digest(&self) -> [F; 4] {
        program_digest(&self.words)
    }

    /// The function or label that a word belongs to, for messages: `name+distance`.
    #[must_use]
    pub fn locate(&self, pc: u32) -> String {
        let next = self.labels.partition_point(|(start, _)| *start <= pc);
        match next.checked_sub(1).map(|i| &self.labels[i]) {
            Some((start, name)) if (pc as usize) < self.words.len() => {
                format!("{name}+{}", pc - start)
            }
            _ => format!("program+{pc}"),
        }
    }
}

fn read_words(data: &[String]) -> Result<Vec<F>, ProgramError> {
    if data.len() >= MAX_WORDS {
        return Err(ProgramError::TooLong(data.len()));
    }
    let read = |(index, text): (usize, &String)| {
        text.strip_prefix("0x")
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|digits| u64::from_str_radix(digits, 16).ok())
            .and_then(canonical)
            .ok_or_else(|| ProgramError::Word {
                index,
                text: text.clone(),
            })
    };
    data.iter().enumerate().map(read).collect()
}

fn read_builtins(names: &[String]) -> Result<Vec<Builtin>, ProgramError> {
    let mut builtins: Vec<Builtin> = Vec::with_capacity(names.len());
    for name in names {
        let builtin =
            Builtin::from_name(name).ok_or_else(|| ProgramError::UnknownBuiltin(name.clone()))?;
        if builtins.last().is_some_and(|last| *last >= builtin) {
            return Err(ProgramError::BuiltinOrder(builtin));
        }
        builtins.push(builtin);
    }
    if builtins.first() == Some(&Builtin::Output) {
        Ok(builtins)
    } else {
        Err(ProgramError::NoOutput)
    }
}

fn read_hints(
    hints: BTreeMap<String, Vec<HintJson>>,
    words: usize,
) -> Result<BTreeMap<u32, Vec<Hint>>, ProgramError> {
    let mut read = BTreeMap::new();
    for (place, list) in hints {
        let pc: u32 = match place.parse() {
            Ok(pc) if (pc as usize) < words => pc,
            _ => return Err(ProgramError::HintPlace(place)),
        };
        let parse = |hint: &HintJson| {
            Hint::parse(&hint.code).map_err(|source| ProgramError::Hint { pc, source })
        };
        read.insert(pc, list.iter().map(parse).collect::<Result<_, _>>()?);
    }
    Ok(read)
}

/// `ap += n; call main; jmp rel 0`, whatever `main`'s offset.
fn check_header(words: &[F], builtins: usize) -> Result<(), ProgramError> {
    if words.len() <= HEADER_WORDS {
        return Err(ProgramError::NoMain);
    }
    let expected = [
        (0, AP_ADD_IMMEDIATE),
        (1, builtins as u64),
        (2, CALL_REL_IMMEDIATE),
        (END as usize, JMP_REL_IMMEDIATE),
        (END as usize + 1, 0),
    ];
    for (index, expected) in expected {
        if words[index] != F::from_u64(expected) {
            let found = words[index].as_canonical_u64();
            return Err(ProgramError::Header {
                index,
                found,
                expected,
            });
        }
    }
    Ok(())
}
