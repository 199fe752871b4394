//! What is true of cleared orders and client ids in every state that the rules reach
//! (docs/spec/orders.md § 3 and § 4).

use crate::accounts::AccountIndex;
use crate::client_orders::{ClientOrder, low_bits};
use crate::invariants::BrokenInvariant;
use crate::leaf::EMPTY;
use crate::order::Order;
use crate::state::State;

impl State {
    /// Checks pages, entries and the living orders with client ids.
    pub(crate) fn check_client_orders(&self) -> Result<(), BrokenInvariant> {
        let mut owners = vec![None; self.schedule.next_names as usize];
        for (at, account) in self.accounts.iter() {
            let broken = |what| BrokenInvariant::Account {
                account: account.number,
                what,
            };
            if let Some(page) = account.names.checked_sub(1) {
                let owner = owners.get_mut(page as usize);
                let owner = owner.ok_or(broken("its page of client ids was not given yet"))?;
                if owner.replace(at).is_some() {
                    return Err(broken("its page of client ids is another's"));
                }
            }
            let next = self.clock.next_order_id;
            let mut marks = (0..self.config.markets)
                .map(|market| self.accounts.position(at, market).cleared)
                .chain([account.cleared]);
            if marks.any(|cleared| cleared > next) {
                return Err(broken("it has cleared orders that were not placed yet"));
            }
        }
        if owners.contains(&None) {
            return Err(BrokenInvariant::Missing("account of a page of client ids"));
        }
        for (page, low, entry) in self.client_orders.entries() {
            let at = owners[page as usize].expect("Invariant: every page has its account by now");
            let account = self.accounts.get(at).number;
            self.check_client_order(account, low, entry)
                .map_err(|what| BrokenInvariant::Account { account, what })?;
        }
        for slot in 1..self.books.orders.len() as u32 {
            let order = self.books.order(slot);
            if order.is_live() && order.flags.client_id() != 0 {
                self.check_named(slot, order)
                    .map_err(|what| BrokenInvariant::Order { slot, what })?;
            }
        }
        Ok(())
    }

    /// An entry of an account's page: of an order that was placed, and of that order while it rests.
    fn check_client_order(
        &self,
        account: u32,
        low: u16,
        entry: &ClientOrder,
    ) -> Result<(), &'static str> {
        if entry.words() == EMPTY {
            return Ok(());
        }
        let is_placed = (1..self.clock.next_order_id).contains(&entry.order_id);
        let is_slot = (1..self.books.orders.len()).contains(&(entry.slot as usize));
        if entry.client_id == 0 || low_bits(entry.client_id) != low || !is_placed || !is_slot {
            return Err("a client id's entry is out of range");
        }
        if entry.market >= self.config.markets {
            return Err("a client id's entry is of a market that isn't");
        }
        let Some(order) = self.present(entry) else {
            return Ok(());
        };
        let market = self.books.level(order.level).book_id().market();
        let is_same = order.account == account
            && order.flags.client_id() == entry.client_id
            && market == entry.market;
        if is_same {
            Ok(())
        } else {
            Err("a client id's entry is of another order than its own")
        }
    }

    /// A living order with a client id is found by it.
    fn check_named(&self, slot: u32, order: &Order) -> Result<(), &'static str> {
        let market = self.books.level(order.level).book_id().market();
        if self.gone(order, market, self.clock.time_ms).is_some() {
            return Ok(());
        }
        let found = self.find_named(order.owner, order.flags.client_id());
        if found.is_some_and(|found| found.slot == slot) {
            Ok(())
        } else {
            Err("it is not found by its client id")
        }
    }

    /// Whether an order counts among its account's open orders in its market.
    pub(crate) fn counts_in(&self, order: &Order, market: u8) -> bool {
        order.id >= self.accounts.position(order.owner, market).cleared
    }

    /// Whether an account that is not open has what only open ones have of orders.
    pub(crate) fn has_order_terms(&self, at: AccountIndex) -> bool {
        let account = self.accounts.get(at);
        let cleared = (0..self.config.markets).any(|m| self.accounts.position(at, m).cleared != 0);
        cleared || (account.cleared, account.deadline_ms, account.names) != (0, 0, 0)
    }
}
