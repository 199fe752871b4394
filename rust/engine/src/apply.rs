//! The one transition: a state and a command give a state, events and an outcome, or a refusal.

use crate::accounts::AccountIndex;
use crate::admission::{Action, Admitted};
use crate::command::{Command, Envelope, Outcome, UserCommand};
use crate::effects::Effects;
use crate::event::Event;
use crate::message::Message;
use crate::record::Record;
use crate::signatures::Signatures;
use crate::state::State;
use crate::withdraw;
use zkperp_schema::{self as schema, OrderType, Refusal, WithdrawalOrigin};

impl State {
    /// Applies a command, or refuses it and changes nothing, the time included.
    ///
    /// `signatures` decides whether a signature is good; `effects` is filled with events,
    /// withdrawal records and what the batch records of the command.
    ///
    /// # Errors
    /// The [`Refusal`] of the first check that fails, in the specification's order.
    pub fn apply<S: Signatures>(
        &mut self,
        envelope: &Envelope,
        signatures: &S,
        effects: &mut Effects,
    ) -> Result<Outcome, Refusal> {
        self.journal.begin_command();
        effects.clear();
        if envelope.command == Command::Fund {
            let outcome = self.apply_fund(envelope.time_ms, effects)?;
            self.log_mut().push(Message::None, outcome);
            return Ok(outcome);
        }
        let is_time = matches!(envelope.command, Command::Time);
        let step = self.check_time(envelope.time_ms, is_time)?;
        let (message, outcome) = match &envelope.command {
            Command::Time => {
                self.begin(envelope.time_ms);
                effects.record = Record::time(envelope.time_ms);
                (Message::None, Outcome::done(envelope.time_ms, 0, 0))
            }
            Command::Oracle(report) => {
                self.apply_report(envelope, report, step, signatures, effects)?
            }
            Command::Tick { market } => {
                let outcome = self.apply_tick(envelope.time_ms, *market, step, effects)?;
                (Message::None, outcome)
            }
            Command::Sweep => {
                let outcome = self.apply_sweep(envelope.time_ms, step, effects)?;
                (Message::None, outcome)
            }
            Command::Liquidate => {
                let outcome = self.apply_liquidate(envelope.time_ms, step, effects)?;
                (Message::None, outcome)
            }
            Command::Deleverage { account } => {
                let outcome = self.apply_deleverage(envelope.time_ms, *account, step, effects)?;
                (Message::None, outcome)
            }
            Command::Trigger => {
                let outcome = self.apply_trigger(envelope.time_ms, step, effects)?;
                (Message::None, outcome)
            }
            Command::Fund => unreachable!("Invariant: fund has been applied above"),
            Command::Request(request) => {
                let outcome = self.apply_request(envelope.time_ms, request, step, effects)?;
                (Message::Request(request.words), outcome)
            }
            Command::User(command) => {
                let action = command.action()?;
                let message = Message::user(&self.domain, command);
                let admitted = self.admit(envelope, command, action, &message, signatures)?;
                let outcome = self.apply_user(envelope.time_ms, command, &admitted, effects)?;
                effects.record = Record::user(command, step, admitted.old_nonce);
                (message, outcome)
            }
            Command::Quote(quote) => {
                let action = quote.action()?;
                let message = Message::quote(&self.domain, quote);
                let command = &quote.command;
                let admitted = self.admit(envelope, command, action, &message, signatures)?;
                let outcome = self.apply_user(envelope.time_ms, command, &admitted, effects)?;
                effects.record = Record::quote(quote, step, admitted.old_nonce);
                (message, outcome)
            }
        };
        self.log_mut().push(message, outcome);
        Ok(outcome)
    }

    /// The first change that an accepted command makes: program time.
    pub(crate) fn begin(&mut self, now_ms: u64) {
        self.touch_clock();
        self.clock.time_ms = now_ms;
    }

    /// The command's own checks and its effects. Where those come before a check that refuses, the
    /// command has been recorded and is undone.
    fn apply_user(
        &mut self,
        now_ms: u64,
        command: &UserCommand,
        admitted: &Admitted,
        effects: &mut Effects,
    ) -> Result<Outcome, Refusal> {
        self.check_risk_taking(admitted.at, &admitted.action)?;
        let result = self.apply_action(now_ms, command, admitted, effects);
        if result.is_err() {
            self.undo_command();
            effects.clear();
        }
        result
    }

