//! What is true of trigger lists, due accounts and a deleveraging in every state that the rules
//! reach (docs/spec/liquidation.md), and how their order is found again from leaves.

use zkperp_schema as schema;

use crate::accounts::{Account, AccountIndex, Position};
use crate::due::DueIndex;
use crate::formulas;
use crate::invariants::BrokenInvariant;
use crate::market::FirstTrigger;
use crate::risk::Deleveraging;
use crate::state::State;
use crate::trigger_index::{LISTS, list_of};

const fn of_account(account: u32, what: &'static str) -> BrokenInvariant {
    BrokenInvariant::Account { account, what }
}

impl State {
    /// Fills the maps from the links, which it checks.
    pub(crate) fn index_risk(&mut self) -> Result<(), BrokenInvariant> {
        self.triggers.clear();
        for market in 0..self.config.markets {
            for list in 1..=LISTS {
                for at in self.walk_triggers(market, list)? {
                    let trigger = self.accounts.position(at, market).trigger;
                    let (seq, _) = self.triggers.insert(market, list, trigger, at);
                    self.accounts.set_seq(at, market, seq);
                }
            }
        }
        self.due = self.walk_due()?;
        self.counterparty = self.counterparty_above(0).unwrap_or(0);
        Ok(())
    }

    /// The accounts of a list by its links: sorted, linked both ways, of that list. A walk ends, as
    /// every link back is checked.
    fn walk_triggers(&self, market: u8, list: u8) -> Result<Vec<AccountIndex>, BrokenInvariant> {
        let first = self.live_market(market).first_trigger(list);
        let mut found = Vec::new();
        let (mut prev, mut trigger, mut number) = (0, i64::MAX, first.account);
        while number != 0 {
            let broken = |what| of_account(number, what);
            let at = self.accounts.find(number);
            let at = at.ok_or(broken("a trigger list links it, but it is none"))?;
            let position = self.accounts.position(at, market);
            if position.list != list || position.prev != prev {
                return Err(broken("its trigger list or its link back is wrong"));
            }
            if position.trigger > trigger {
                return Err(broken("its trigger is above that of the one before it"));
            }
            found.push(at);
            (prev, trigger, number) = (number, position.trigger, position.next);
        }
        let head = found.first().map_or(FirstTrigger::default(), |&at| {
            let trigger = self.accounts.position(at, market).trigger;
            FirstTrigger {
                account: first.account,
                trigger,
            }
        });
        if head != first {
            let what = "a trigger list's first trigger is wrong";
            return Err(BrokenInvariant::Market { market, what });
        }
        Ok(found)
    }

    /// The due accounts by their links, sorted and linked both ways.
    fn walk_due(&self) -> Result<DueIndex, BrokenInvariant> {
        let mut found = DueIndex::new();
        let (mut prev, mut number) = (0, self.risk.due_first);
        while number != 0 {
            let broken = |what| of_account(number, what);
            let at = self.accounts.find(number);
            let due = at.and_then(|at| self.accounts.get(at).due.as_deref());
            let due = due.ok_or(broken("the due list links it, but it is not due"))?;
            let key = due.rank(number);
            if due.prev != prev || found.last().is_some_and(|last| *last >= key) {
                return Err(broken("its place in the due list is wrong"));
            }
            found.insert(key);
            (prev, number) = (number, due.next);
        }
        Ok(found)
    }

    /// Checks lists, due accounts and a deleveraging.
    pub(crate) fn check_risk(&self) -> Result<(), BrokenInvariant> {
        let mut listed = 0;
        for market in 0..self.config.markets {
            for list in 1..=LISTS {
                let found = self.walk_triggers(market, list)?;
                if !self
                    .triggers
                    .accounts(market, list)
                    .eq(found.iter().copied())
                {
                    let what = "the engine's order of a trigger list is not its links'";
                    return Err(BrokenInvariant::Market { market, what });
                }
                listed += found.len();
            }
            if self.crossed(market).is_some() && self.risk.pending >> market & 1 == 0 {
                let what = "a trigger is crossed, but it is not pending";
                return Err(BrokenInvariant::Market { market, what });
            }
        }
        if u64::from(self.risk.pending) >> self.config.markets != 0 {
            return Err(BrokenInvariant::Missing("market of a pending bit"));
        }
        let due = self.walk_due()?;
        if due != self.due {
            return Err(BrokenInvariant::Missing(
                "due account in the engine's order",
            ));
        }
        let (mut expected, mut due_accounts) = (0, 0);
        for (at, account) in self.accounts.iter() {
            expected += account.positions.count_ones() as usize * usize::from(!self.is_due(at));
            due_accounts += usize::from(self.is_due(at));
            self.check_listing(at)
                .and_then(|()| self.check_visits(at, account))
                .map_err(|what| of_account(account.number, what))?;
        }
        if (listed, due.len()) != (expected, due_accounts) {
            return Err(BrokenInvariant::Missing(
                "position in a trigger list, or due account",
            ));
        }
        let Some(deleveraging) = &self.deleveraging else {
            return if self.counterparty == 0 {
                Ok(())
            } else {
                Err(BrokenInvariant::Missing("deleveraging of a counterparty"))
            };
        };
        self.check_deleveraging(deleveraging)
            .map_err(|what| of_account(deleveraging.account, what))
    }

