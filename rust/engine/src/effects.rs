//! What a command leaves behind beside the state: a buffer that is used again and again.

use zkperp_schema::{self as schema, WithdrawalOrigin};

use crate::advice::Advice;
use crate::event::Event;
use crate::record::Record;

/// What the contract pays out: the L1 owner's address in three words, and micro-USDC, above 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// Who is paid.
    pub owner: [u64; 3],
    /// How much, micro-USDC.
    pub amount: u64,
}

impl Withdrawal {
    /// Its words in section W of the batch data.
    #[must_use]
    pub const fn words(&self) -> [u64; schema::WITHDRAWAL_WORDS as usize] {
        let [a, b, c] = self.owner;
        [a, b, c, self.amount]
    }
}

/// What one accepted command did. [`apply`](crate::State::apply) clears it first; after a refusal
/// it is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Withdrawal records made, in order.
    pub withdrawals: Vec<Withdrawal>,
    /// What a prover has to be told.
    pub advice: Advice,
    /// The command's record in the batch data.
    pub record: Record,
}

impl Effects {
    /// An empty buffer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn clear(&mut self) {
        self.events.clear();
        self.withdrawals.clear();
        self.advice.clear();
        self.record = Record::default();
    }
}

impl crate::State {
    /// Makes a withdrawal record, with its event.
    pub(crate) fn pay(
        &mut self,
        account: u32,
        withdrawal: Withdrawal,
        origin: WithdrawalOrigin,
        effects: &mut Effects,
    ) {
        self.money_mut().withdrawals += 1;
        effects.withdrawals.push(withdrawal);
        effects.events.push(Event::Withdrawal {
            account,
            amount: withdrawal.amount,
            origin,
        });
    }
}
