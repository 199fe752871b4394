//! The hashes that signatures and the command log stand on (docs/spec/commands.md § 2 and § 9).

use zkperp_field::poseidon2::{Digest, sponge};
use zkperp_field::{F, PrimeCharacteristicRing, PrimeField64};
use zkperp_schema as schema;

use crate::command::{OracleReport, RequestWords, UserCommand};
use crate::quote::QuoteCommand;

/// A digest as canonical words.
pub type DigestWords = [u64; schema::DIGEST_FELTS as usize];

/// Which venue a message is for: a signature for one is worthless at any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Domain {
    /// The chain's id, below 2^53.
    pub chain_id: u64,
    /// The rollup contract's address: its first 7 bytes, the next 7, the last 6, big-endian.
    pub rollup: [u64; 3],
}

impl Domain {
    /// The domain of a contract, or `None` for a chain id that no message can hold.
    #[must_use]
    pub const fn new(chain_id: u64, rollup: &[u8; 20]) -> Option<Self> {
        if chain_id >> schema::CHAIN_ID_BITS != 0 {
            return None;
        }
        let rollup = address_words(rollup);
        Some(Self { chain_id, rollup })
    }

    const fn words(&self) -> [u64; 4] {
        let [first, second, third] = self.rollup;
        [self.chain_id, first, second, third]
    }
}

/// An L1 address as three words: 7, 7 and 6 bytes, big-endian.
#[must_use]
pub const fn address_words(address: &[u8; 20]) -> [u64; 3] {
    let mut words = [0; 3];
    let mut i = 0;
    while i < 20 {
        let word = &mut words[i / 7];
        *word = *word << 8 | address[i] as u64;
        i += 1;
    }
    words
}

/// The L1 address of three words, or `None` where one is too wide.
#[must_use]
pub fn address_bytes(words: &[u64; 3]) -> Option<[u8; 20]> {
    let [first, second, third] = *words;
    if first >> 56 != 0 || second >> 56 != 0 || third >> 48 != 0 {
        return None;
    }
    let mut address = [0; 20];
    address[..7].copy_from_slice(&first.to_be_bytes()[1..]);
    address[7..14].copy_from_slice(&second.to_be_bytes()[1..]);
    address[14..].copy_from_slice(&third.to_be_bytes()[2..]);
    Some(address)
}

/// What is hashed for a command: its signer's message, or a request's words. Hashed on demand, as
/// whoever already knows that a signature is good has no need of the hash before the batch is
/// sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// The sequencer's commands have none; its hash is four zeros.
    None,
    /// A user's twelve felts.
    User([u64; schema::MESSAGE_FELTS as usize]),
    /// A quote's felts: twelve, then three for each entry, then zeros up to a multiple of four.
    Quote(Box<[u64]>),
    /// An oracle's felts: eight, then one for each price, then zeros up to a multiple of four.
    Oracle(Box<[u64]>),
    /// A request's twelve words.
    Request(RequestWords),
}

impl Message {
    /// The message that a user signs.
    #[must_use]
    pub const fn user(domain: &Domain, command: &UserCommand) -> Self {
        let [chain_id, r0, r1, r2] = domain.words();
        let [f0, f1, f2, f3, f4] = command.words;
        let (head, nonce, until) = (command.head(), command.nonce, command.valid_until_ms);
        Self::User([chain_id, r0, r1, r2, head, nonce, until, f0, f1, f2, f3, f4])
    }

    /// The message that a user signs for a quote.
    #[must_use]
    pub fn quote(domain: &Domain, quote: &QuoteCommand) -> Self {
        let [chain_id, r0, r1, r2] = domain.words();
        let command = &quote.command;
        let (head, nonce, until) = (command.head(), command.nonce, command.valid_until_ms);
        let count = quote.entries.len() as u64;
        let expiry = command.words[0];
        let front: [u64; schema::MESSAGE_FELTS as usize] = [
            chain_id, r0, r1, r2, head, nonce, until, expiry, count, 0, 0, 0,
        ];
        let mut words = front.to_vec();
        words.extend(quote.entries.iter().flatten());
        words.resize(words.len().next_multiple_of(4), 0);
        Self::Quote(words.into())
    }

    /// The message that an oracle signs; `multiplier` gives a market's, 0 for one that isn't.
    #[must_use]
    pub fn oracle(domain: &Domain, report: &OracleReport, multiplier: impl Fn(u8) -> u64) -> Self {
        let [chain_id, r0, r1, r2] = domain.words();
        let count = report.entries.len();
        let time = report.timestamp_ms;
        let front: [u64; schema::ORACLE_MESSAGE_FELTS as usize] =
            [chain_id, r0, r1, r2, report.head(), time, count as u64, 0];
        let mut words = Vec::with_capacity(front.len() + count.next_multiple_of(4));
        words.extend(front);
        let scale = schema::MESSAGE_SCALE_SHIFT;
        words.extend(
            report
                .entries
                .iter()
                .map(|entry| entry.word() + scale * multiplier(entry.market)),
        );
        words.resize(front.len() + count.next_multiple_of(4), 0);
        Self::Oracle(words.into())
    }

