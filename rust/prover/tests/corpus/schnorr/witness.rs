//! The machine of one signed message, filled, with cells that can be changed.

use std::array::from_fn;
use std::sync::LazyLock;

use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;
use zkperp_field::poseidon2::{Digest, sponge};
use zkperp_prover::check::{Report, check};
use zkperp_prover::machine::{Kind, kinds, tables};
use zkperp_prover::tables::memory::columns::{CELLS_PER_ROW, MemoryCols};
use zkperp_prover::tables::poseidon2::columns::Poseidon2Cols;
use zkperp_prover::tables::schnorr::columns::SchnorrCols;
use zkperp_prover::tables::schnorr_sum::columns::{ROWS, SumCols};
use zkperp_prover::trace::{Trace as Tables, fill_at, heights};
use zkperp_signature::trace::{Trace, sum_steps};
use zkperp_signature::{
    CHALLENGE_DOMAIN, Challenge, Gfp5, Point, PublicKey, Scalar, SecretKey, sign,
};
use zkperp_vm::input::Input;
use zkperp_vm::program::Program;
use zkperp_vm::relocate::Run;
use zkperp_vm::runner::{RunOptions, run};

/// The rows of a sum.
pub(crate) type Rows = [SumCols<F>; ROWS];

/// The message that is signed.
pub(crate) const MESSAGE: [F; 4] = [F::new(11), F::new(22), F::new(33), F::new(44)];

/// The signer's secret key, whom a forger does not ask.
pub(crate) static SECRET: LazyLock<SecretKey> = LazyLock::new(|| SecretKey::from_seed(&[1; 32]));

static RUN: LazyLock<Run> = LazyLock::new(|| {
    let program = include_str!("../../../../../circuits/compiled/signatures.json");
    let program = Program::from_json(program).expect("a compiled program");
    let mut input = Input::named([("count", F::ONE)]);
    input.advice.extend(SECRET.public().to_felts());
    input.advice.extend(MESSAGE);
    input.signatures.push(sign(&SECRET, &MESSAGE));
    run(&program, &input, &RunOptions::default()).expect("an honest run")
});

/// The honest trace of the signature.
pub(crate) fn honest() -> Trace {
    RUN.signatures[0].clone()
}

/// The digest behind the challenge of a commitment.
pub(crate) fn digest(commitment: Gfp5) -> Digest {
    let key = SECRET.public().to_felts();
    sponge(
        CHALLENGE_DOMAIN,
        &[&commitment.to_felts()[..], &key, &MESSAGE].concat(),
    )
}

/// The challenge of a digest.
pub(crate) fn challenge(digest: &Digest) -> Challenge {
    use p3_field::PrimeField64;
    let [low, high] = [0, 1].map(|i| u128::from(digest[i].as_canonical_u64()));
    Challenge(low | high << 64)
}

/// The signer's secret as a number.
pub(crate) fn secret() -> Scalar {
    Scalar::from_bytes(&SECRET.to_bytes()).expect("a scalar")
}

