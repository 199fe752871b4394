//! A machine that runs hand-written programs the way the constraints read them, with memory cells
//! and jumps of the prover's choice. It checks nothing: what it gives may be a bad witness.

use std::collections::BTreeMap;

use p3_field::{PrimeCharacteristicRing, PrimeField64};
use zkperp_prover::geometry::Geometry;
use zkperp_stark::F;
use zkperp_vm::builtins::Builtin;
use zkperp_vm::digest::program_digest;
use zkperp_vm::instruction::{Flag, Instruction};
use zkperp_vm::layout::{Capacities, MemoryLayout};
use zkperp_vm::relocate::{Run, Step};

use super::assembly::Word;

/// Unwritten cells behind the last one in use: room for the prover's own.
const SLACK: u32 = 32;
/// Steps after which a run is a mistake of the test's.
const STEPS_MAX: usize = 1 << 10;

/// A program, its memory map, and the cells that have a value.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    /// Where everything lies.
    pub(crate) layout: Geometry,
    words: Vec<F>,
    code: Vec<Option<Instruction>>,
    cells: BTreeMap<u32, F>,
}

impl Machine {
    /// The machine before its first step: the builtins' arguments and nothing else in the
    /// execution segment.
    #[must_use]
    pub(crate) fn new(builtins: &[Builtin], program: &[Word]) -> Self {
        let unused: Vec<(Builtin, u32)> = builtins.iter().map(|b| (*b, 0)).collect();
        let layout = MemoryLayout::new(&unused, program.len() as u32, &Capacities::default())
            .expect("small programs fit");
        let encode = |word: &Word| match word {
            Word::Code(instruction) => F::from_u64(instruction.encode()),
            Word::Data(value) => F::from_u64(*value),
        };
        let decode = |word: &Word| match word {
            Word::Code(instruction) => Some(*instruction),
            Word::Data(_) => None,
        };
        let words: Vec<F> = program.iter().map(encode).collect();
        let mut cells = BTreeMap::new();
        for (i, word) in words.iter().enumerate() {
            cells.insert(layout.program_base + i as u32, *word);
        }
        for (i, segment) in layout.builtins.iter().enumerate() {
            cells.insert(layout.exec_base + i as u32, F::from_u32(segment.base));
            if segment.builtin != Builtin::Output {
                let padding = segment.builtin.padding().into_iter().cycle();
                let addresses = segment.base..segment.base + segment.table_cells();
                cells.extend(addresses.zip(padding));
            }
        }
        Self {
            code: program.iter().map(decode).collect(),
            layout,
            words,
            cells,
        }
    }

    /// Gives a cell a value of the prover's choice.
    pub(crate) fn set(&mut self, address: u32, value: F) {
        self.cells.insert(address, value);
    }

    /// Makes a cell outside the program hold an instruction, which `next` will execute.
    pub(crate) fn set_code(&mut self, address: u32, word: Word) {
        let Word::Code(instruction) = word else {
            panic!("an instruction");
        };
        let offset = (address - self.layout.program_base) as usize;
        self.code.resize(self.code.len().max(offset + 1), None);
        self.code[offset] = Some(instruction);
        self.set(address, F::from_u64(instruction.encode()));
    }

    /// A cell's value; 0 where nothing was written.
    #[must_use]
    pub(crate) fn get(&self, address: u32) -> F {
        self.cells.get(&address).copied().unwrap_or(F::ZERO)
    }

    /// Where an honest run starts.
    #[must_use]
    pub(crate) fn start(&self) -> Step {
        Step {
            pc: self.layout.program_base,
            ap: self.layout.exec_base,
            fp: self.layout.exec_base,
        }
    }

    /// Runs from `start` until a jump to itself.
    pub(crate) fn run(&mut self, start: Step) -> Vec<Step> {
        self.run_with(start, |_, next| next)
    }