    fn apply_action(
        &mut self,
        now_ms: u64,
        command: &UserCommand,
        admitted: &Admitted,
        effects: &mut Effects,
    ) -> Result<Outcome, Refusal> {
        let at = admitted.at;
        match admitted.action {
            Action::Place(ref order) => {
                self.fire(at, now_ms, effects);
                self.check_place(at, order, 0, now_ms)?;
                if order.order_type == OrderType::Fok {
                    self.journal.record();
                }
                self.accept(now_ms, command, admitted);
                self.place(command.account, at, order, &mut 0, effects)
            }
            Action::Amend {
                order_id,
                price_ticks,
                lots,
            } => {
                self.fire(at, now_ms, effects);
                let slot = self.find_order(order_id, command.account)?;
                let amendment = self.check_amend(slot, price_ticks, lots, now_ms)?;
                self.accept(now_ms, command, admitted);
                Ok(self.amend(slot, &amendment, effects))
            }
            Action::Quote(ref quote) => {
                self.journal.record();
                self.accept(now_ms, command, admitted);
                self.fire(at, now_ms, effects);
                self.quote(command.account, at, quote, now_ms, effects)
            }
            Action::Cancel { order_id } => {
                let slot = self.find_order(order_id, command.account)?;
                self.accept(now_ms, command, admitted);
                Ok(self.cancel(slot, effects))
            }
            Action::CancelNamed { client_id } => {
                let found = self.find_named(at, client_id);
                let slot = found.ok_or(Refusal::UnknownOrder)?.slot;
                self.accept(now_ms, command, admitted);
                Ok(self.cancel(slot, effects))
            }
            Action::PlaceConditional(ref order) => {
                self.fire(at, now_ms, effects);
                let partner = self.check_conditional(at, order, now_ms)?;
                self.accept(now_ms, command, admitted);
                Ok(self.place_conditional(at, order, partner, effects))
            }
            Action::CancelConditional { order_id } => {
                let slot = self.find_conditional(order_id, command.account)?;
                self.accept(now_ms, command, admitted);
                Ok(self.cancel_conditional(slot, effects))
            }
            Action::CancelAll { market } => {
                self.fire(at, now_ms, effects);
                if market.is_some_and(|market| self.market(market).is_none()) {
                    return Err(Refusal::UnknownMarket);
                }
                self.accept(now_ms, command, admitted);
                Ok(self.cancel_all(at, market, effects))
            }
            Action::SetDeadline { deadline_ms } => {
                self.fire(at, now_ms, effects);
                self.check_deadline(deadline_ms, now_ms)?;
                self.accept(now_ms, command, admitted);
                Ok(self.set_deadline(at, deadline_ms, effects))
            }
            _ => self.apply_account_action(now_ms, command, admitted, effects),
        }
    }

    /// What concerns an account's money, keys and terms.
    fn apply_account_action(
        &mut self,
        now_ms: u64,
        command: &UserCommand,
        admitted: &Admitted,
        effects: &mut Effects,
    ) -> Result<Outcome, Refusal> {
        let at = admitted.at;
        match admitted.action {
            Action::Withdraw { amount } => {
                self.check_withdraw(at, amount, now_ms)?;
                self.accept(now_ms, command, admitted);
                let payment = withdraw::Payment {
                    at,
                    amount,
                    origin: WithdrawalOrigin::User,
                };
                self.withdraw(&payment, effects);
                self.touch(at, effects);
                Ok(Outcome::done(amount, 0, 0))
            }
            Action::BurnNonce => {
                self.accept(now_ms, command, admitted);
                effects.events.push(Event::NonceBurned {
                    account: command.account,
                    key: command.key,
                    nonce: command.nonce,
                });
                Ok(Outcome::done(command.nonce, 0, 0))
            }
            Action::CreateAccount {
                account_type,
                market,
            } => {
                let mode = self.check_create_account(at, account_type, market)?;
                self.accept(now_ms, command, admitted);
                Ok(self.create_account(command, at, mode, effects))
            }
            Action::Transfer { to, amount } => {
                let receiver = self.check_transfer(at, to, amount, now_ms)?;
                self.accept(now_ms, command, admitted);
                let outcome = self.transfer([at, receiver], amount, effects);
                self.touch(at, effects);
                Ok(outcome)
            }
            Action::SetLeverage { market, imf_ppm } => {
                let imf_ppm = self.check_leverage(at, market, imf_ppm, now_ms)?;
                self.accept(now_ms, command, admitted);
                Ok(self.set_leverage(at, market, imf_ppm, effects))
            }
            Action::Place(_)
            | Action::Amend { .. }
            | Action::Quote(_)
            | Action::Cancel { .. }
            | Action::CancelNamed { .. }
            | Action::CancelAll { .. }
            | Action::SetDeadline { .. }
            | Action::PlaceConditional(_)
            | Action::CancelConditional { .. } => {
                unreachable!("Invariant: actions on orders are applied before")
            }
        }
    }

    /// What takes risk waits while accounts have to be liquidated, and nobody takes the fund's money.
    fn check_risk_taking(&self, at: AccountIndex, action: &Action) -> Result<(), Refusal> {
        let takes_money = match action {
            Action::Cancel { .. }
            | Action::CancelNamed { .. }
            | Action::CancelAll { .. }
            | Action::SetDeadline { .. }
            | Action::CancelConditional { .. }
            | Action::BurnNonce => return Ok(()),
            Action::Place(_)
            | Action::PlaceConditional(_)
            | Action::Amend { .. }
            | Action::Quote(_)
            | Action::SetLeverage { .. } => false,
            Action::Withdraw { .. } | Action::CreateAccount { .. } | Action::Transfer { .. } => {
                true
            }
        };
        self.check_calm()?;
        let is_fund = u64::from(self.accounts.get(at).number) == schema::FUND_ACCOUNT;
        if takes_money && is_fund {
            return Err(Refusal::FundLocked);
        }
        Ok(())
    }

    /// What acceptance of every user command changes: program time and the key's nonce.
    fn accept(&mut self, now_ms: u64, command: &UserCommand, admitted: &Admitted) {
        self.begin(now_ms);
        self.accounts
            .key_mut(&mut self.journal, admitted.at, command.key)
            .nonce = command.nonce;
    }
}
