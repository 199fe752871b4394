//! Which leaves were written, and what they held at the last seal.

use crate::leaf::LeafWords;

/// When a leaf was last written: the number of the journal's epoch. 0: in none.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stamp(u32);

/// A leaf's address and its content at the last seal.
pub(crate) type Saved = (u64, LeafWords);

/// The writes since the last seal. An epoch lasts from one seal or rollback to the next.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    epoch: u32,
    saved: Vec<Saved>,
    /// Addresses written by the last command, possibly several times.
    touched: Vec<u64>,
}

impl Journal {
    pub(crate) const fn new() -> Self {
        Self {
            epoch: 1,
            saved: Vec::new(),
            touched: Vec::new(),
        }
    }

    /// To be called before a leaf is written; `old` gives what it holds.
    #[inline]
    pub(crate) fn touch(&mut self, stamp: &mut Stamp, addr: u64, old: impl FnOnce() -> LeafWords) {
        self.touched.push(addr);
        if stamp.0 != self.epoch {
            stamp.0 = self.epoch;
            self.saved.push((addr, old()));
        }
    }

    /// Forgets which leaves the last command wrote.
    pub(crate) fn begin_command(&mut self) {
        self.touched.clear();
    }

    /// The addresses that the last command wrote, ascending.
    pub(crate) fn touched(&self) -> Vec<u64> {
        let mut touched = self.touched.clone();
        touched.sort_unstable();
        touched.dedup();
        touched
    }

    /// Every leaf written since the last seal with what it held then, in order of first writes.
    pub(crate) fn saved(&self) -> &[Saved] {
        &self.saved
    }

    /// Starts the next epoch and hands out what the last one saved.
    pub(crate) fn end_epoch(&mut self) -> Vec<Saved> {
        // Overflow is checked: 2^32 batches at one a second are 136 years.
        self.epoch += 1;
        self.touched.clear();
        std::mem::take(&mut self.saved)
    }
}
