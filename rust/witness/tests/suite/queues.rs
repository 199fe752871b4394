//! Arbitrary queues of requests: each has an outcome that the program proves, whatever its words.

use std::collections::BTreeSet;

use zkperp_engine::{Engine, Outcome, Verify};
use zkperp_field::{F, PrimeCharacteristicRing, PrimeField64};
use zkperp_prover::parameters::{Venue, parameters};
use zkperp_prover::{prove::prove, verify::verify};
use zkperp_schema as schema;

use crate::desk::{ACCOUNTS, Desk, MARK, TICK_MAX_MS, forced, limbs, owner};
use crate::flow::{Random, any_venue, step};

const QUEUES: u64 = 40;
const AMOUNT_MAX: u64 = schema::AMOUNT_MAX;
/// The address of twenty bytes 0xff.
const LARGEST_OWNER: [u64; 3] = [(1 << 56) - 1, (1 << 56) - 1, (1 << 48) - 1];

/// (kind, code): what these queues come to. A venue that holds less than what is free (2004) is not
/// met by chance: see `edges`.
const OUTCOMES: [(u64, u64); 9] = [
    (1, 0),
    (1, 5002),
    (1, 5003),
    (1, 5004),
    (2, 0),
    (2, 1002),
    (2, 2003),
    (2, 4102),
    (2, 5002),
];

/// An account: one of the desk's, the next ones, or one that nobody has.
fn account(random: &mut Random) -> u32 {
    match random.below(10) {
        0 => 1 + random.below(schema::ACCOUNT_MAX) as u32,
        1 => schema::ACCOUNT_MAX as u32,
        2 => ACCOUNTS + 1 + random.below(4) as u32,
        _ => 1 + random.below(ACCOUNTS.into()) as u32,
    }
}

/// A sender: mostly the account's owner.
fn sender(random: &mut Random, account: u32) -> [u64; 3] {
    match random.below(10) {
        0 => LARGEST_OWNER,
        1 => [0; 3],
        2 => owner(1 + random.below(ACCOUNTS.into()) as u32),
        _ => owner(account),
    }
}

/// A public key, none, and limbs of which some encode an element and some don't.
fn public_key(random: &mut Random) -> [u64; 5] {
    match random.below(6) {
        0 => [0; 5],
        1 => [1, 0, 0, 0, 0],
        2 => [F::ORDER_U64 - 1; 5],
        3 => limbs(random.below(10) as u32),
        _ => [(); 5].map(|()| random.below(F::ORDER_U64)),
    }
}

/// What the owner may withdraw of an account at most, which a request of 0 says.
fn free(desk: &Desk, account: u32) -> u64 {
    let mut engine: Engine = desk.engine.clone();
    let all = desk.envelope(desk.request_command(forced(account, owner(account), 0)));
    let (outcome, _) = engine.apply(&all, &Verify).unwrap();
    outcome.0[1]
}

/// An amount: any, at an end of the range, or around what may be withdrawn.
fn amount(random: &mut Random, free: u64) -> u64 {
    match random.below(10) {
        0 => 0,
        1 => 1,
        2 => AMOUNT_MAX - random.below(2),
        3 => 1 << random.below(58),
        4..=6 => random.below(1_000_000),
        _ => (free + random.below(3)).saturating_sub(1).min(AMOUNT_MAX),
    }
}

/// Words out of all that the rules admit.
fn request(random: &mut Random, desk: &Desk) -> [u64; 12] {
    let account = account(random);
    let sender = sender(random, account);
    let amount = amount(random, free(desk, account));
    if random.below(2) == 0 {
        return forced(account, sender, amount);
    }
    let [o0, o1, o2] = sender;
    let [a, b, c, d, e] = public_key(random);
    let key = [random.below(4), 13, 14, 255][random.below(4) as usize];
    [1, account.into(), o0, o1, o2, amount, key, a, b, c, d, e]
}

/// Queues up to six requests, each of which must have an outcome; says which.
fn queue(random: &mut Random, desk: &mut Desk, seen: &mut BTreeSet<(u64, u64)>) {
    for _ in 0..=random.below(6) {
        let words = request(random, desk);
        let done = desk.engine.state().requests_done();
        let Outcome([code, amount, ..]) = desk
            .request(words)
            .unwrap_or_else(|refusal| panic!("{words:?}: {refusal:?}"));
        assert_eq!(desk.engine.state().requests_done(), done + 1);
        assert!(amount <= words[5] || words[5] == 0, "{words:?}: {amount}");
        seen.insert((words[0], code));
    }
}

/// A venue with positions and open orders in its accounts, sealed.
fn trading(random: &mut Random, seed: u64) -> Desk {
    let mut desk = Desk::of(&any_venue(seed)).opened();
    for _ in 0..100 {
        step(&mut desk, random);
    }
    desk.engine.seal().unwrap();
    desk
}

/// Makes all ticks overdue.
fn wait(desk: &mut Desk) {
    desk.wait(TICK_MAX_MS + 1);
}

#[test]
fn arbitrary_queues_run_through_the_program() {
    let mut seen = BTreeSet::new();
    for seed in 0..QUEUES {
        let mut random = Random(1_000 + seed);
        let mut desk = trading(&mut random, seed);
        match seed % 4 {
            0 => wait(&mut desk),
            1 => {
                desk.liquidate();
                desk.mark(0, MARK / 2).unwrap();
            }
            _ => {}
        }
        queue(&mut random, &mut desk, &mut seen);
        desk.prove();
    }
    assert_eq!(seen, OUTCOMES.into());
}

#[test]
fn a_batch_of_queues_is_proven_and_verified() {
    let mut random = Random(1);
    let mut desk = trading(&mut random, 0);
    let mut seen = BTreeSet::new();
    // Until every outcome was met; the last ones while all ticks are overdue.
    for number in 0.. {
        if number == 12 {
            wait(&mut desk);
        }
        queue(&mut random, &mut desk, &mut seen);
        if number >= 15 && seen == OUTCOMES.into() {
            break;
        }
        assert!(number < 40, "{seen:?}");
    }
    let proven = desk.prove();

    let params = parameters(Venue::OffChain, 100).unwrap();
    let (statement, proof) = prove(&proven.run, &params).unwrap();
    let report = verify(&statement.program, &statement, &proof).unwrap();
    assert!(report.bits >= 100.0, "{} bits", report.bits);
    let output: Vec<F> = proven.batch.output().into_iter().map(F::from_u64).collect();
    assert_eq!(statement.output, output);

    // The last word of the data: what the last request came to.
    let mut other = statement.clone();
    *other.output.last_mut().unwrap() += F::ONE;
    assert!(verify(&statement.program, &other, &proof).is_err());
}
