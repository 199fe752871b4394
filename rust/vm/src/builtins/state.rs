//! `state`: `(key, old[8], new[8])`, one access to a leaf of the exchange's state.
//!
//! The accesses are those of a read-write memory in the order of the instances: the machine deduces
//! `old` from the accesses before it, so an instance's key and new value must be written before the
//! old value of any later instance is read. `new` is the program's to write, also where it only
//! reads.

use std::collections::BTreeMap;

use thiserror::Error;
use zkperp_field::poseidon2::Digest;
use zkperp_field::{F, PrimeCharacteristicRing, PrimeField64};
use zkperp_tree::ProofError;
use zkperp_tree::witness::{Touched, Witness};

use super::felt;
use crate::value::Value;

/// Felts of a leaf.
pub const LEAF: usize = 8;
/// Cells of an instance.
pub const CELLS: u32 = 1 + 2 * LEAF as u32;
/// First cell of the old value; the cells from here to the new value are deduced.
pub const OLD: u32 = 1;
/// First cell of the new value.
pub const NEW: u32 = OLD + LEAF as u32;

/// The part of the state that a run touches, as it is before the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateInput {
    /// Depth of the tree.
    pub depth: u32,
    /// Old values of the leaves that the run touches, by key, and of no other.
    pub leaves: BTreeMap<u64, [F; LEAF]>,
    /// The digests that determine the roots together with these leaves
    /// ([`zkperp_tree::Tree::prove_many`]).
    pub frontier: Vec<Digest>,
}

/// An access that has no value, or a run whose accesses don't fit its input.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StateError {
    /// The run was given no state.
    #[error("state: the program reads the state, but the run was given none")]
    NoState,
    /// The host did not provide the leaf.
    #[error("state: leaf {0} is not among those given to the run")]
    UnknownLeaf(u64),
    /// An earlier access is not complete.
    #[error("state: access {0} has no key or no new value, but a later one is read")]
    Incomplete(u32),
    /// A leaf was given that the run never touched, so that its witness would not fit.
    #[error("state: leaf {0} was given to the run but never accessed")]
    Untouched(u64),
    /// The leaves and the frontier make no tree.
    #[error("state: {0}")]
    Tree(#[from] ProofError),
}

/// The state's leaves while a program runs.
#[derive(Clone, Debug)]
pub struct StateMemory<'a> {
    input: Option<&'a StateInput>,
    touched: BTreeMap<u64, Touched>,
    applied: u32,
}

impl<'a> StateMemory<'a> {
    /// The state before the first access.
    #[must_use]
    pub fn new(input: Option<&'a StateInput>) -> Self {
        Self {
            input,
            touched: BTreeMap::new(),
            applied: 0,
        }
    }

    /// Writes the old value of access `number`, if its key is known; returns whether it is.
    /// `accesses` are the segment's cells up to and with this access.
    ///
    /// # Errors
    /// When an earlier access is incomplete, or the leaf was not given.
    pub fn read(&mut self, accesses: &mut [Value], number: u32) -> Result<bool, StateError> {
        self.apply(accesses, number)?;
        let first = (number * CELLS) as usize;
        if !accesses[first].is_known() {
            return Ok(false);
        }
        let key = felt(accesses[first]).as_canonical_u64();
        let leaf = self.leaf(key)?;
        let old = &mut accesses[first + OLD as usize..first + NEW as usize];
        old.copy_from_slice(&leaf.map(Value::felt));
        Ok(true)
    }

    /// Applies the accesses before `number`.
    fn apply(&mut self, accesses: &mut [Value], number: u32) -> Result<(), StateError> {
        while self.applied < number {
            let access = self.applied;
            let first = (access * CELLS) as usize;
            let cells = &mut accesses[first..first + CELLS as usize];
            let (inputs, new) = cells.split_at_mut(NEW as usize);
            if !inputs[0].is_known() || new.iter().any(|cell| !cell.is_known()) {
                return Err(StateError::Incomplete(access));
            }
            let key = felt(inputs[0]).as_canonical_u64();
            let old = self.leaf(key)?;
            inputs[OLD as usize..].copy_from_slice(&old.map(Value::felt));
            let leaf = self.touched.entry(key).or_insert(Touched {
                addr: key,
                old,
                new: old,
                last_timestamp: 0,
            });
            leaf.new = std::array::from_fn(|i| felt(new[i]));
            leaf.last_timestamp = u64::from(access) + 1;
            self.applied += 1;
        }
        Ok(())
    }

    fn leaf(&self, key: u64) -> Result<[F; LEAF], StateError> {
        if let Some(touched) = self.touched.get(&key) {
            return Ok(touched.new);
        }
        let input = self.input.ok_or(StateError::NoState)?;
        input
            .leaves
            .get(&key)
            .copied()
            .ok_or(StateError::UnknownLeaf(key))
    }

    /// Completes all `count` accesses of a finished run; returns the leaves they touched, by key.
    ///
    /// # Errors
    /// When an access is incomplete.
    pub fn finish(
        mut self,
        accesses: &mut [Value],
        count: u32,
    ) -> Result<Vec<Touched>, StateError> {
        self.apply(accesses, count)?;
        Ok(self.touched.into_values().collect())
    }
}

/// The proof's witness of the tree before and after a run that touched these leaves.
///
/// # Errors
/// When the input holds a leaf that was not touched, or leaves and frontier don't fit.
pub fn witness(input: Option<&StateInput>, touched: &[Touched]) -> Result<Witness, StateError> {
    let input = input.ok_or(StateError::NoState)?;
    let is_touched = |key: &u64| touched.binary_search_by_key(key, |leaf| leaf.addr).is_ok();
    match input.leaves.keys().find(|key| !is_touched(key)) {
        Some(key) => Err(StateError::Untouched(*key)),
        None => Ok(Witness::build(input.depth, touched, &input.frontier)?),
    }
}

/// An instance behind the used ones: the table does not count it.
pub(super) fn padding() -> Vec<F> {
    vec![F::ZERO; CELLS as usize]
}
