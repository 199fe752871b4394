//! The command-log chain (docs/spec/commands.md § 9), computed when it is asked for.

use zkperp_field::poseidon2::{Digest, WIDTH, permute, sponge_start};
use zkperp_field::{F, PrimeCharacteristicRing};
use zkperp_schema::{self as schema, log as felt};

use crate::command::Outcome;
use crate::leaf::{EMPTY, LeafWords};
use crate::message::{Message, digest_words, felts};
use crate::poseidon_many::absorb_all;

/// A hash chain over every command and its outcome.
///
/// Hashing costs several times what matching does, so links wait until someone asks for the chain:
/// their messages are then hashed on all cores, and only the chain itself is sequential.
#[derive(Clone, Debug)]
pub(crate) struct LogChain {
    chain: Digest,
    /// Commands ever, those whose link waits included.
    pub(crate) commands: u64,
    waiting: Vec<(Message, Outcome)>,
}

impl LogChain {
    pub(crate) const fn new(chain: Digest, commands: u64) -> Self {
        Self {
            chain,
            commands,
            waiting: Vec::new(),
        }
    }

    /// Adds the link of a command.
    pub(crate) fn push(&mut self, message: Message, outcome: Outcome) {
        self.commands += 1;
        self.waiting.push((message, outcome));
    }

    /// Computes the links that wait.
    pub(crate) fn settle(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let waiting = &self.waiting;
        let hashes = hash_all(waiting);
        let start = sponge_start(schema::DOMAIN_LOG, schema::LOG_LINK_FELTS);
        let mut states = vec![start; waiting.len()];
        absorb_all(&mut states, |i| hashes[i]);
        absorb_all(&mut states, |i| felts(&waiting[i].1.0));
        for state in states {
            self.chain = squeeze(state, &self.chain);
        }
        self.waiting.clear();
    }

    /// The chain, which must be settled.
    pub(crate) fn chain(&self) -> Digest {
        debug_assert!(
            self.waiting.is_empty(),
            "Invariant: the log chain is not settled"
        );
        self.chain
    }

    /// The leaf of a settled chain.
    pub(crate) fn words(&self) -> LeafWords {
        leaf(&self.chain(), self.commands)
    }

    /// The chain as it was when the leaf held `words`.
    pub(crate) fn from_words(words: &LeafWords) -> Self {
        let [a, b, c, d, ..] = *words;
        Self::new([a, b, c, d].map(F::from_u64), words[felt::COMMANDS])
    }
}

/// The `log` leaf.
pub(crate) fn leaf(chain: &Digest, commands: u64) -> LeafWords {
    let mut words = EMPTY;
    words[..4].copy_from_slice(&digest_words(chain));
    words[felt::COMMANDS] = commands;
    words
}

/// The hash of each message. Those of twelve words, nearly all, go through the sponge together.
fn hash_all(waiting: &[(Message, Outcome)]) -> Vec<Digest> {
    let long: Vec<(usize, u64, &[u64; 12])> = waiting
        .iter()
        .enumerate()
        .filter_map(|(i, (message, _))| match message {
            Message::User(words) => Some((i, schema::DOMAIN_MESSAGE, words)),
            Message::Request(words) => Some((i, schema::DOMAIN_REQUEST, words)),
            Message::None | Message::Quote(_) | Message::Oracle(_) => None,
        })
        .collect();
    let mut states: Vec<_> = long
        .iter()
        .map(|&(_, domain, words)| sponge_start(domain, words.len() as u64))
        .collect();
    for block in 0..3 {
        absorb_all(&mut states, |i| {
            std::array::from_fn(|word| F::from_u64(long[i].2[4 * block + word]))
        });
    }
    let mut long = long.iter().zip(states).peekable();
    let hash = |(i, (message, _)): (usize, &(Message, Outcome))| {
        let together = long.next_if(|((at, ..), _)| *at == i);
        together.map_or_else(
            || message.hash(),
            |(_, state)| std::array::from_fn(|i| state[i]),
        )
    };
    waiting.iter().enumerate().map(hash).collect()
}

/// The chain after a command with this message hash and outcome:
/// `sponge(DOMAIN_LOG, hash || outcome || chain)`.
#[must_use]
pub fn link(chain: &Digest, hash: &Digest, outcome: &Outcome) -> Digest {
    squeeze(absorb(hash, outcome), chain)
}

/// The sponge after the two blocks that do not depend on the chain.
fn absorb(hash: &Digest, outcome: &Outcome) -> [F; WIDTH] {
    let mut state = sponge_start(schema::DOMAIN_LOG, schema::LOG_LINK_FELTS);
    for block in [hash, &felts(&outcome.0)] {
        add_block(&mut state, block);
    }
    state
}

/// The digest after the last block, which is the chain.
fn squeeze(mut state: [F; WIDTH], chain: &Digest) -> Digest {
    add_block(&mut state, chain);
    std::array::from_fn(|i| state[i])
}

fn add_block(state: &mut [F; WIDTH], block: &Digest) {
    for (lane, word) in state.iter_mut().zip(block) {
        *lane += *word;
    }
    permute(state);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_links_give_the_same_chain_as_one_by_one() {
        let commands: Vec<_> = (0..100)
            .map(|i| {
                let message = match i % 5 {
                    0 => Message::Request([i; 12]),
                    1 => Message::User([i; 12]),
                    2 => Message::Oracle([i; 12].into()),
                    3 => Message::Quote([i; 16].into()),
                    _ => Message::None,
                };
                (message, Outcome([i, 1, 2, 3]))
            })
            .collect();
        let mut at_once = LogChain::new([F::ZERO; 4], 0);
        let mut expected = [F::ZERO; 4];
        for (message, outcome) in &commands {
            at_once.push(message.clone(), *outcome);
            expected = link(&expected, &message.hash(), outcome);
        }
        at_once.settle();
        assert_eq!(at_once.chain(), expected);
        assert_eq!(at_once.words()[felt::COMMANDS], 100);
        let again = LogChain::from_words(&at_once.words());
        assert_eq!((again.chain(), again.commands), (expected, 100));
    }

    #[test]
    fn a_link_is_the_sponge_over_hash_outcome_and_chain() {
        let message: [F; 12] = std::array::from_fn(|i| F::from_u64(i as u64 + 1));
        let [hash, outcome, chain] = [1, 5, 9].map(|i| [i, i + 1, i + 2, i + 3]);
        assert_eq!(
            link(&felts(&chain), &felts(&hash), &Outcome(outcome)),
            zkperp_field::poseidon2::sponge(schema::DOMAIN_LOG, &message)
        );
    }

    #[test]
    fn a_link_depends_on_chain_hash_and_outcome() {
        let (zero, one) = ([F::ZERO; 4], [F::ONE; 4]);
        let (none, some) = (Outcome([0; 4]), Outcome([0, 0, 0, 1]));
        let links = [
            link(&zero, &zero, &none),
            link(&one, &zero, &none),
            link(&zero, &one, &none),
            link(&zero, &zero, &some),
        ];
        for (i, a) in links.iter().enumerate() {
            assert!(links[i + 1..].iter().all(|b| a != b));
        }
    }
}
