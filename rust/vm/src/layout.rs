//! Where everything lies in memory: a function of the program and of the table heights alone, so
//! that every address in a statement is a constant of its shape.
//!
//! Addresses start at 1:
//! `[public: 2^log_public][builtins after output: cells * 2^log_rows each][program][execution]…`
//!
//! The public segment is the image of the public values:
//!
//! | cell | value |
//! |---|---|
//! | 0 | final `ap` |
//! | 1 .. 1+n | instances used, by builtin (n builtins) |
//! | 1+n .. 5+n | program digest |
//! | 5+n .. 13+n | old and new root of the state, if the program has the `state` builtin |
//! | then | output cells, then zeros |

use std::collections::BTreeMap;

use thiserror::Error;

use crate::builtins::Builtin;

/// Smallest log-height of a table, and so of the public segment and of each builtin.
///
/// The commitment's first folding needs 2^6 rows of every table.
pub const MIN_LOG_ROWS: usize = 6;
/// Largest log-height that can be asked for; with the address limit it keeps shifts in range.
pub const MAX_LOG_ROWS: usize = 26;
/// Memory has less than 2^28 cells, so that addresses and their differences stay far below p.
pub const MAX_LOG_ADDRESSES: usize = 28;
/// First address: 0 is never a valid one, so that a zeroed cell can't look like a pointer.
pub const FIRST_ADDRESS: u32 = 1;
/// Cells of the program digest.
pub const DIGEST_CELLS: usize = 4;

/// One builtin's place in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltinSegment {
    /// Which builtin.
    pub builtin: Builtin,
    /// Address of its first cell; the program finds it in its argument cell.
    pub base: u32,
    /// Cells per instance.
    pub cells: u32,
    /// The table has `2^log_rows` instances. For `output` it is `log_public`: the segment is the
    /// public segment from its output cells on, so it holds less than `2^log_rows` instances.
    pub log_rows: usize,
}

/// The memory map of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryLayout {
    /// The public segment has `2^log_public` cells, from [`FIRST_ADDRESS`].
    pub log_public: usize,
    /// The program's builtins in its (canonical) order; the first is always `output`.
    pub builtins: Vec<BuiltinSegment>,
    /// Address of the first program word; `pc` of the first row.
    pub program_base: u32,
    /// Program words.
    pub program_len: u32,
    /// Address of the first execution cell: `ap` and `fp` of the first row.
    pub exec_base: u32,
}

/// Heights that a run is laid out with. What is not given follows from the run's usage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capacities {
    /// Log-size of the public segment.
    pub log_public: Option<usize>,
    /// Log-number of instances, by builtin (not for `output`, which `log_public` bounds).
    pub log_rows: BTreeMap<Builtin, usize>,
}

/// Why a run can't be laid out.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LayoutError {
    /// More instances than the given height holds.
    #[error("{used} instances of {builtin} exceed the capacity of {capacity}")]
    Capacity {
        /// The builtin that overflows.
        builtin: Builtin,
        /// Instances used.
        used: u32,
        /// Instances that fit.
        capacity: u32,
    },
    /// A given height outside `MIN_LOG_ROWS ..= MAX_LOG_ROWS`.
    #[error("log-height {0} is outside {MIN_LOG_ROWS}..={MAX_LOG_ROWS}")]
    LogRows(usize),
    /// A height for a builtin that the program doesn't use, or for `output`.
    #[error("a height was given for {0}, which has no table of its own in this program")]
    NoTable(Builtin),
    /// The cells don't fit into the address space.
    #[error("memory does not fit into 2^{MAX_LOG_ADDRESSES} addresses")]
    AddressSpace,
}