    /// The message's digest.
    #[must_use]
    pub fn hash(&self) -> Digest {
        match self {
            Self::None => [F::ZERO; 4],
            Self::User(words) => sponge(schema::DOMAIN_MESSAGE, &felts(words)),
            Self::Quote(words) => sponge(schema::DOMAIN_QUOTE, &many(words)),
            Self::Oracle(words) => sponge(schema::DOMAIN_ORACLE, &many(words)),
            Self::Request(words) => sponge(schema::DOMAIN_REQUEST, &felts(words)),
        }
    }
}

/// Words below p as felts; a word that is not is reduced, so callers check widths first.
pub(crate) fn felts<const N: usize>(words: &[u64; N]) -> [F; N] {
    words.map(F::from_u64)
}

/// The felts of as many words as there are.
fn many(words: &[u64]) -> Vec<F> {
    words.iter().map(|&word| F::from_u64(word)).collect()
}

/// A digest's canonical words.
#[must_use]
pub fn digest_words(digest: &Digest) -> DigestWords {
    digest.map(|felt| felt.as_canonical_u64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{OracleEntry, Sender};
    use crate::quote::Quoted;
    use zkperp_schema::OrderType;

    const DOMAIN: Domain = Domain {
        chain_id: 31337,
        rollup: [1, 2, 3],
    };

    #[test]
    fn an_address_is_split_big_endian_and_comes_back() {
        let address: [u8; 20] = std::array::from_fn(|i| i as u8 + 1);
        let words = address_words(&address);
        assert_eq!(
            words,
            [0x01_0203_0405_0607, 0x08_090a_0b0c_0d0e, 0x0f10_1112_1314]
        );
        assert_eq!(address_bytes(&words), Some(address));
        assert_eq!(address_bytes(&[1 << 56, 0, 0]), None);
        assert_eq!(address_bytes(&[0, 0, 1 << 48]), None);
        assert!(Domain::new((1 << 53) - 1, &address).is_some());
        assert!(Domain::new(1 << 53, &address).is_none());
    }

    #[test]
    fn every_field_of_a_message_changes_its_hash() {
        let sender = Sender {
            account: 7,
            key: 1,
            nonce: 9,
            valid_until_ms: 1000,
        };
        let base = sender.amend(5, 6, 7);
        let mut hashes = vec![Message::user(&DOMAIN, &base).hash()];
        let other = Domain {
            chain_id: 1,
            ..DOMAIN
        };
        hashes.push(Message::user(&other, &base).hash());
        for change in [
            |c: &mut UserCommand| c.kind = 4,
            |c: &mut UserCommand| c.key = 2,
            |c: &mut UserCommand| c.account = 8,
            |c: &mut UserCommand| c.nonce = 8,
            |c: &mut UserCommand| c.valid_until_ms = 8,
            |c: &mut UserCommand| c.words[0] = 8,
            |c: &mut UserCommand| c.words[1] = 8,
            |c: &mut UserCommand| c.words[2] = 8,
            |c: &mut UserCommand| c.words[3] = 8,
            |c: &mut UserCommand| c.words[4] = 8,
        ] {
            let mut command = base;
            change(&mut command);
            hashes.push(Message::user(&DOMAIN, &command).hash());
        }
        for (i, hash) in hashes.iter().enumerate() {
            assert!(hashes[i + 1..].iter().all(|other| other != hash), "{i}");
        }
    }

    #[test]
    fn a_quote_signs_every_entry() {
        let sender = Sender {
            account: 7,
            key: 1,
            nonce: 9,
            valid_until_ms: 1000,
        };
        let entries: Vec<_> = (1..=3).map(Quoted::removal).collect();
        let quote = sender.quote(2, OrderType::PostOnly, 500, &entries);
        let message = Message::quote(&DOMAIN, &quote);
        let Message::Quote(words) = &message else {
            panic!("another message");
        };
        let head = 20 + (1 << 6) + (2 << 10) + (2 << 16) + (7 << 19);
        assert_eq!(
            words[..12],
            [31337, 1, 2, 3, head, 9, 1000, 500, 3, 0, 0, 0]
        );
        let named = 16 << 40;
        assert_eq!(
            words[12..],
            [1, 0, named, 2, 0, named, 3, 0, named, 0, 0, 0]
        );
        // Its tag keeps it apart from every other message, the same felts or not.
        assert_ne!(message.hash(), Message::Oracle(words.clone()).hash());
        let fewer = sender.quote(2, OrderType::PostOnly, 500, &entries[..2]);
        assert_ne!(message.hash(), Message::quote(&DOMAIN, &fewer).hash());
    }

    #[test]
    fn the_oracle_signs_every_market_s_scale() {
        let entry = |market| OracleEntry {
            market,
            price_ticks: 10,
        };
        let report = OracleReport {
            key: 0,
            timestamp_ms: 20,
            entries: [1, 2, 3, 4, 5].map(entry).to_vec(),
        };
        let message = Message::oracle(&DOMAIN, &report, |market| u64::from(market == 5) * 7);
        let Message::Oracle(words) = &message else {
            panic!("another message");
        };
        assert_eq!(words[..8], [31337, 1, 2, 3, 2, 20, 5, 0]);
        assert_eq!(words[8], 10 + (1 << 32));
        assert_eq!(words[12..], [10 + (5 << 32) + (7 << 37), 0, 0, 0]);
        let other = Message::oracle(&DOMAIN, &report, |_| 0);
        assert_ne!(message.hash(), other.hash());
        assert_eq!(Message::None.hash(), [F::ZERO; 4]);
    }
}
