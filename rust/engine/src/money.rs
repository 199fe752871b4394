//! What the venue holds: the leaf `money` (docs/spec/state.md § 2).

use zkperp_schema::{self as schema, money as money_felt};

use crate::address;
use crate::journal::Stamp;
use crate::leaf::{EMPTY, LeafWords};
use crate::level::FieldError;
use crate::state::State;

/// What the venue holds and has earned, micro-USDC.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Money {
    pub(crate) custody: u64,
    pub(crate) fees: u64,
    /// Withdrawal records ever made.
    pub(crate) withdrawals: u64,
    stamp: Stamp,
}

impl Money {
    /// What the leaf says, without a trace in the journal.
    pub(crate) fn with(self, words: &LeafWords) -> Result<Self, FieldError> {
        let (custody, fees) = (words[money_felt::CUSTODY], words[money_felt::FEES]);
        let withdrawals = words[money_felt::WITHDRAWALS];
        if custody > schema::CUSTODY_MAX {
            return Err(FieldError("custody"));
        }
        if fees > schema::BALANCE_MAX {
            return Err(FieldError("fees"));
        }
        if words[money_felt::FUND] != 0 || words[4..] != [0; 4] {
            return Err(FieldError("reserved"));
        }
        if withdrawals >> schema::COUNTER_BITS != 0 {
            return Err(FieldError("withdrawals"));
        }
        Ok(Self {
            custody,
            fees,
            withdrawals,
            stamp: self.stamp,
        })
    }

    pub(crate) const fn words(&self) -> LeafWords {
        let mut words = EMPTY;
        words[money_felt::CUSTODY] = self.custody;
        words[money_felt::FEES] = self.fees;
        words[money_felt::WITHDRAWALS] = self.withdrawals;
        words
    }
}

impl State {
    /// Money about to be written.
    pub(crate) fn money_mut(&mut self) -> &mut Money {
        let money = &mut self.money;
        let mut stamp = money.stamp;
        self.journal
            .touch(&mut stamp, address::MONEY, || money.words());
        money.stamp = stamp;
        money
    }
}