impl MemoryLayout {
    /// Lays out a program that used so many instances of each builtin, in its order.
    ///
    /// # Errors
    /// When a capacity is too small or out of range, or memory too large.
    pub fn new(
        used: &[(Builtin, u32)],
        program_len: u32,
        capacities: &Capacities,
    ) -> Result<Self, LayoutError> {
        let has_table = |b: &Builtin| *b != Builtin::Output && used.iter().any(|(u, _)| u == b);
        if let Some(stray) = capacities.log_rows.keys().find(|b| !has_table(b)) {
            return Err(LayoutError::NoTable(*stray));
        }
        let builtins: Vec<Builtin> = used.iter().map(|(builtin, _)| *builtin).collect();
        let header = header_cells(&builtins);
        let outputs = used
            .iter()
            .find(|(b, _)| *b == Builtin::Output)
            .map_or(0, |(_, n)| *n);
        let log_public = match capacities.log_public {
            Some(log) => checked_log(log)?,
            None => log_height(outputs.saturating_add(header))?,
        };
        let room = (1 << log_public) - header;
        if outputs > room {
            return Err(LayoutError::Capacity {
                builtin: Builtin::Output,
                used: outputs,
                capacity: room,
            });
        }
        let mut at = FIRST_ADDRESS + (1 << log_public);
        let mut builtins = Vec::with_capacity(used.len());
        for &(builtin, used) in used {
            let cells = builtin.cells();
            if builtin == Builtin::Output {
                let base = FIRST_ADDRESS + header;
                builtins.push(BuiltinSegment {
                    builtin,
                    base,
                    cells,
                    log_rows: log_public,
                });
                continue;
            }
            let log_rows = match capacities.log_rows.get(&builtin) {
                Some(&log) => checked_log(log)?,
                None => log_height(used)?,
            };
            let capacity = 1 << log_rows;
            if used > capacity {
                return Err(LayoutError::Capacity {
                    builtin,
                    used,
                    capacity,
                });
            }
            builtins.push(BuiltinSegment {
                builtin,
                base: at,
                cells,
                log_rows,
            });
            at = advance(at, u64::from(cells) << log_rows)?;
        }
        let exec_base = advance(at, u64::from(program_len))?;
        Ok(Self {
            log_public,
            builtins,
            program_base: at,
            program_len,
            exec_base,
        })
    }

    /// Cells of the public segment before the first output cell.
    #[must_use]
    pub fn header_cells(&self) -> u32 {
        let builtins: Vec<Builtin> = self.builtins.iter().map(|s| s.builtin).collect();
        header_cells(&builtins)
    }

    /// Index within the public segment of the first digest cell.
    #[must_use]
    pub fn digest_index(&self) -> usize {
        1 + self.builtins.len()
    }

    /// Index within the public segment of the old root's first cell, with the new root behind it,
    /// if the program has the `state` builtin.
    #[must_use]
    pub fn roots_index(&self) -> usize {
        self.digest_index() + DIGEST_CELLS
    }

    /// Address of `__end__`, where every run stops.
    #[must_use]
    pub fn end_pc(&self) -> u32 {
        self.program_base + crate::program::END
    }

    /// The segment of a builtin, if the program uses it.
    #[must_use]
    pub fn segment(&self, builtin: Builtin) -> Option<&BuiltinSegment> {
        self.builtins
            .iter()
            .find(|segment| segment.builtin == builtin)
    }
}

impl BuiltinSegment {
    /// Cells of all instances of the table; not meant for `output`, which has no table of its own.
    #[must_use]
    pub const fn table_cells(&self) -> u32 {
        self.cells << self.log_rows
    }
}

/// Final `ap`, one count for each builtin, the program digest; the state's roots, if it has any.
#[must_use]
pub fn header_cells(builtins: &[Builtin]) -> u32 {
    let roots = if builtins.contains(&Builtin::State) {
        2 * DIGEST_CELLS
    } else {
        0
    };
    (1 + builtins.len() + DIGEST_CELLS + roots) as u32
}

/// `from + cells`, within the address space.
pub(crate) fn advance(from: u32, cells: u64) -> Result<u32, LayoutError> {
    u32::try_from(u64::from(from) + cells)
        .ok()
        .filter(|&end| end <= 1 << MAX_LOG_ADDRESSES)
        .ok_or(LayoutError::AddressSpace)
}

fn checked_log(log: usize) -> Result<usize, LayoutError> {
    if (MIN_LOG_ROWS..=MAX_LOG_ROWS).contains(&log) {
        Ok(log)
    } else {
        Err(LayoutError::LogRows(log))
    }
}

/// The smallest admissible log-height that holds `rows`.
fn log_height(rows: u32) -> Result<usize, LayoutError> {
    let log = u64::from(rows).next_power_of_two().trailing_zeros() as usize;
    checked_log(log.max(MIN_LOG_ROWS))
}
