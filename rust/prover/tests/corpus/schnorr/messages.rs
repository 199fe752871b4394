//! Bad witnesses against the messages of `schnorr`: nine memory cells, four permutations, the sum.

use p3_field::PrimeCharacteristicRing;
use zkperp_field::F;
use zkperp_field::poseidon2::{permute, sponge_start};
use zkperp_prover::machine::Kind;
use zkperp_signature::{CHALLENGE_DOMAIN, Scalar};

use super::sum;
use super::witness::{MESSAGE, SECRET, Witness, challenge, claim, honest, multiple, nonce, secret};
use crate::support::case::Case;

fn message(number: usize, mutation: &'static str, witness: Witness) -> Case {
    super::message(Kind::Schnorr, number, mutation, witness)
}

/// Every case against a message of this table.
pub(super) fn cases() -> Vec<Case> {
    [cells(), permutations(), sums()]
        .into_iter()
        .flatten()
        .collect()
}

fn cells() -> Vec<Case> {
    let mut cases = vec![];
    for cell in 0..9 {
        // The last instance, which the program didn't use: nothing else reads it.
        let mut witness = Witness::honest();
        let address = witness.base() + 9 * 63 + cell;
        let (value, count) = witness.memory(address);
        *value += F::ONE;
        *count = F::ZERO;
        cases.push(message(
            cell as usize,
            "the signature is of another key or message than the program's",
            witness,
        ));
    }
    cases
}

/// The states of the challenge's sponge, before and after each permutation, where permutation
/// `forged` gives what the prover likes.
fn sponge(commitment: [F; 5], forged: Option<usize>) -> [([F; 8], [F; 8]); 4] {
    let key = SECRET.public().to_felts();
    let hashed = [&commitment[..], &key, &MESSAGE].concat();
    let mut state = sponge_start(CHALLENGE_DOMAIN, hashed.len() as u64);
    std::array::from_fn(|block| {
        for (lane, felt) in state.iter_mut().zip(&hashed[4 * block..]).take(4) {
            *lane += *felt;
        }
        let before = state;
        permute(&mut state);
        if forged == Some(block) {
            state[0] += F::ONE;
        }
        (before, state)
    })
}

/// A signature over a challenge whose permutation `forged` is no permutation.
fn over_forged(forged: usize) -> Witness {
    let k: Scalar = nonce(20 + forged as u128);
    let commitment = multiple(&k).encode();
    let states = sponge(commitment.to_felts(), Some(forged));
    let digest = std::array::from_fn(|i| states[3].1[i]);
    let e = challenge(&digest);
    let mut trace = claim(commitment, SECRET.public(), k - e.scalar() * secret(), e);
    trace.digest = digest;
    let mut witness = Witness::forged(trace);
    witness.patch(0, |row| row.sponge = states.map(|(_, after)| after));
    let old = sponge(commitment.to_felts(), None).map(|(before, _)| before);
    let mut new = states.map(|(before, _)| Some(before));
    new[forged] = None;
    witness.replace_permutations(&old, &new);
    witness
}

fn permutations() -> Vec<Case> {
    let mut cases = vec![];
    for block in 0..4 {
        cases.push(message(
            9 + block,
            "the challenge is not the sponge's: of another message, or of the prover's choice",
            over_forged(block),
        ));
    }
    cases
}

fn sums() -> Vec<Case> {
    let mut cases = vec![];
    // A commitment that no sum leads to.
    let commitment = multiple(&nonce(30));
    let e = challenge(&super::witness::digest(commitment.encode()));
    let mut trace = claim(commitment.encode(), SECRET.public(), nonce(31), e);
    trace.steps[351].total = commitment.to_affine();
    let mut witness = Witness::forged(trace);
    witness.patch_block(0, |rows| {
        sum::walk(rows);
        rows[0].count = F::ZERO;
    });
    cases.push(message(
        13,
        "forgery: no sum stands behind a commitment",
        witness,
    ));
    cases
}

#[test]
fn a_message_is_bound_as_a_whole() {
    // One bit of the message in memory, with the signature of the honest one.
    let mut witness = Witness::honest();
    witness.patch(0, |row| row.message[3] += F::ONE);
    let report = witness.report();
    let buses: Vec<_> = report.imbalances.iter().map(|i| i.bus).collect();
    assert!(
        buses.contains(&"memory") && buses.contains(&"poseidon2"),
        "{buses:?}"
    );
    assert_eq!(
        honest().digest,
        super::witness::digest(honest().commitment_w)
    );
}
