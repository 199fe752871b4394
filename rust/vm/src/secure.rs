//! What is checked of a finished run before it is laid out: that the builtins' tables will accept
//! it, so that a mistake is named here and not found in a proof that doesn't verify.

use thiserror::Error;

use crate::builtins::Builtin;
use crate::builtins::schnorr::SchnorrError;
use crate::builtins::state::{StateError, StateMemory};
use crate::memory::Memory;
use crate::step::Fault;
use crate::value::{Segment, Value};
use zkperp_tree::witness::Touched;

/// A rule that the finished run breaks.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SecurityError {
    /// `main` did not return a pointer into the builtin's own segment.
    #[error("main returned {value} as the pointer of {builtin}")]
    StopPointer {
        /// The builtin.
        builtin: Builtin,
        /// What stands where its stop pointer should.
        value: Value,
    },
    /// The stop pointer lies within an instance.
    #[error("main returned a pointer of {builtin} at cell {offset}, within an instance")]
    SplitInstance {
        /// The builtin.
        builtin: Builtin,
        /// The pointer's offset.
        offset: u32,
    },
    /// A cell from the stop pointer on was written: no table row would constrain it.
    #[error("cell {offset} of {builtin} was written, but main returned the pointer {stop}")]
    BeyondStop {
        /// The builtin.
        builtin: Builtin,
        /// The last cell written.
        offset: u32,
        /// The stop pointer's offset.
        stop: u32,
    },
    /// An input of a used instance was never written.
    #[error("cell {offset} of {builtin} was left out")]
    Hole {
        /// The builtin.
        builtin: Builtin,
        /// The cell.
        offset: u32,
    },
    /// A used instance whose outputs nobody read has none.
    #[error("instance {instance} of {builtin}: {fault}")]
    Instance {
        /// The builtin.
        builtin: Builtin,
        /// The instance.
        instance: u32,
        /// What is wrong with it.
        fault: Fault,
    },
    /// The accesses to the state don't fit the state given.
    #[error(transparent)]
    State(#[from] StateError),
    /// A used instance of `schnorr` without a valid signature.
    #[error(transparent)]
    Schnorr(#[from] SchnorrError),
}

/// What a finished run used of its builtins.
#[derive(Debug)]
pub struct Usage {
    /// Instances of each builtin, in the program's order.
    pub used: Vec<u32>,
    /// The leaves that the accesses touched, by key, if the program has the `state` builtin.
    pub touched: Option<Vec<Touched>>,
}

/// Checks the builtins' segments of a finished run and fills in the outputs that nobody read.
/// Returns how many instances of each were used, and the leaves touched.
///
/// # Errors
/// The first rule that is broken.
pub fn complete_builtins(
    memory: &mut Memory,
    builtins: &[Builtin],
    final_ap: u32,
    state: StateMemory<'_>,
) -> Result<Usage, SecurityError> {
    let mut used = Vec::with_capacity(builtins.len());
    let mut state = Some(state);
    let mut touched = None;
    for (index, &builtin) in builtins.iter().enumerate() {
        let back = (builtins.len() - index) as u32;
        let value = match final_ap.checked_sub(back) {
            Some(offset) => memory.get(Segment::EXECUTION, offset),
            None => Value::UNKNOWN,
        };
        let stop = match value.as_pointer() {
            Some((segment, offset)) if segment == Segment::builtin(index) => offset,
            _ => return Err(SecurityError::StopPointer { builtin, value }),
        };
        let count = complete_segment(memory, builtin, index, stop)?;
        if let Some(state) = state.take_if(|_| builtin == Builtin::State) {
            let cells = memory
                .cells_mut(Segment::builtin(index), 0, stop)
                .expect("Invariant: the used cells exist");
            touched = Some(state.finish(cells, count)?);
        }
        used.push(count);
    }
    Ok(Usage { used, touched })
}

/// One builtin: `stop` is the offset its pointer was returned at.
fn complete_segment(
    memory: &mut Memory,
    builtin: Builtin,
    index: usize,
    stop: u32,
) -> Result<u32, SecurityError> {
    let segment = Segment::builtin(index);
    let cells = builtin.cells();
    if !stop.is_multiple_of(cells) {
        return Err(SecurityError::SplitInstance {
            builtin,
            offset: stop,
        });
    }
    let written = memory.written(segment).len() as u32;
    if written > stop {
        return Err(SecurityError::BeyondStop {
            builtin,
            offset: written - 1,
            stop,
        });
    }
    let instances = stop / cells;
    for instance in 0..instances {
        let first = instance * cells;
        let all =
            memory
                .cells_mut(segment, first, cells)
                .map_err(|fault| SecurityError::Instance {
                    builtin,
                    instance,
                    fault: fault.into(),
                })?;
        let left_out = |cell: &u32| builtin.is_input(*cell) && !all[*cell as usize].is_known();
        if let Some(hole) = (0..cells).find(left_out) {
            let offset = first + hole;
            return Err(SecurityError::Hole { builtin, offset });
        }
        if all.iter().any(|cell| !cell.is_known()) {
            builtin
                .complete(all)
                .map_err(|fault| SecurityError::Instance {
                    builtin,
                    instance,
                    fault: fault.into(),
                })?;
        }
    }
    Ok(instances)
}
