//! The machine: which tables a program with given builtins has, as the AIRs of the proof system.

use std::borrow::Cow;
use std::sync::Arc;

use p3_air::{Air, BaseAir};
use zkperp_field::F;
use zkperp_vm::builtins::Builtin;
use zkperp_vm::layout::BuiltinSegment;

use crate::builder::TableBuilder;
use crate::geometry::{Geometry, PUBLIC_BASE, TREE_DEPTH, roots_address};
use crate::tables::{
    cpu, leaf, memory, merkle, muldiv, poseidon2, poseidon2_io, program, public, range_check,
    range16, schnorr, schnorr_sum, state,
};

/// The kinds of tables: the machine's table of contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Steps.
    Cpu,
    /// The program's words, their decoding and their digest.
    Program,
    /// Read-only memory.
    Memory,
    /// 16-bit values.
    Range16,
    /// Poseidon2 permutations.
    Poseidon2,
    /// Public values.
    Public,
    /// The `range_check` builtin.
    RangeCheck,
    /// The `poseidon2` builtin.
    Poseidon2Io,
    /// The `muldiv` builtin.
    MulDiv,
    /// The `state` builtin.
    State,
    /// Touched leaves of the state tree.
    Leaf,
    /// Touched inner nodes of the state tree.
    Merkle,
    /// The `schnorr` builtin.
    Schnorr,
    /// Windows of the sums behind the signatures.
    SchnorrSum,
}

impl Kind {
    /// The tables that every program has, in the order of the statement.
    pub const CORE: [Kind; 6] = [
        Kind::Cpu,
        Kind::Program,
        Kind::Memory,
        Kind::Range16,
        Kind::Poseidon2,
        Kind::Public,
    ];

    /// The table of a builtin; the `output` builtin's cells are the public segment's.
    #[must_use]
    pub fn of_builtin(builtin: Builtin) -> Option<Kind> {
        match builtin {
            Builtin::Output => None,
            Builtin::RangeCheck => Some(Kind::RangeCheck),
            Builtin::Poseidon2 => Some(Kind::Poseidon2Io),
            Builtin::Muldiv => Some(Kind::MulDiv),
            Builtin::State => Some(Kind::State),
            Builtin::Schnorr => Some(Kind::Schnorr),
        }
    }

    /// The table's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Cpu => "cpu",
            Kind::Program => "program",
            Kind::Memory => "memory",
            Kind::Range16 => "range16",
            Kind::Poseidon2 => "poseidon2",
            Kind::Public => "public",
            Kind::RangeCheck => "range_check",
            Kind::Poseidon2Io => "poseidon2_io",
            Kind::MulDiv => "muldiv",
            Kind::State => "state",
            Kind::Leaf => "leaf",
            Kind::Merkle => "merkle",
            Kind::Schnorr => "schnorr",
            Kind::SchnorrSum => "schnorr_sum",
        }
    }

    /// Number of columns.
    #[must_use]
    pub fn width(self) -> usize {
        match self {
            Kind::Cpu => cpu::columns::CpuCols::<F>::WIDTH,
            Kind::Program => program::columns::ProgramCols::<F>::WIDTH,
            Kind::Memory => memory::columns::MemoryCols::<F>::WIDTH,
            Kind::Range16 => range16::columns::Range16Cols::<F>::WIDTH,
            Kind::Poseidon2 => poseidon2::columns::Poseidon2Cols::<F>::WIDTH,
            Kind::Public => public::columns::PublicCols::<F>::WIDTH,
            Kind::RangeCheck => range_check::columns::RangeCheckCols::<F>::WIDTH,
            Kind::Poseidon2Io => poseidon2_io::columns::Poseidon2IoCols::<F>::WIDTH,
            Kind::MulDiv => muldiv::columns::MulDivCols::<F>::WIDTH,
            Kind::State => state::columns::StateCols::<F>::WIDTH,
            Kind::Leaf => leaf::columns::LeafCols::<F>::WIDTH,
            Kind::Merkle => merkle::columns::MerkleCols::<F>::WIDTH,
            Kind::Schnorr => schnorr::columns::SchnorrCols::<F>::WIDTH,
            Kind::SchnorrSum => schnorr_sum::columns::SumCols::<F>::WIDTH,
        }
    }
}

/// One table of a statement.
#[derive(Clone, Debug)]
pub struct Table {
    /// Which one.
    pub kind: Kind,
    geometry: Arc<Geometry>,
    /// First address of the builtin's segment; 0 for other tables.
    base: u32,
    /// Address of the public number of instances used; 0 for other tables.
    used_address: u32,
    fixed: Vec<Vec<F>>,
}

