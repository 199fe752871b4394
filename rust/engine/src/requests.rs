//! Requests from L1 (docs/spec/commands.md § 8): whatever the contract admits has an outcome.

use zkperp_field::P;
use zkperp_schema::{self as schema, Refusal, RequestKind, WithdrawalOrigin};

use crate::accounts::AccountIndex;
use crate::admission::fits;
use crate::command::{KeyLimbs, Outcome, Request, RequestWords};
use crate::effects::{Effects, Withdrawal};
use crate::event::Event;
use crate::message::address_bytes;
use crate::record::Record;
use crate::signatures::is_public_key;
use crate::state::State;
use crate::withdraw::Payment;

/// A request's words with their names.
struct Fields {
    kind: RequestKind,
    account: u32,
    owner: [u64; 3],
    amount: u64,
    key: u8,
    limbs: KeyLimbs,
}

impl Fields {
    /// The fields of words that the contract admits, or 1001.
    fn of(words: &RequestWords) -> Result<Self, Refusal> {
        let [kind, account, o0, o1, o2, amount, key, limbs @ ..] = *words;
        let kind = RequestKind::from_code(kind).ok_or(Refusal::Malformed)?;
        if account == 0 || account > schema::ACCOUNT_MAX {
            return Err(Refusal::Malformed);
        }
        let owner = [o0, o1, o2];
        address_bytes(&owner).ok_or(Refusal::Malformed)?;
        fits(amount, schema::AMOUNT_BITS)?;
        fits(key, 8)?;
        let is_forced = kind == RequestKind::ForcedWithdrawal;
        if limbs.iter().any(|&limb| limb >= P) || is_forced && (key, limbs) != (0, [0; 5]) {
            return Err(Refusal::Malformed);
        }
        Ok(Self {
            kind,
            account: account as u32,
            owner,
            amount,
            key: key as u8,
            limbs,
        })
    }
}

/// What a collateral and the venue's custody leave room for, micro-USDC: 0 where what others owed has
/// brought the collateral above its bound.
fn room(collateral: i64, custody: u64) -> u64 {
    let to_bound = schema::BALANCE_MAX.cast_signed() - collateral;
    let to_bound = to_bound.max(0).unsigned_abs();
    to_bound.min(schema::CUSTODY_MAX - custody)
}

impl State {
    /// Executes the next request of the queue.
    pub(crate) fn apply_request(
        &mut self,
        now_ms: u64,
        request: &Request,
        step: u64,
        effects: &mut Effects,
    ) -> Result<Outcome, Refusal> {
        let fields = Fields::of(&request.words)?;
        if request.number != self.clock.requests_done {
            return Err(Refusal::RequestOutOfOrder);
        }
        self.begin(now_ms);
        self.clock.requests_done += 1;
        let (code, amount) = match fields.kind {
            RequestKind::Deposit => self.deposit(request.number, &fields, effects),
            RequestKind::ForcedWithdrawal => {
                self.forced_withdrawal(now_ms, request.number, &fields, effects)
            }
        };
        effects.record = Record::request(step, code, amount);
        Ok(Outcome([code.into(), amount, 0, 0]))
    }

    /// Credits as much as fits and registers the key; what does not fit goes back.
    fn deposit(&mut self, number: u64, request: &Fields, effects: &mut Effects) -> (u16, u64) {
        let at = self.accounts.find_or_make(request.account);
        let account = self.accounts.get(at);
        let mut code = 0;
        let mut credited = 0;
        if account.is_open && account.owner != request.owner {
            code = Refusal::NotAccountOwner.code();
        } else {
            if !account.is_open {
                self.accounts.account_mut(&mut self.journal, at).is_open = true;
                self.accounts
                    .set_owner(&mut self.journal, at, request.owner);
            }
            if !self.register_key(at, request, effects) {
                code = Refusal::BadKey.code();
            }
            credited = self.credit(at, request.amount);
            if credited < request.amount && code == 0 {
                code = Refusal::DepositCapped.code();
            }
        }
        let returned = request.amount - credited;
        effects.events.push(Event::Deposit {
            request: number,
            account: request.account,
            credited,
            returned,
            code,
        });
        if returned > 0 {
            let withdrawal = Withdrawal {
                owner: request.owner,
                amount: returned,
            };
            self.pay(
                request.account,
                withdrawal,
                WithdrawalOrigin::Returned,
                effects,
            );
        }
        (code, credited)
    }

