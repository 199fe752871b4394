//! Compiled programs.

/// Offset of `__end__` in every proof-mode program: after `ap += n` and `call main`.
pub const END: u32 = 4;
