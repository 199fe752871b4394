//! Keys of a test venue, from a seed: never for money.

use zkperp_engine::{Command, Envelope, KeyLimbs, Message, RequestWords, State};
use zkperp_field::PrimeField64;
use zkperp_schema::FUND_ACCOUNT;
use zkperp_signature::{SecretKey, sign};

/// Oracle keys of a test venue, unless another number is asked for.
pub const ORACLE_KEYS: u8 = 3;

/// The oracle keys, the fund's, and one for each account, numbered from 1. Sub-accounts have their
/// master's.
#[derive(Clone, Debug)]
pub struct Keys {
    seed: u64,
    oracles: Vec<SecretKey>,
    fund: SecretKey,
    /// Account 1's first.
    accounts: Vec<SecretKey>,
}

/// A key's secret: its seed is the venue's and its number, big-endian, then zeros.
fn secret(seed: u64, number: u32) -> SecretKey {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    bytes[8..12].copy_from_slice(&number.to_be_bytes());
    SecretKey::from_seed(&bytes)
}

fn limbs(secret: &SecretKey) -> KeyLimbs {
    let felts = secret.public().to_felts();
    felts.map(|limb| limb.as_canonical_u64())
}

impl Keys {
    /// The keys of a seed: those of accounts 1 to `accounts`, number n is account n's, the fund
    /// account's among them (2^31), and of `oracles` oracle keys, number 2^32 − 1 − k is key k's.
    #[must_use]
    pub fn new(seed: u64, accounts: u32, oracles: u8) -> Self {
        Self {
            seed,
            oracles: (0..oracles)
                .map(|key| secret(seed, u32::MAX - u32::from(key)))
                .collect(),
            fund: secret(seed, FUND_ACCOUNT as u32),
            accounts: (1..=accounts).map(|number| secret(seed, number)).collect(),
        }
    }

    /// Sees to it that accounts up to this one have keys.
    pub fn extend_to(&mut self, account: u32) {
        let next = self.accounts.len() as u32 + 1;
        let more = (next..=account).map(|number| secret(self.seed, number));
        self.accounts.extend(more);
    }

    /// The oracle's public keys, key 0's first.
    #[must_use]
    pub fn oracles(&self) -> Vec<KeyLimbs> {
        self.oracles.iter().map(limbs).collect()
    }

    /// The public key that trades for the fund.
    #[must_use]
    pub fn fund(&self) -> KeyLimbs {
        limbs(&self.fund)
    }

    fn account(&self, account: u32) -> Option<&SecretKey> {
        if u64::from(account) == FUND_ACCOUNT {
            return Some(&self.fund);
        }
        self.accounts.get(account.checked_sub(1)? as usize)
    }

    /// The words of an account's deposit request with its key; `None` for an account without one.
    #[must_use]
    pub fn deposit(&self, account: u32, owner: [u64; 3], amount: u64) -> Option<RequestWords> {
        let [o0, o1, o2] = owner;
        let [a, b, c, d, e] = limbs(self.account(account)?);
        Some([1, account.into(), o0, o1, o2, amount, 0, a, b, c, d, e])
    }

    /// Signs what needs a signature and whose key is here, for the venue that is in this state.
    pub fn sign(&self, state: &State, envelope: &mut Envelope) {
        let account = match envelope.command.user() {
            Some(command) if u64::from(command.account) > FUND_ACCOUNT => state
                .account(command.account)
                .map_or(0, |sub| sub.master.unwrap_or(0)),
            Some(command) => command.account,
            None => 0,
        };
        self.sign_as(account, state, envelope);
    }

    /// The same, but a user's command with the key of an account that need not be the sender.
    pub fn sign_as(&self, account: u32, state: &State, envelope: &mut Envelope) {
        let domain = state.domain();
        let (secret, message) = match &envelope.command {
            Command::User(command) => (self.account(account), Message::user(domain, command)),
            Command::Quote(quote) => {
                let secret = self.account(account);
                (secret, Message::quote(domain, quote))
            }
            Command::Oracle(report) => {
                let multiplier = |market| state.market(market).map_or(0, |m| m.terms.multiplier);
                let secret = self.oracles.get(usize::from(report.key));
                (secret, Message::oracle(domain, report, multiplier))
            }
            Command::Time
            | Command::Request(_)
            | Command::Tick { .. }
            | Command::Fund
            | Command::Sweep
            | Command::Liquidate
            | Command::Deleverage { .. }
            | Command::Trigger => return,
        };
        envelope.signature = secret.map(|secret| sign(secret, &message.hash()).to_bytes());
    }
}
