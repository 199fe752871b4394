//! Back to the last seal, or to before a command that was refused half-way: from what the journal
//! kept of the leaves that were written.

use crate::address::Place;
use crate::journal::{Saved, SavedSeq};
use crate::level::SENTINELS;
use crate::state::State;

impl State {
    /// Undoes everything since the last seal.
    ///
    /// # Panics
    /// `Invariant:` if the journal does not lead back to a state.
    pub fn rollback(&mut self) {
        let saved = self.journal.end_epoch();
        self.unindex_books(&saved);
        self.load_saved(&saved);
        self.index_books(&saved);
        if saved.iter().any(|&(addr, _)| is_risk(addr)) {
            self.index_risk()
                .expect("Invariant: the lists of triggers or due accounts were broken");
        }
        if saved.iter().any(|&(addr, _)| is_conditional(addr)) {
            self.index_conditionals()
                .expect("Invariant: the lists of conditional orders were broken");
        }
    }

    /// Undoes the command that runs, if it was recorded: nothing has changed then, the journal's
    /// account of the batch included. What it costs grows with what the command wrote, no further.
    /// None that can be recorded lets a conditional order come or go.
    pub(crate) fn undo_command(&mut self) {
        let Some(mut undo) = self.journal.take_undo() else {
            return;
        };
        // Of each leaf the oldest, the clock first: it says which slots there are.
        undo.leaves.sort_by_key(|&(addr, _)| addr);
        undo.leaves.dedup_by_key(|&mut (addr, _)| addr);
        self.unindex_books(&undo.leaves);
        self.unindex_risk(&undo.leaves);
        self.load_saved(&undo.leaves);
        for &SavedSeq { at, market, seq } in undo.seqs.iter().rev() {
            self.accounts.set_seq(at, market, seq);
        }
        self.index_books(&undo.leaves);
        self.reindex_risk(&undo.leaves);
        let marks = HighMarks::of(self);
        self.journal
            .forget(|addr| Place::of(addr).is_some_and(|place| marks.is_above(place)));
        self.journal.reuse(undo);
    }

    fn load_saved(&mut self, saved: &[Saved]) {
        for (addr, words) in saved {
            let place = Place::of(*addr).expect("Invariant: a reserved address was written");
            if HighMarks::of(self).is_above(place) {
                continue;
            }
            let loaded = self.load(place, words).is_ok();
            assert!(loaded, "Invariant: a saved leaf can't be loaded");
        }
    }

    /// Takes levels and orders out of the tables that find them.
    fn unindex_books(&mut self, saved: &[Saved]) {
        for &(addr, _) in saved {
            match Place::of(addr) {
                Some(Place::Level(slot)) if slot >= SENTINELS => {
                    let level = self.books.level(slot);
                    if level.is_live() {
                        let index = level.book_id().index();
                        let key = level.key as u32;
                        self.books.indexes[index].remove(key);
                    }
                }
                Some(Place::Order(slot)) => {
                    let order = self.books.order(slot);
                    if order.is_live() {
                        let id = order.id;
                        self.books.ids.remove(id);
                    }
                }
                _ => {}
            }
        }
    }

    fn index_books(&mut self, saved: &[Saved]) {
        for &(addr, _) in saved {
            match Place::of(addr) {
                Some(Place::Level(slot)) => self.index_level(slot),
                Some(Place::Order(slot)) => {
                    let new = self.index_order(slot);
                    assert!(new, "Invariant: two orders with one id in the past");
                }
                _ => {}
            }
        }
    }

    /// Takes positions and due accounts out of the maps that keep their order.
    fn unindex_risk(&mut self, saved: &[Saved]) {
        for &(addr, _) in saved {
            match Place::of(addr) {
                Some(Place::Position(number, market)) => {
                    let at = self.accounts.find(number);
                    let position = at.map(|at| *self.accounts.position(at, market));
                    if let Some(found) = position.filter(|found| found.list != 0) {
                        let (list, trigger, seq) = (found.list, found.trigger, found.seq);
                        self.triggers.remove(market, list, trigger, seq);
                    }
                }
                Some(Place::Due(number)) => {
                    let at = self.accounts.find(number);
                    let due = at.and_then(|at| self.accounts.get(at).due.as_deref());
                    if let Some(due) = due {
                        let rank = due.rank(number);
                        self.due.remove(&rank);
                    }
                }
                _ => {}
            }
        }
    }

    fn reindex_risk(&mut self, saved: &[Saved]) {
        for &(addr, _) in saved {
            match Place::of(addr) {
                Some(Place::Position(number, market)) => {
                    let Some(at) = self.accounts.find(number) else {
                        continue;
                    };
                    let found = *self.accounts.position(at, market);
                    if found.list != 0 {
                        let place = (found.trigger, found.seq);
                        self.triggers.put_back(market, found.list, place, at);
                    }
                }
                Some(Place::Due(number)) => {
                    let at = self.accounts.find(number);
                    let due = at.and_then(|at| self.accounts.get(at).due.as_deref());
                    if let Some(due) = due {
                        let rank = due.rank(number);
                        self.due.insert(rank);
                    }
                }
                _ => {}
            }
        }
    }
}

/// Which slots and pages there are: as the leaves of the clock, of the schedule and of the
/// conditional orders say, which are written before what lies at the mark.
struct HighMarks {
    levels: usize,
    orders: usize,
    names: u32,
    conditionals: usize,
}

impl HighMarks {
    const fn of(state: &State) -> Self {
        Self {
            levels: state.books.levels.len(),
            orders: state.books.orders.len(),
            names: state.schedule.next_names,
            conditionals: state.conditionals.slots.len(),
        }
    }

    const fn is_above(&self, place: Place) -> bool {
        match place {
            Place::Level(slot) => slot as usize >= self.levels,
            Place::Order(slot) => slot as usize >= self.orders,
            Place::ClientOrder(page, _) => page >= self.names,
            Place::Conditional(slot) | Place::ConditionalTerms(slot) => {
                slot as usize >= self.conditionals
            }
            _ => false,
        }
    }
}

/// Whether a leaf has a part in the lists of conditional orders.
fn is_conditional(addr: u64) -> bool {
    matches!(Place::of(addr), Some(Place::Conditional(_)))
}

/// Whether a leaf has a part in the order of trigger lists, due accounts or a deleveraging.
fn is_risk(addr: u64) -> bool {
    use Place::{Deleveraging, Due, Position, Standing};
    let place = Place::of(addr);
    matches!(
        place,
        Some(Position(..) | Standing(..) | Due(_) | Deleveraging)
    )
}
