//! Columns of the `cpu` table: one row per step.

use crate::columns::{Cells, columns};

columns! {
    /// What an instruction does, as the `program` table decodes its fifteen flags. Each choice of one
    /// among four is a number 0..3, not three flags: `cpu` is the longest table by far, and its cells
    /// cost more than a higher degree does.
    pub struct Selectors<T> {
        /// 1: dst is relative to fp; 0: to ap.
        pub dst_fp: T,
        /// 1: op0 is relative to fp; 0: to ap.
        pub op0_fp: T,
        /// What op1 is relative to: [`source`](super::air::source).
        pub source: T,
        /// How the result comes about: [`operation`](super::air::operation).
        pub operation: T,
        /// Where execution goes on: [`jump`](super::air::jump).
        pub jump: T,
        /// How ap changes: [`advance`](super::air::advance).
        pub advance: T,
        /// What else the step does: [`opcode`](super::air::opcode).
        pub opcode: T,
    }
}

impl<T: Copy> Cells<T> for Selectors<T> {
    const COUNT: usize = Selectors::<T>::WIDTH;
    #[inline(always)]
    fn read(row: &[T]) -> Self {
        Selectors::read(row)
    }
    #[inline(always)]
    fn write(&self, row: &mut [T]) {
        Selectors::write(self, row);
    }
}

columns! {
    /// One step of the machine: registers before the step, the decoded instruction, its operands.
    pub struct CpuCols<T> {
        /// Program counter: the address of the instruction.
        pub pc: T,
        /// Allocation pointer.
        pub ap: T,
        /// Frame pointer.
        pub fp: T,
        /// Offsets of dst, op0, op1, without their bias of 2^15 (`decoded` bus).
        pub offsets: [T; 3],
        /// What the instruction does (`decoded` bus).
        pub selectors: Selectors<T>,
        /// Value at the dst address (`memory` bus; free on the last row, which uses none).
        pub dst: T,
        /// Value at the op0 address (`memory` bus).
        pub op0: T,
        /// Value at the op1 address (`memory` bus).
        pub op1: T,
        /// The operation's result; on a jnz, what `dst` must be multiplied by to give the distance
        /// from the next instruction to where the step goes.
        pub res: T,
    }
}
