//! Columns of the `cpu` table: one row per step.

use crate::columns::columns;

/// Flags of an instruction, in Cairo's order; the 16th bit of the word is always zero.
pub const FLAGS: usize = 15;

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
        /// The instruction's flags (`decoded` bus: booleans, at most one of each group).
        pub flags: [T; FLAGS],
        /// Value at the dst address (`memory` bus).
        pub dst: T,
        /// Value at the op0 address (`memory` bus).
        pub op0: T,
        /// Value at the op1 address (`memory` bus).
        pub op1: T,
        /// The operation's result; on a jnz that jumps, the inverse of `dst`; otherwise on a jnz free.
        pub res: T,
        /// On a jnz, whether it jumps; elsewhere free. Keeps the degree at 3.
        pub taken: T,
    }
}
