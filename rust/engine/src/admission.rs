//! Checks that come before a command's own: time, form, sender and signature
//! (docs/spec/commands.md § 3 and § 4).

use zkperp_schema::{self as schema, AccountType, Kind, OrderType, Refusal, Side};

use crate::accounts::AccountIndex;
use crate::command::{Envelope, Place, UserCommand};
use crate::message::Message;
use crate::signatures::Signatures;
use crate::state::State;

/// What a user asks for, in fields within their widths.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    Place(Place),
    Cancel {
        order_id: u64,
    },
    Amend {
        order_id: u64,
        price_ticks: u64,
        lots: u64,
    },
    Withdraw {
        amount: u64,
    },
    BurnNonce,
    CreateAccount {
        account_type: AccountType,
        market: u8,
    },
    Transfer {
        to: u32,
        amount: u64,
    },
    SetLeverage {
        market: u8,
        imf_ppm: u64,
    },
}

/// A user command that passed admission.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Admitted {
    pub(crate) at: AccountIndex,
    /// The key's nonce before.
    pub(crate) old_nonce: u64,
    pub(crate) action: Action,
}

/// Refuses a value that does not fit into `bits`.
pub(crate) const fn fits(value: u64, bits: u64) -> Result<(), Refusal> {
    if value >> bits == 0 {
        Ok(())
    } else {
        Err(Refusal::Malformed)
    }
}

impl UserCommand {
    /// What it asks for, or 1001.
    fn action(&self) -> Result<Action, Refusal> {
        let kind = Kind::from_code(self.kind.into()).ok_or(Refusal::Malformed)?;
        if u64::from(self.key) >= schema::KEYS_MAX {
            return Err(Refusal::Malformed);
        }
        fits(self.nonce, schema::NONCE_BITS)?;
        fits(self.valid_until_ms, schema::TIME_BITS)?;
        fits(self.market.into(), schema::MARKET_BITS)?;
        let used = match kind {
            Kind::Place => (self.market, self.side, self.order_type),
            Kind::CreateAccount => (self.market, 0, self.order_type),
            Kind::SetLeverage => (self.market, 0, 0),
            _ => (0, 0, 0),
        };
        if used != (self.market, self.side, self.order_type) {
            return Err(Refusal::Malformed);
        }
        let [first, second, third] = self.words;
        let (widths, action) = match kind {
            Kind::Place => {
                let widths = [schema::PRICE_BITS, schema::LOTS_BITS, schema::TIME_BITS];
                (widths, Action::Place(self.order()?))
            }
            Kind::Cancel => (
                [schema::ORDER_ID_BITS, 0, 0],
                Action::Cancel { order_id: first },
            ),
            Kind::Amend => {
                let widths = [schema::ORDER_ID_BITS, schema::PRICE_BITS, schema::LOTS_BITS];
                let action = Action::Amend {
                    order_id: first,
                    price_ticks: second,
                    lots: third,
                };
                (widths, action)
            }
            Kind::Withdraw => (
                [schema::AMOUNT_BITS, 0, 0],
                Action::Withdraw { amount: first },
            ),
            Kind::BurnNonce => ([0, 0, 0], Action::BurnNonce),
            Kind::CreateAccount => ([0, 0, 0], self.sub_account()?),
            Kind::Transfer => {
                let action = Action::Transfer {
                    to: first as u32,
                    amount: second,
                };
                ([schema::ACCOUNT_BITS, schema::AMOUNT_BITS, 0], action)
            }
            Kind::SetLeverage => {
                let (market, imf_ppm) = (self.market, first);
                let action = Action::SetLeverage { market, imf_ppm };
                ([schema::FRACTION_BITS, 0, 0], action)
            }
            Kind::Time
            | Kind::OracleReport
            | Kind::Request
            | Kind::Tick
            | Kind::Fund
            | Kind::Sweep
            | Kind::Liquidate
            | Kind::Deleverage => return Err(Refusal::Malformed),
        };
        for (word, bits) in self.words.into_iter().zip(widths) {
            fits(word, bits)?;
        }
        Ok(action)
    }

    fn sub_account(&self) -> Result<Action, Refusal> {
        let account_type = AccountType::from_code(self.order_type.into());
        let account_type = account_type.ok_or(Refusal::Malformed)?;
        if account_type == AccountType::Cross && self.market != 0 {
            return Err(Refusal::Malformed);
        }
        let market = self.market;
        Ok(Action::CreateAccount {
            account_type,
            market,
        })
    }

    fn order(&self) -> Result<Place, Refusal> {
        let [price_ticks, lots, expiry_ms] = self.words;
        Ok(Place {
            market: self.market,
            side: Side::from_code(self.side.into()).ok_or(Refusal::Malformed)?,
            order_type: OrderType::from_code(self.order_type.into()).ok_or(Refusal::Malformed)?,
            price_ticks,
            lots,
            expiry_ms,
        })
    }
}

impl State {
    /// The step of program time that an envelope makes; only a `time` command may make a wide one.
    pub(crate) fn check_time(&self, now_ms: u64, is_time: bool) -> Result<u64, Refusal> {
        let step = now_ms
            .checked_sub(self.clock.time_ms)
            .ok_or(Refusal::TimeBackwards)?;
        if step > schema::DELTA_MS_MAX && !is_time {
            return Err(Refusal::TimeStepTooLarge);
        }
        if now_ms > schema::TIME_MAX {
            return Err(Refusal::Malformed);
        }
        if now_ms > self.schedule.funding_due_ms {
            return Err(Refusal::FundingDue);
        }
        Ok(step)
    }

    /// Admits a user's command, or says why not.
    pub(crate) fn admit<S: Signatures>(
        &self,
        envelope: &Envelope,
        command: &UserCommand,
        message: &Message,
        signatures: &S,
    ) -> Result<Admitted, Refusal> {
        let action = command.action()?;
        let at = self
            .accounts
            .find(command.account)
            .ok_or(Refusal::UnknownAccount)?;
        let account = self.accounts.get(at);
        if !account.is_open {
            return Err(Refusal::UnknownAccount);
        }
        let key = account
            .keys
            .get(command.key as usize)
            .filter(|key| key.is_set());
        let key = key.ok_or(Refusal::UnknownKey)?;
        if command.valid_until_ms <= envelope.time_ms {
            return Err(Refusal::MessageExpired);
        }
        if command.nonce <= key.nonce {
            return Err(Refusal::NonceUsed);
        }
        let jump = command.nonce - key.nonce;
        if jump > schema::NONCE_JUMP_MAX && !matches!(action, Action::BurnNonce) {
            return Err(Refusal::NonceTooFar);
        }
        if !signatures.verify(&key.limbs, message, envelope.signature.as_ref()) {
            return Err(Refusal::BadSignature);
        }
        Ok(Admitted {
            at,
            old_nonce: key.nonce,
            action,
        })
    }
}
