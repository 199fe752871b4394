//! What has to be liquidated before anybody may take risk: the leaves `risk` and `deleveraging`
//! (docs/spec/liquidation.md § 3 and § 7).

use zkperp_schema::{self as schema, Refusal, deleveraging as felt, risk as risk_felt};

use crate::address;
use crate::journal::Stamp;
use crate::leaf::{EMPTY, LeafWords, from_signed, to_signed};
use crate::level::{FieldError, narrow};
use crate::state::State;

/// Markets whose trigger lists have to be looked through, and the first due account.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Risk {
    /// Bit m: a trigger of market m is crossed, or was when somebody last looked.
    pub(crate) pending: u32,
    /// The first due account, 0: none.
    pub(crate) due_first: u32,
    pub(crate) stamp: Stamp,
}

impl Risk {
    pub(crate) fn words(&self) -> LeafWords {
        let mut words = EMPTY;
        words[risk_felt::PENDING] = self.pending.into();
        words[risk_felt::DUE_FIRST] = self.due_first.into();
        words
    }

    pub(crate) fn from_words(words: &LeafWords) -> Result<Self, FieldError> {
        if words[2..] != [0; 6] {
            return Err(FieldError("reserved"));
        }
        Ok(Self {
            pending: narrow(words, risk_felt::PENDING, "pending")?,
            due_first: narrow(words, risk_felt::DUE_FIRST, "due_first")?,
            stamp: Stamp::default(),
        })
    }
}

/// Lots that nobody took, of a due account or of the fund, to be closed against the opposite side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deleveraging {
    /// Whose lots they are.
    pub account: u32,
    /// Market.
    pub market: u8,
    /// How many, above 0.
    pub lots: u64,
    /// What the account gets for them, micro-USDC.
    pub quote: i64,
    /// Lots of the whole opposite side when it began.
    pub total: u64,
    /// Lots of the counterparties visited so far.
    pub visited: u64,
    /// Lots closed so far.
    pub closed: u64,
    /// What the account got so far, micro-USDC.
    pub paid: i64,
}

impl Deleveraging {
    fn words(&self) -> LeafWords {
        let mut words = EMPTY;
        let account = schema::MARKETS_MAX * u64::from(self.account);
        words[felt::TARGET] = 1 + u64::from(self.market) + account;
        words[felt::LOTS] = self.lots;
        words[felt::QUOTE] = from_signed(self.quote);
        words[felt::TOTAL] = self.total;
        words[felt::VISITED] = self.visited;
        words[felt::CLOSED] = self.closed;
        words[felt::PAID] = from_signed(self.paid);
        words
    }

    /// What the leaf holds: the one that runs, if one does, and how many ever began.
    pub(crate) fn from_words(words: &LeafWords) -> Result<(Option<Self>, u64), FieldError> {
        let number = words[felt::NUMBER];
        if number >> schema::COUNTER_BITS != 0 {
            return Err(FieldError("number"));
        }
        if words[felt::TARGET] == 0 {
            let is_none = words[..felt::NUMBER].iter().all(|&word| word == 0);
            return is_none
                .then_some((None, number))
                .ok_or(FieldError("target"));
        }
        let signed = |at: usize, name| to_signed(words[at]).ok_or(FieldError(name));
        let target = words[felt::TARGET] - 1;
        let account = u32::try_from(target / schema::MARKETS_MAX);
        let running = Self {
            account: account.map_err(|_| FieldError("target"))?,
            market: (target % schema::MARKETS_MAX) as u8,
            lots: words[felt::LOTS],
            quote: signed(felt::QUOTE, "quote")?,
            total: words[felt::TOTAL],
            visited: words[felt::VISITED],
            closed: words[felt::CLOSED],
            paid: signed(felt::PAID, "paid")?,
        };
        Ok((Some(running), number))
    }
}

impl State {
    /// Markets whose trigger lists have to be looked through: bit m for market m.
    #[must_use]
    pub const fn pending(&self) -> u32 {
        self.risk.pending
    }

    /// The account that is liquidated next, if one is due.
    #[must_use]
    pub fn first_due(&self) -> Option<u32> {
        (self.risk.due_first != 0).then_some(self.risk.due_first)
    }

    /// How many accounts are due for liquidation.
    #[must_use]
    pub fn due_accounts(&self) -> usize {
        self.due.len()
    }

    /// The deleveraging that runs, if one does.
    #[must_use]
    pub const fn deleveraging(&self) -> Option<&Deleveraging> {
        self.deleveraging.as_ref()
    }

    /// How many deleveragings ever began; the one that runs has this number.
    #[must_use]
    pub const fn deleveragings(&self) -> u64 {
        self.deleveragings
    }

    /// Refuses what takes risk while accounts have to be looked at or liquidated, or conditional
    /// orders to fire.
    pub(crate) fn check_calm(&self) -> Result<(), Refusal> {
        self.check_no_liquidation()?;
        if self.conditionals.crossed == 0 {
            Ok(())
        } else {
            Err(Refusal::TriggerDue)
        }
    }

    /// Refuses what waits until nobody has to be looked at or liquidated.
    pub(crate) const fn check_no_liquidation(&self) -> Result<(), Refusal> {
        if self.risk.pending == 0 && self.risk.due_first == 0 {
            Ok(())
        } else {
            Err(Refusal::LiquidationPending)
        }
    }

    /// The risk leaf about to be written.
    pub(crate) fn risk_mut(&mut self) -> &mut Risk {
        let risk = &mut self.risk;
        let mut stamp = risk.stamp;
        self.journal
            .touch(&mut stamp, address::RISK, || risk.words());
        risk.stamp = stamp;
        risk
    }

    /// The words of the deleveraging leaf.
    pub(crate) fn deleveraging_words(&self) -> LeafWords {
        let running = self.deleveraging.as_ref();
        let mut words = running.map_or(EMPTY, Deleveraging::words);
        words[felt::NUMBER] = self.deleveragings;
        words
    }

    fn touch_deleveraging(&mut self) {
        let old = self.deleveraging_words();
        self.journal
            .touch(&mut self.deleveraging_stamp, address::DELEVERAGING, || old);
    }

    /// Begins a deleveraging.
    pub(crate) fn begin_deleveraging(&mut self, deleveraging: Deleveraging) {
        self.touch_deleveraging();
        self.deleveragings += 1;
        self.deleveraging = Some(deleveraging);
        self.counterparty = self.counterparty_above(0).unwrap_or(0);
    }

    /// Continues a deleveraging, or ends it with `None`.
    pub(crate) fn set_deleveraging(&mut self, deleveraging: Option<Deleveraging>) {
        self.touch_deleveraging();
        self.deleveraging = deleveraging;
    }
}
