//! Checks that come before a command's own: time, form, sender and signature
//! (docs/spec/commands.md § 3 and § 4).

use zkperp_schema::{self as schema, AccountType, CancelScope, Kind, OrderType, Refusal, Side};

use crate::accounts::AccountIndex;
use crate::command::{Envelope, FurtherWords, Place, UserCommand};
use crate::message::Message;
use crate::options::split_lots;
use crate::place_conditional::{CONDITION_BITS, Conditional};
use crate::quote::{Quote, QuoteCommand};
use crate::signatures::Signatures;
use crate::state::State;

/// What a user asks for, in fields within their widths.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Place(Place),
    PlaceConditional(Conditional),
    CancelConditional {
        order_id: u64,
    },
    Cancel {
        order_id: u64,
    },
    Amend {
        order_id: u64,
        price_ticks: u64,
        lots: u64,
    },
    CancelNamed {
        client_id: u64,
    },
    /// Of one market, or of all.
    CancelAll {
        market: Option<u8>,
    },
    SetDeadline {
        deadline_ms: u64,
    },
    Quote(Quote),
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
#[derive(Clone, Debug)]
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
    /// What it asks for, or 1001; a quote says so itself.
    pub(crate) fn action(&self) -> Result<Action, Refusal> {
        let kind = Kind::from_code(self.kind.into()).ok_or(Refusal::Malformed)?;
        self.check_form(kind)?;
        let [first, second, third, ..] = self.words;
        Ok(match kind {
            Kind::Place => Action::Place(self.order()?),
            Kind::PlaceConditional => Action::PlaceConditional(self.conditional()?),
            Kind::CancelConditional => Action::CancelConditional { order_id: first },
            Kind::Cancel => Action::Cancel { order_id: first },
            Kind::Amend => Action::Amend {
                order_id: first,
                price_ticks: second,
                lots: third,
            },
            Kind::CancelNamed => Action::CancelNamed { client_id: first },
            Kind::CancelAll => self.all_orders()?,
            Kind::SetDeadline => Action::SetDeadline { deadline_ms: first },
            Kind::Withdraw => Action::Withdraw { amount: first },
            Kind::BurnNonce => Action::BurnNonce,
            Kind::CreateAccount => self.sub_account()?,
            Kind::Transfer => Action::Transfer {
                to: first as u32,
                amount: second,
            },
            Kind::SetLeverage => Action::SetLeverage {
                market: self.market,
                imf_ppm: first,
            },
            Kind::Quote
            | Kind::Time
            | Kind::OracleReport
            | Kind::Request
            | Kind::Tick
            | Kind::Fund
            | Kind::Sweep
            | Kind::Liquidate
            | Kind::Deleverage
            | Kind::Trigger => return Err(Refusal::Malformed),
        })
    }

    /// Refuses fields that are too wide, or used by other kinds only.
    fn check_form(&self, kind: Kind) -> Result<(), Refusal> {
        if u64::from(self.key) >= schema::KEYS_MAX {
            return Err(Refusal::Malformed);
        }
        fits(self.nonce, schema::NONCE_BITS)?;
        fits(self.valid_until_ms, schema::TIME_BITS)?;
        fits(self.market.into(), schema::MARKET_BITS)?;
        let used = match kind {
            Kind::Place | Kind::PlaceConditional => (self.market, self.side, self.order_type),
            Kind::CreateAccount | Kind::CancelAll | Kind::Quote => {
                (self.market, 0, self.order_type)
            }
            Kind::SetLeverage => (self.market, 0, 0),
            _ => (0, 0, 0),
        };
        if used != (self.market, self.side, self.order_type) {
            return Err(Refusal::Malformed);
        }
        for (word, bits) in self.words.into_iter().zip(widths(kind)) {
            fits(word, bits)?;
        }
        Ok(())
    }

    fn all_orders(&self) -> Result<Action, Refusal> {
        let scope = CancelScope::from_code(self.order_type.into()).ok_or(Refusal::Malformed)?;
        let market = match scope {
            CancelScope::Market => Some(self.market),
            CancelScope::Account if self.market == 0 => None,
            CancelScope::Account => return Err(Refusal::Malformed),
        };
        Ok(Action::CancelAll { market })
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
        let [price_ticks, lots, expiry_ms, client_id, _] = self.words;
        let (lots, options, is_named) = split_lots(lots).ok_or(Refusal::Malformed)?;
        if is_named != (client_id != 0) {
            return Err(Refusal::Malformed);
        }
        Ok(Place {
            market: self.market,
            side: Side::from_code(self.side.into()).ok_or(Refusal::Malformed)?,
            order_type: OrderType::from_code(self.order_type.into()).ok_or(Refusal::Malformed)?,
            price_ticks,
            lots,
            expiry_ms,
            options,
            client_id,
        })
    }
}

impl QuoteCommand {
    /// What it asks for, or 1001.
    pub(crate) fn action(&self) -> Result<Action, Refusal> {
        self.command.check_form(Kind::Quote)?;
        self.quote().map(Action::Quote)
    }
}

/// The bits of a user command's further words.
const fn widths(kind: Kind) -> FurtherWords {
    const SIZE_BITS: u64 = schema::LOTS_BITS + schema::OPTIONS_BITS;
    match kind {
        Kind::Place => [
            schema::PRICE_BITS,
            SIZE_BITS,
            schema::TIME_BITS,
            schema::CLIENT_ID_BITS,
            0,
        ],
        Kind::PlaceConditional => [
            schema::PRICE_BITS,
            SIZE_BITS,
            schema::TIME_BITS,
            schema::PRICE_BITS + CONDITION_BITS,
            schema::ORDER_ID_BITS,
        ],
        Kind::Cancel | Kind::CancelConditional => [schema::ORDER_ID_BITS, 0, 0, 0, 0],
        Kind::Amend => [
            schema::ORDER_ID_BITS,
            schema::PRICE_BITS,
            schema::LOTS_BITS,
            0,
            0,
        ],
        Kind::CancelNamed => [schema::CLIENT_ID_BITS, 0, 0, 0, 0],
        Kind::SetDeadline | Kind::Quote => [schema::TIME_BITS, 0, 0, 0, 0],
        Kind::Withdraw => [schema::AMOUNT_BITS, 0, 0, 0, 0],
        Kind::Transfer => [schema::ACCOUNT_BITS, schema::AMOUNT_BITS, 0, 0, 0],
        Kind::SetLeverage => [schema::FRACTION_BITS, 0, 0, 0, 0],
        _ => [0; 5],
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

    /// Admits a user's command that is well formed and asks for `action`, or says why not.
    #[inline]
    pub(crate) fn admit<S: Signatures>(
        &self,
        envelope: &Envelope,
        command: &UserCommand,
        action: Action,
        message: &Message,
        signatures: &S,
    ) -> Result<Admitted, Refusal> {
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
