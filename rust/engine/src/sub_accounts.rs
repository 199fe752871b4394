//! Accounts of one owner: sub-accounts, transfers between them, their leverage
//! (docs/spec/commands.md § 11).

use zkperp_schema::{self as schema, AccountType, Refusal};

use crate::accounts::AccountIndex;
use crate::command::{Outcome, UserCommand};
use crate::effects::Effects;
use crate::event::Event;
use crate::state::State;

impl State {
    /// The checks of `create_account`; gives the new account's mode.
    pub(crate) fn check_create_account(
        &self,
        at: AccountIndex,
        account_type: AccountType,
        market: u8,
    ) -> Result<u8, Refusal> {
        if self.accounts.get(at).master != 0 {
            return Err(Refusal::NotMaster);
        }
        let mode = match account_type {
            AccountType::Cross => 0,
            AccountType::Isolated => {
                self.market(market).ok_or(Refusal::UnknownMarket)?;
                1 + market
            }
        };
        if u64::from(self.schedule.next_sub_account) == schema::SUB_ACCOUNT_END {
            return Err(Refusal::AccountsUsedUp);
        }
        Ok(mode)
    }

    /// Makes a sub-account with the sender's owner and the key that signed.
    pub(crate) fn create_account(
        &mut self,
        command: &UserCommand,
        at: AccountIndex,
        mode: u8,
        effects: &mut Effects,
    ) -> Outcome {
        let schedule = self.schedule_mut();
        let id = schedule.next_sub_account;
        schedule.next_sub_account += 1;
        let sender = self.accounts.get(at);
        let (owner, limbs) = (sender.owner, sender.keys[command.key as usize].limbs);
        let new = self.accounts.find_or_make(id);
        let account = self.accounts.account_mut(&mut self.journal, new);
        account.is_open = true;
        account.mode = mode;
        account.master = command.account;
        self.accounts.set_owner(&mut self.journal, new, owner);
        self.accounts
            .key_mut(&mut self.journal, new, command.key)
            .limbs = limbs;
        effects.events.push(Event::AccountCreated {
            master: command.account,
            account: id,
            mode,
        });
        Outcome::done(id.into(), mode.into(), 0)
    }

    /// The account that an account belongs to: itself, unless it is a sub-account.
    pub(crate) fn master(&self, at: AccountIndex) -> u32 {
        let account = self.accounts.get(at);
        match account.master {
            0 => account.number,
            master => master,
        }
    }

    /// The checks of `transfer`; gives the receiver's place.
    pub(crate) fn check_transfer(
        &self,
        at: AccountIndex,
        to: u32,
        amount: u64,
        now_ms: u64,
    ) -> Result<AccountIndex, Refusal> {
        if amount == 0 {
            return Err(Refusal::BadAmount);
        }
        let receiver = self.accounts.find(to).filter(|&receiver| {
            receiver != at
                && self.accounts.get(receiver).is_open
                && (u64::from(to) == schema::FUND_ACCOUNT
                    || self.master(receiver) == self.master(at))
        });
        let receiver = receiver.ok_or(Refusal::BadReceiver)?;
        self.check_no_overdue(at, now_ms)?;
        // amount < 2^58, as admission has checked.
        if amount.cast_signed() > self.free(at) {
            return Err(Refusal::InsufficientFreeCollateral);
        }
        self.check_lowered(at, amount)?;
        let after = self.accounts.get(receiver).collateral + amount.cast_signed();
        if after > schema::BALANCE_MAX.cast_signed() {
            return Err(Refusal::BalanceLimit);
        }
        Ok(receiver)
    }

    /// Moves money from the first account to the second.
    pub(crate) fn transfer(
        &mut self,
        [from, to]: [AccountIndex; 2],
        amount: u64,
        effects: &mut Effects,
    ) -> Outcome {
        let sender = self.accounts.account_mut(&mut self.journal, from);
        sender.collateral -= amount.cast_signed();
        let from = sender.number;
        let receiver = self.accounts.account_mut(&mut self.journal, to);
        receiver.collateral += amount.cast_signed();
        let to = receiver.number;
        effects.events.push(Event::Transfer { from, to, amount });
        Outcome::done(to.into(), amount, 0)
    }

    /// The checks of `set_leverage`; gives the fraction as the position keeps it.
    pub(crate) fn check_leverage(
        &self,
        at: AccountIndex,
        number: u8,
        imf_ppm: u64,
        now_ms: u64,
    ) -> Result<u32, Refusal> {
        let market = self.market(number).ok_or(Refusal::UnknownMarket)?;
        let range = market.tiers[0].imf_ppm..=schema::IMF_PPM_MAX;
        if imf_ppm != 0 && !range.contains(&imf_ppm) {
            return Err(Refusal::BadLeverage);
        }
        let position = self.accounts.position(at, number);
        if position.size != 0 {
            self.check_no_overdue(at, now_ms)?;
            let own = |imf_ppm| market.initial(position.size, position.entry, imf_ppm);
            let free = self.free(at) - own(position.imf_ppm.into()) + own(imf_ppm);
            if free < 0 {
                return Err(Refusal::InitialMargin);
            }
        }
        Ok(imf_ppm as u32)
    }

    /// Sets an account's own initial margin fraction in a market.
    pub(crate) fn set_leverage(
        &mut self,
        at: AccountIndex,
        market: u8,
        imf_ppm: u32,
        effects: &mut Effects,
    ) -> Outcome {
        let position = self.accounts.position_mut(&mut self.journal, at, market);
        position.imf_ppm = imf_ppm;
        effects.events.push(Event::LeverageSet {
            account: self.accounts.get(at).number,
            market,
            imf_ppm: imf_ppm.into(),
        });
        Outcome::done(market.into(), imf_ppm.into(), 0)
    }
}