/// Any nonce.
pub(crate) fn nonce(number: u128) -> Scalar {
    Scalar::from_u128(number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}

/// k G.
pub(crate) fn multiple(k: &Scalar) -> Point {
    Point::GENERATOR.times_vartime(k)
}

/// The trace that claims this commitment, with the steps of s G + e `key`.
pub(crate) fn claim(commitment: Gfp5, key: &PublicKey, s: Scalar, e: Challenge) -> Trace {
    Trace {
        commitment_w: commitment,
        digest: digest(commitment),
        scalar: s,
        steps: sum_steps(key, &s, e).expect("not excluded"),
        ..honest()
    }
}

/// The run with another trace of the signature.
pub(crate) fn forged_run(trace: Trace) -> Run {
    let mut run = RUN.clone();
    run.signatures[0] = trace;
    run
}

/// All tables of a run.
pub(crate) struct Witness {
    tables: Tables,
    kinds: Vec<Kind>,
}

impl Witness {
    /// The honest machine; blocks 2 and 3 of `schnorr_sum` are sums that nobody asks for.
    pub(crate) fn honest() -> Self {
        Self::forged(honest())
    }

    /// The machine with another trace of the signature.
    pub(crate) fn forged(trace: Trace) -> Self {
        let run = forged_run(trace);
        let kinds = kinds(&run.layout);
        let mut log_rows = heights(&run);
        let sums = kinds.iter().position(|k| *k == Kind::SchnorrSum);
        log_rows[sums.expect("a table of sums")] += 1;
        let tables = fill_at(&run, log_rows);
        Self { tables, kinds }
    }

    /// The honest machine, but for a block that nobody asks for.
    pub(crate) fn unasked(rows: &Rows) -> Self {
        let mut witness = Self::honest();
        witness.set_block(3, rows);
        witness
    }

    /// The filled tables.
    pub(crate) fn into_tables(self) -> Tables {
        self.tables
    }

    /// What the whole machine finds wrong.
    pub(crate) fn report(&self) -> Report {
        let Tables {
            geometry,
            public,
            cells,
            ..
        } = &self.tables;
        check(&tables(geometry, public), cells)
    }

    /// A table's cells.
    pub(crate) fn cells(&mut self, kind: Kind) -> &mut Vec<F> {
        let table = self.kinds.iter().position(|k| *k == kind);
        &mut self.tables.cells[table.expect("the program has this table")]
    }

    fn row(&mut self, kind: Kind, row: usize) -> &mut [F] {
        &mut self.cells(kind)[row * kind.width()..][..kind.width()]
    }

    /// A block of `schnorr_sum`: 0 is the signature's, 1 that of all unused instances.
    pub(crate) fn block(&mut self, number: usize) -> Rows {
        from_fn(|i| SumCols::read(self.row(Kind::SchnorrSum, ROWS * number + i)))
    }

    /// Replaces a block.
    pub(crate) fn set_block(&mut self, number: usize, rows: &Rows) {
        for (i, row) in rows.iter().enumerate() {
            row.write(self.row(Kind::SchnorrSum, ROWS * number + i));
        }
    }

    /// Changes a block.
    pub(crate) fn patch_block(&mut self, number: usize, patch: impl FnOnce(&mut Rows)) {
        let mut rows = self.block(number);
        patch(&mut rows);
        self.set_block(number, &rows);
    }

    /// Changes a row of `schnorr`: 0 is the signature's.
    pub(crate) fn patch(&mut self, row: usize, patch: impl FnOnce(&mut SchnorrCols<F>)) {
        let cells = self.row(Kind::Schnorr, row);
        let mut columns = SchnorrCols::read(cells);
        patch(&mut columns);
        columns.write(cells);
    }

    /// First address of the builtin's segment.
    pub(crate) fn base(&self) -> u32 {
        self.tables.geometry.builtins[1].base
    }

    /// A public value, in the column, its table and memory.
    pub(crate) fn set_public(&mut self, address: u32, value: F) {
        use zkperp_prover::tables::public::columns::PublicCols;
        let index = address as usize - 1;
        self.tables.public[index] = value;
        self.row(Kind::Public, index)[PublicCols::numbers().value] = value;
        *self.memory(address).0 = value;
    }

    /// A memory cell's value and count.
    pub(crate) fn memory(&mut self, address: u32) -> (&mut F, &mut F) {
        let (row, cell) = (
            (address as usize - 1) / CELLS_PER_ROW,
            (address as usize - 1) % 4,
        );
        let n = MemoryCols::numbers();
        let (value, count) = (n.values[cell], n.counts[cell]);
        let row = self.row(Kind::Memory, row);
        assert!(value < count, "values stand before counts");
        let (front, back) = row.split_at_mut(count);
        (&mut front[value], &mut back[0])
    }

    /// Puts new permutations in the places of old ones; `None` leaves a place unasked for.
    pub(crate) fn replace_permutations(&mut self, old: &[[F; 8]], new: &[Option<[F; 8]>]) {
        let n = Poseidon2Cols::numbers();
        let width = Kind::Poseidon2.width();
        for (old, new) in old.iter().zip(new) {
            let rows = self.cells(Kind::Poseidon2).chunks_exact_mut(width);
            let place = rows.into_iter().find(|row| row[n.input[0]..][..8] == *old);
            let place = place.expect("it was asked for");
            match new {
                Some(input) => place.copy_from_slice(
                    &zkperp_prover::tables::poseidon2::trace::fill(&[*input], &[], 0),
                ),
                None => place[n.permutations] = F::ZERO,
            }
        }
    }
}
