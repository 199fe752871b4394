//! Segmented write-once memory.

use thiserror::Error;

use crate::value::{MAX_OFFSET, Segment, Value};

/// Cells by which a segment grows at a time: few calls, and few pages touched in vain.
const GROWTH: usize = 1 << 14;

/// A write that memory refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MemoryError {
    /// The cell holds another value.
    #[error("{segment}:{offset} holds {old} and can't become {new}")]
    Conflict {
        /// The cell's segment.
        segment: Segment,
        /// The cell's offset.
        offset: u32,
        /// What it holds.
        old: Value,
        /// What was to be written.
        new: Value,
    },
    /// The program segment ends with the program.
    #[error("program:{0} lies outside the program, which can't grow")]
    ProgramWrite(u32),
    /// The offset is beyond the address space.
    #[error("{0}:{1} lies outside the address space")]
    OutOfSpace(Segment, u32),
}

/// Cells reserved for a segment when it first grows: address space only, until they are touched. It
/// spares the copies of a growing vector's first doublings.
const RESERVE: usize = 1 << 20;

/// All segments of a run.
#[derive(Clone, Debug)]
pub struct Memory {
    segments: Vec<Vec<Value>>,
}

impl Memory {
    /// Memory with the given program, no other cell written, and segments for so many builtins.
    #[must_use]
    pub fn new(program: Vec<Value>, builtins: usize) -> Self {
        let mut segments = vec![program];
        segments.resize_with(Segment::builtin(builtins).index(), Vec::new);
        Self { segments }
    }

    /// The cell's value, `Value::UNKNOWN` if it was not written.
    #[inline(always)]
    #[must_use]
    pub fn get(&self, segment: Segment, offset: u32) -> Value {
        let cells = &self.segments[segment.index()];
        cells
            .get(offset as usize)
            .copied()
            .unwrap_or(Value::UNKNOWN)
    }

    /// Writes a cell, which must be unwritten or hold the same value.
    ///
    /// # Errors
    /// When it holds another value, or can't exist.
    #[inline(always)]
    pub fn set(&mut self, segment: Segment, offset: u32, new: Value) -> Result<(), MemoryError> {
        if offset as usize >= self.segments[segment.index()].len() {
            self.grow(segment, offset)?;
        }
        let cell = &mut self.segments[segment.index()][offset as usize];
        if *cell == new || !cell.is_known() {
            *cell = new;
            return Ok(());
        }
        Err(MemoryError::Conflict {
            segment,
            offset,
            old: *cell,
            new,
        })
    }

    /// Makes `offset` a cell of the segment.
    #[cold]
    fn grow(&mut self, segment: Segment, offset: u32) -> Result<(), MemoryError> {
        if segment == Segment::PROGRAM {
            return Err(MemoryError::ProgramWrite(offset));
        }
        if offset >= MAX_OFFSET {
            return Err(MemoryError::OutOfSpace(segment, offset));
        }
        let cells = &mut self.segments[segment.index()];
        if cells.capacity() < RESERVE {
            cells.reserve(RESERVE - cells.len());
        }
        cells.resize(
            (offset as usize + 1).max(cells.len() + GROWTH),
            Value::UNKNOWN,
        );
        Ok(())
    }

    /// The cells `from .. from + count` of a segment, created where they don't exist.
    pub(crate) fn cells_mut(
        &mut self,
        segment: Segment,
        from: u32,
        count: u32,
    ) -> Result<&mut [Value], MemoryError> {
        let end = from.saturating_add(count);
        if end as usize > self.segments[segment.index()].len() {
            self.grow(segment, end - 1)?;
        }
        Ok(&mut self.segments[segment.index()][from as usize..end as usize])
    }

    /// Fills an empty segment with known cells from its start.
    pub(crate) fn fill(&mut self, segment: Segment, cells: Vec<Value>) {
        let target = &mut self.segments[segment.index()];
        assert!(
            target.is_empty(),
            "Invariant: only an empty segment is filled"
        );
        *target = cells;
    }

    /// The segment's cells up to the last one written.
    #[must_use]
    pub fn written(&self, segment: Segment) -> &[Value] {
        let cells = &self.segments[segment.index()];
        let end = cells
            .iter()
            .rposition(|cell| cell.is_known())
            .map_or(0, |last| last + 1);
        &cells[..end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zkperp_field::{F, PrimeCharacteristicRing};

    fn felt(value: u32) -> Value {
        Value::felt(F::from_u32(value))
    }

    #[test]
    fn cells_are_written_once() {
        let mut memory = Memory::new(vec![felt(1)], 1);
        let segment = Segment::EXECUTION;
        assert_eq!(memory.get(segment, 7), Value::UNKNOWN);
        memory.set(segment, 7, felt(3)).unwrap();
        memory.set(segment, 7, felt(3)).unwrap();
        assert_eq!(
            memory.set(segment, 7, felt(4)),
            Err(MemoryError::Conflict {
                segment,
                offset: 7,
                old: felt(3),
                new: felt(4)
            })
        );
        assert_eq!(memory.written(segment).len(), 8);
        assert_eq!(memory.written(Segment::builtin(0)), &[]);
    }

    #[test]
    fn the_program_neither_changes_nor_grows() {
        let mut memory = Memory::new(vec![felt(1)], 0);
        assert!(matches!(
            memory.set(Segment::PROGRAM, 0, felt(2)),
            Err(MemoryError::Conflict { .. })
        ));
        assert_eq!(
            memory.set(Segment::PROGRAM, 1, felt(2)),
            Err(MemoryError::ProgramWrite(1))
        );
    }

    #[test]
    fn offsets_are_bounded() {
        let mut memory = Memory::new(vec![], 0);
        let beyond = memory.set(Segment::ADVICE, MAX_OFFSET, felt(0));
        assert_eq!(
            beyond,
            Err(MemoryError::OutOfSpace(Segment::ADVICE, MAX_OFFSET))
        );
    }
}
