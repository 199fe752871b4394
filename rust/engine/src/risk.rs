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

/// Lots of a due account that nobody took, to be closed against the opposite side.
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
    /// The last counterparty visited, 0: none yet.
    pub last: u32,
}

impl Deleveraging {
    pub(crate) fn words(&self) -> LeafWords {
        let mut words = EMPTY;
        let account = schema::MARKETS_MAX * u64::from(self.account);
        words[felt::TARGET] = 1 + u64::from(self.market) + account;
        words[felt::LOTS] = self.lots;
        words[felt::QUOTE] = from_signed(self.quote);
        words[felt::TOTAL] = self.total;
        words[felt::VISITED] = self.visited;
        words[felt::CLOSED] = self.closed;
        words[felt::PAID] = from_signed(self.paid);
        words[felt::LAST] = self.last.into();
        words
    }

    /// What the leaf holds; `None` for zeros: none runs.
    pub(crate) fn from_words(words: &LeafWords) -> Result<Option<Self>, FieldError> {
        if *words == EMPTY {
            return Ok(None);
        }
        let signed = |at: usize, name| to_signed(words[at]).ok_or(FieldError(name));
        let target = words[felt::TARGET].wrapping_sub(1);
        let account = u32::try_from(target / schema::MARKETS_MAX);
        Ok(Some(Self {
            account: account.map_err(|_| FieldError("target"))?,
            market: (target % schema::MARKETS_MAX) as u8,
            lots: words[felt::LOTS],
            quote: signed(felt::QUOTE, "quote")?,
            total: words[felt::TOTAL],
            visited: words[felt::VISITED],
            closed: words[felt::CLOSED],
            paid: signed(felt::PAID, "paid")?,
            last: narrow(words, felt::LAST, "last")?,
        }))
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

    /// Refuses what takes risk while accounts have to be looked at or liquidated.
    pub(crate) const fn check_calm(&self) -> Result<(), Refusal> {
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
        self.deleveraging
            .as_ref()
            .map_or(EMPTY, Deleveraging::words)
    }

    /// Begins, continues or ends a deleveraging.
    pub(crate) fn set_deleveraging(&mut self, deleveraging: Option<Deleveraging>) {
        let old = self.deleveraging_words();
        self.journal
            .touch(&mut self.deleveraging_stamp, address::DELEVERAGING, || old);
        self.deleveraging = deleveraging;
    }
}
