//! Keys of a test venue, from a seed: never for money.

use zkperp_engine::{Command, Domain, Envelope, KeyLimbs, Message, RequestWords};
use zkperp_field::PrimeField64;
use zkperp_signature::{SecretKey, sign};

/// The oracle's key and one for each account, numbered from 1.
#[derive(Clone, Debug)]
pub struct Keys {
    /// The oracle's first, then the accounts'.
    secrets: Vec<SecretKey>,
}

impl Keys {
    /// The keys of a seed.
    #[must_use]
    pub fn new(seed: u64, accounts: u32) -> Self {
        let secret = |number: u32| {
            let mut bytes = [0; 32];
            bytes[..8].copy_from_slice(&seed.to_be_bytes());
            bytes[8..12].copy_from_slice(&number.to_be_bytes());
            SecretKey::from_seed(&bytes)
        };
        Self {
            secrets: (0..=accounts).map(secret).collect(),
        }
    }

    fn limbs(&self, number: u32) -> Option<KeyLimbs> {
        let secret = self.secrets.get(number as usize)?;
        Some(
            secret
                .public()
                .to_felts()
                .map(|limb| limb.as_canonical_u64()),
        )
    }

    /// The oracle's public key.
    #[must_use]
    pub fn oracle(&self) -> KeyLimbs {
        self.limbs(0).unwrap_or_default()
    }

    /// The words of an account's deposit request with its key; `None` for an account without one.
    #[must_use]
    pub fn deposit(&self, account: u32, owner: [u64; 3], amount: u64) -> Option<RequestWords> {
        let [o0, o1, o2] = owner;
        let limbs = self.limbs(account).filter(|_| account > 0)?;
        let [a, b, c, d, e] = limbs;
        Some([1, account.into(), o0, o1, o2, amount, 0, a, b, c, d, e])
    }

    /// Signs what needs a signature and whose key is here. `multiplier` is the market's, which an
    /// oracle signs too.
    pub fn sign(&self, domain: &Domain, multiplier: u64, envelope: &mut Envelope) {
        let (number, message) = match &envelope.command {
            Command::User(command) => (command.account, Message::user(domain, command)),
            Command::Oracle(price) => (0, Message::oracle(domain, price, multiplier)),
            Command::Time | Command::Request(_) => return,
        };
        let secret = self.secrets.get(number as usize);
        envelope.signature = secret.map(|secret| sign(secret, &message.hash()).to_bytes());
    }
}