    /// Runs from `start`, where `choose(step, next)` is the prover's own successor of a step.
    pub(crate) fn run_with(
        &mut self,
        start: Step,
        choose: impl Fn(Step, Step) -> Step,
    ) -> Vec<Step> {
        let mut steps = vec![start];
        loop {
            let step = steps[steps.len() - 1];
            let next = choose(step, self.next(step));
            if next == step {
                return steps;
            }
            assert!(
                steps.len() < STEPS_MAX,
                "the hand-written program has no end"
            );
            steps.push(next);
        }
    }

    /// The successor of a step; fills cells that an assertion or a call defines.
    fn next(&mut self, step: Step) -> Step {
        let code = self.code[(step.pc - self.layout.program_base) as usize]
            .expect("the hand-written program runs into data");
        let has = |flag: Flag| code.has(flag);
        let at = |base: u32, i: usize| base.wrapping_add_signed(code.offsets[i]);
        let register = |use_fp: bool| if use_fp { step.fp } else { step.ap };
        let dst_address = at(register(has(Flag::DstFp)), 0);
        let op0_address = at(register(has(Flag::Op0Fp)), 1);
        let behind = step.pc + code.size();
        if has(Flag::Call) {
            self.cells
                .entry(dst_address)
                .or_insert(F::from_u32(step.fp));
            self.cells.entry(op0_address).or_insert(F::from_u32(behind));
        }
        let op0 = self.get(op0_address);
        let op1_base = match () {
            () if has(Flag::Op1Imm) => step.pc,
            () if has(Flag::Op1Fp) => step.fp,
            () if has(Flag::Op1Ap) => step.ap,
            () => op0.as_canonical_u64() as u32,
        };
        let op1 = self.get(at(op1_base, 2));
        let res = match () {
            () if has(Flag::ResAdd) => op0 + op1,
            () if has(Flag::ResMul) => op0 * op1,
            () => op1,
        };
        if has(Flag::AssertEq) {
            self.cells.entry(dst_address).or_insert(res);
        }
        let dst = self.get(dst_address);
        let address = |value: F| value.as_canonical_u64() as u32;
        Step {
            pc: match () {
                () if has(Flag::JmpAbs) => address(res),
                () if has(Flag::JmpRel) => address(F::from_u32(step.pc) + res),
                () if has(Flag::Jnz) && dst != F::ZERO => address(F::from_u32(step.pc) + op1),
                () => behind,
            },
            ap: match () {
                () if has(Flag::ApAdd) => address(F::from_u32(step.ap) + res),
                () if has(Flag::ApAdd1) => step.ap + 1,
                () if has(Flag::Call) => step.ap + 2,
                () => step.ap,
            },
            fp: match () {
                () if has(Flag::Call) => step.ap + 2,
                () if has(Flag::Ret) => address(dst),
                () => step.fp,
            },
        }
    }

    /// The run as the tables' fillers want it, with the public values that belong to it. Every
    /// builtin is taken as unused.
    #[must_use]
    pub(crate) fn finish(mut self, steps: Vec<Step>) -> Run {
        let final_ap = steps[steps.len() - 1].ap;
        let digest = program_digest(&self.words);
        self.set(1, F::from_u32(final_ap));
        let digest_at = 1 + self.layout.digest_index() as u32;
        for (lane, value) in (digest_at..).zip(digest) {
            self.set(lane, value);
        }
        let top = steps.iter().map(|s| s.ap.max(s.fp)).max().unwrap_or(0);
        let written = self.cells.keys().next_back().copied().unwrap_or(0);
        let memory: Vec<F> = (1..=top.max(written) + SLACK)
            .map(|a| self.get(a))
            .collect();
        let used = vec![0; self.layout.builtins.len()];
        Run {
            public: memory[..1 << self.layout.log_public].to_vec(),
            steps,
            memory,
            code: self.code,
            layout: self.layout,
            used,
            final_ap,
            state: None,
            signatures: vec![],
        }
    }
}