/// The tables of a statement, in its order: the core, then the builtins'. `public` is the public
/// column, 2^`log_public` values.
#[must_use]
pub fn tables(geometry: &Arc<Geometry>, public: &[F]) -> Vec<Table> {
    let table = |kind: Kind, base: u32, used_address: u32| Table {
        kind,
        geometry: Arc::clone(geometry),
        base,
        used_address,
        fixed: match kind {
            Kind::Public => public::air::fixed_columns(geometry, public),
            Kind::SchnorrSum => schnorr_sum::constants::fixed_columns(),
            _ => vec![],
        },
    };
    let mut tables: Vec<Table> = Kind::CORE.map(|kind| table(kind, 0, 0)).into();
    for (number, segment) in geometry.builtins.iter().enumerate() {
        for kind in of_segment(segment) {
            tables.push(table(kind, segment.base, PUBLIC_BASE + 1 + number as u32));
        }
    }
    tables
}

/// A builtin's own table first, then those that it brings along.
fn of_segment(segment: &BuiltinSegment) -> impl Iterator<Item = Kind> {
    let others: &[Kind] = match segment.builtin {
        Builtin::State => &[Kind::Leaf, Kind::Merkle],
        Builtin::Schnorr => &[Kind::SchnorrSum],
        _ => &[],
    };
    Kind::of_builtin(segment.builtin)
        .into_iter()
        .chain(others.iter().copied())
}

/// The kinds of a statement's tables, in its order.
#[must_use]
pub fn kinds(geometry: &Geometry) -> Vec<Kind> {
    let builtins = geometry.builtins.iter().flat_map(of_segment);
    Kind::CORE.into_iter().chain(builtins).collect()
}

/// The kinds of the tables of a program with these builtins, in the statement's order.
#[must_use]
pub fn kinds_of(builtins: &[Builtin]) -> Vec<Kind> {
    let segment = |&builtin: &Builtin| BuiltinSegment {
        builtin,
        base: 0,
        cells: 0,
        log_rows: 0,
    };
    let segments: Vec<BuiltinSegment> = builtins.iter().map(segment).collect();
    Kind::CORE
        .into_iter()
        .chain(segments.iter().flat_map(of_segment))
        .collect()
}

// Every method of `BaseAir` that a table needs is here: a forgotten one would silently fall back
// to the library's default.
impl BaseAir<F> for Table {
    fn width(&self) -> usize {
        self.kind.width()
    }

    fn main_next_row_columns(&self) -> Vec<usize> {
        match self.kind {
            Kind::Cpu => cpu::air::next_row_columns(),
            Kind::Program => program::air::next_row_columns(),
            Kind::Memory => memory::air::next_row_columns(),
            Kind::Range16 => range16::air::next_row_columns(),
            Kind::Poseidon2 => poseidon2::air::next_row_columns(),
            Kind::Public => public::air::next_row_columns(),
            Kind::RangeCheck => range_check::air::next_row_columns(),
            Kind::Poseidon2Io => poseidon2_io::air::next_row_columns(),
            Kind::MulDiv => muldiv::air::next_row_columns(),
            Kind::State => state::air::next_row_columns(),
            Kind::Leaf => leaf::air::next_row_columns(),
            Kind::Merkle => merkle::air::next_row_columns(),
            Kind::Schnorr => schnorr::air::next_row_columns(),
            Kind::SchnorrSum => schnorr_sum::air::next_row_columns(),
        }
    }

    fn num_periodic_columns(&self) -> usize {
        self.fixed.len()
    }

    fn periodic_columns(&self) -> Cow<'_, [Vec<F>]> {
        Cow::Borrowed(&self.fixed)
    }
}

impl<AB: TableBuilder> Air<AB> for Table {
    #[inline(always)]
    fn eval(&self, b: &mut AB) {
        match self.kind {
            Kind::Cpu => cpu::air::eval(&self.geometry, b),
            Kind::Program => program::air::eval(&self.geometry, b),
            Kind::Memory => memory::air::eval(b),
            Kind::Range16 => range16::air::eval(b),
            Kind::Poseidon2 => poseidon2::air::eval(b),
            Kind::Public => public::air::eval(&self.geometry, b),
            Kind::RangeCheck => range_check::air::eval(self.base, b),
            Kind::Poseidon2Io => poseidon2_io::air::eval(self.base, b),
            Kind::MulDiv => muldiv::air::eval(self.base, b),
            Kind::State => state::air::eval(self.base, self.used_address, b),
            Kind::Leaf => leaf::air::eval(b),
            Kind::Merkle => merkle::air::eval(roots_address(&self.geometry), TREE_DEPTH, b),
            Kind::Schnorr => schnorr::air::eval(self.base, b),
            Kind::SchnorrSum => schnorr_sum::air::eval(b),
        }
    }
}
