//! Which leaves were written, and what they held at the last seal; of a command that may have to be
//! undone also what they held before it.

use crate::accounts::AccountIndex;
use crate::leaf::LeafWords;

/// When a leaf was last written: the number of the journal's epoch. 0: in none.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stamp(u32);

/// A leaf's address and what it held.
pub(crate) type Saved = (u64, LeafWords);

/// A place in a trigger list by the engine's own count, which no leaf holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SavedSeq {
    pub(crate) at: AccountIndex,
    pub(crate) market: u8,
    pub(crate) seq: u64,
}

/// What leads back from within a command to before it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Undo {
    /// What was written, possibly several times, with what it held before each time.
    pub(crate) leaves: Vec<Saved>,
    /// Places in trigger lists that were given up, in order.
    pub(crate) seqs: Vec<SavedSeq>,
}

/// The writes since the last seal. An epoch lasts from one seal or rollback to the next.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    epoch: u32,
    saved: Vec<Saved>,
    /// Addresses written by the last command, possibly several times.
    touched: Vec<u64>,
    /// Whether the command that runs may have to be undone.
    is_recording: bool,
    /// How much was saved when that began.
    saved_before: usize,
    undo: Undo,
}

impl Journal {
    pub(crate) const fn new() -> Self {
        Self {
            epoch: 1,
            saved: Vec::new(),
            touched: Vec::new(),
            is_recording: false,
            saved_before: 0,
            undo: Undo {
                leaves: Vec::new(),
                seqs: Vec::new(),
            },
        }
    }

    /// To be called before a leaf is written; `old` gives what it holds.
    #[inline]
    pub(crate) fn touch(&mut self, stamp: &mut Stamp, addr: u64, old: impl FnOnce() -> LeafWords) {
        self.touched.push(addr);
        if stamp.0 != self.epoch || self.is_recording {
            self.save(stamp, addr, &old());
        }
    }

    fn save(&mut self, stamp: &mut Stamp, addr: u64, old: &LeafWords) {
        if self.is_recording {
            self.undo.leaves.push((addr, *old));
        }
        if stamp.0 != self.epoch {
            stamp.0 = self.epoch;
            self.saved.push((addr, *old));
        }
    }

    /// Forgets which leaves the last command wrote, and how to undo it.
    pub(crate) fn begin_command(&mut self) {
        self.touched.clear();
        self.is_recording = false;
    }

    /// From here on the command that runs can be undone. It has written nothing yet.
    pub(crate) fn record(&mut self) {
        if !self.is_recording {
            debug_assert!(self.touched.is_empty());
            self.undo.leaves.clear();
            self.undo.seqs.clear();
            self.saved_before = self.saved.len();
            self.is_recording = true;
        }
    }

    /// To be called before a position gives up its place in a trigger list.
    pub(crate) fn give_up_seq(&mut self, at: AccountIndex, market: u8, seq: u64) {
        if self.is_recording {
            self.undo.seqs.push(SavedSeq { at, market, seq });
        }
    }

    /// Hands out what undoes the command, if it was recorded, and forgets that it wrote anything.
    pub(crate) fn take_undo(&mut self) -> Option<Undo> {
        if !self.is_recording {
            return None;
        }
        self.begin_command();
        Some(std::mem::take(&mut self.undo))
    }

    /// Takes the buffers of an undone command back, to be used again.
    pub(crate) fn reuse(&mut self, undo: Undo) {
        self.undo = undo;
    }

    /// Forgets of the leaves that the undone command wrote first which ones are none any more: if
    /// they come to be again, it will be with a fresh stamp.
    pub(crate) fn forget(&mut self, is_gone: impl Fn(u64) -> bool) {
        let first_written = self.saved.split_off(self.saved_before);
        let kept = first_written
            .into_iter()
            .filter(|&(addr, _)| !is_gone(addr));
        self.saved.extend(kept);
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
        self.begin_command();
        std::mem::take(&mut self.saved)
    }
}