    /// Its positions stand where they belong, and it is healthy if its triggers say so.
    fn check_listing(&self, at: AccountIndex) -> Result<(), &'static str> {
        let mut is_crossed = self.is_due(at);
        for (number, market) in (0_u8..).zip(&self.markets) {
            let position = self.accounts.position(at, number);
            let Position {
                trigger,
                prev,
                next,
                list,
                ..
            } = *position;
            if position.size == 0 || self.is_due(at) {
                if (trigger, prev, next, list) != (0, 0, 0, 0) {
                    return Err("a position that belongs in no trigger list has a place");
                }
                continue;
            }
            let tier = market.tier_of(position.size.unsigned_abs());
            if tier.is_none_or(|tier| list != list_of(position.size, tier)) {
                return Err("a position is not in the list of its side and tier");
            }
            is_crossed |= market.trigger_value(list) < trigger;
        }
        let may_owe = is_crossed || self.is_fund_without_positions(at);
        if !may_owe && self.sums(at).maintenance < 0 {
            return Err("it is below maintenance margin, but none of its triggers is crossed");
        }
        Ok(())
    }

    /// No deleveraging that visited it is yet to come.
    fn check_visits(&self, at: AccountIndex, account: &Account) -> Result<(), &'static str> {
        for market in 0..self.config.markets {
            let visit = self.accounts.visit(at, market);
            if visit > self.deleveragings {
                return Err("a deleveraging that never began has visited it");
            }
            if visit != 0 && !account.is_open {
                return Err("a deleveraging has visited it, but it is not open");
            }
        }
        Ok(())
    }

    fn check_deleveraging(&self, now: &Deleveraging) -> Result<(), &'static str> {
        // A counterparty that lost by it may stand before it in the due list by now.
        let is_fund = u64::from(now.account) == schema::FUND_ACCOUNT;
        let at = self.accounts.find(now.account);
        let at = at.filter(|&at| is_fund || self.is_due(at));
        let at = at.ok_or("its lots are deleveraged, but it is neither due nor the fund")?;
        if self.risk.pending != 0 || self.risk.due_first == 0 {
            return Err("its lots are deleveraged, but nobody is due, or something is pending");
        }
        if self.deleveragings == 0 {
            return Err("its lots are deleveraged, but no deleveraging ever began");
        }
        if now.market >= self.config.markets {
            return Err("lots are deleveraged in a market that isn't");
        }
        if now.lots == 0 || now.visited >= now.total || now.lots > now.total {
            return Err("what is deleveraged is out of range");
        }
        let share = formulas::deleveraging_share(now.lots, now.quote, now.total, now.visited);
        if (share.closed, share.paid) != (now.closed, now.paid) {
            return Err("what was deleveraged is not the visited accounts' share");
        }
        let size = self.accounts.position(at, now.market).size;
        if size == 0 || size.unsigned_abs() < now.lots - now.closed {
            return Err("more lots are deleveraged than there are");
        }
        let unvisited = self.accounts.iter().map(|(at, _)| at);
        let opposite: u64 = unvisited
            .filter(|&at| self.is_counterparty(at, now.market, -size.signum()))
            .map(|at| self.accounts.position(at, now.market).size.unsigned_abs())
            .sum();
        if opposite != now.total - now.visited {
            return Err("the lots of the accounts yet to be visited are not what is missing");
        }
        if self.next_counterparty() != self.counterparty_above(0) {
            return Err("the engine's next counterparty is not the lowest");
        }
        Ok(())
    }

    /// The first list of a market with a crossed trigger, and the account that stands first in it.
    pub(crate) fn crossed(&self, number: u8) -> Option<u32> {
        let market = self.live_market(number);
        (1..=LISTS).find_map(|list| {
            let first = market.first_trigger(list);
            let is_crossed = first.account != 0 && market.trigger_value(list) < first.trigger;
            is_crossed.then_some(first.account)
        })
    }
}
