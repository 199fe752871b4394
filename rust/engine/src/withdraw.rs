//! Money that leaves an account (docs/spec/commands.md § 6).

use zkperp_schema::{self as schema, Refusal, WithdrawalOrigin};

use crate::accounts::AccountIndex;
use crate::effects::{Effects, Withdrawal};
use crate::state::State;

/// A withdrawal that passed its checks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Payment {
    pub(crate) at: AccountIndex,
    /// Micro-USDC, above 0.
    pub(crate) amount: u64,
    pub(crate) origin: WithdrawalOrigin,
}

impl State {
    /// The checks of a user's withdrawal.
    pub(crate) fn check_withdraw(
        &self,
        at: AccountIndex,
        amount: u64,
        now_ms: u64,
    ) -> Result<(), Refusal> {
        if amount == 0 {
            return Err(Refusal::BadAmount);
        }
        self.check_no_overdue(at, now_ms)?;
        // amount < 2^58, as admission has checked.
        if amount.cast_signed() > self.free(at) {
            return Err(Refusal::InsufficientFreeCollateral);
        }
        if amount > self.money.custody {
            return Err(Refusal::InsufficientCustody);
        }
        self.check_lowered(at, amount)
    }

    /// Refuses where a balance would fall below its bound: funding that is due to an account counts
    /// as its value before it has been paid.
    pub(crate) fn check_lowered(&self, at: AccountIndex, amount: u64) -> Result<(), Refusal> {
        let after = self.accounts.get(at).collateral - amount.cast_signed();
        if after < -schema::BALANCE_MAX.cast_signed() {
            return Err(Refusal::BalanceLimit);
        }
        Ok(())
    }

    /// Pays an amount to the account's L1 owner.
    pub(crate) fn withdraw(&mut self, payment: &Payment, effects: &mut Effects) {
        let account = self.accounts.account_mut(&mut self.journal, payment.at);
        account.collateral -= payment.amount.cast_signed();
        let (number, owner) = (account.number, account.owner);
        self.money_mut().custody -= payment.amount;
        let withdrawal = Withdrawal {
            owner,
            amount: payment.amount,
        };
        self.pay(number, withdrawal, payment.origin, effects);
    }
}