    /// Sets the key that a deposit brings, if it brings one; false where it can't be a key.
    fn register_key(&mut self, at: AccountIndex, request: &Fields, effects: &mut Effects) -> bool {
        if request.limbs == [0; 5] {
            return true;
        }
        if u64::from(request.key) >= schema::KEYS_MAX || !is_public_key(&request.limbs) {
            return false;
        }
        self.accounts
            .key_mut(&mut self.journal, at, request.key)
            .limbs = request.limbs;
        effects.events.push(Event::KeySet {
            account: request.account,
            key: request.key,
        });
        true
    }

    /// Credits what the account's and the venue's bounds leave room for.
    fn credit(&mut self, at: AccountIndex, amount: u64) -> u64 {
        let collateral = self.accounts.get(at).collateral;
        let credited = amount.min(room(collateral, self.money.custody));
        if credited > 0 {
            let account = self.accounts.account_mut(&mut self.journal, at);
            account.collateral += credited.cast_signed();
            self.money_mut().custody += credited;
        }
        credited
    }

    /// Pays the owner, or proves that it can't be.
    fn forced_withdrawal(
        &mut self,
        now_ms: u64,
        number: u64,
        request: &Fields,
        effects: &mut Effects,
    ) -> (u16, u64) {
        match self.check_forced_withdrawal(now_ms, request) {
            Ok(payment) => {
                self.withdraw(&payment, effects);
                self.touch(payment.at, effects);
                (0, payment.amount)
            }
            Err(refusal) => {
                effects.events.push(Event::RequestRejected {
                    request: number,
                    account: request.account,
                    code: refusal.code(),
                });
                (refusal.code(), 0)
            }
        }
    }

    fn check_forced_withdrawal(&self, now_ms: u64, request: &Fields) -> Result<Payment, Refusal> {
        let at = self
            .accounts
            .find(request.account)
            .ok_or(Refusal::UnknownAccount)?;
        let account = self.accounts.get(at);
        if !account.is_open {
            return Err(Refusal::UnknownAccount);
        }
        if account.owner != request.owner {
            return Err(Refusal::NotAccountOwner);
        }
        self.check_no_overdue(at, now_ms)?;
        let free = self.free(at);
        let custody = self.money.custody;
        // "All I can" of a request for 0; every bound is below 2^58.
        let all = free.min(custody.min(schema::AMOUNT_MAX).cast_signed());
        let want = match request.amount {
            0 => all,
            amount => amount.cast_signed(),
        };
        if want <= 0 || want > free {
            return Err(Refusal::InsufficientFreeCollateral);
        }
        let amount = want.unsigned_abs();
        if amount > custody {
            return Err(Refusal::InsufficientCustody);
        }
        self.check_lowered(at, amount)?;
        Ok(Payment {
            at,
            amount,
            origin: WithdrawalOrigin::Forced,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collateral_above_its_bound_has_no_room() {
        let bound = schema::BALANCE_MAX.cast_signed();
        assert_eq!(room(bound + 1, 0), 0);
        assert_eq!(room(bound, 0), 0);
        assert_eq!(room(bound - 7, 0), 7);
        assert_eq!(room(0, schema::CUSTODY_MAX - 5), 5);
        assert_eq!(room(-bound, schema::CUSTODY_MAX), 0);
        assert_eq!(room(-bound, 0), schema::CUSTODY_MAX);
    }
}
