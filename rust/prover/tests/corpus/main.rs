//! The corpus of bad witnesses: for every constraint and every message of the machine, one that
//! the whole machine refuses and that it would accept without exactly that part. `README.md` says
//! how a case is made and what is proven of it.

mod attacks;
mod completeness;
mod cpu;
mod inverse;
mod leaf;
mod lint;
mod memory;
mod merkle;
mod muldiv;
mod poseidon2;
mod poseidon2_io;
mod program;
mod public;
mod range16;
mod range_check;
mod schnorr;
mod state;
mod support;

use rayon::prelude::*;
use support::case::Case;
use support::forged::forge;

/// A table's cases.
type Cases = fn() -> Vec<Case>;

/// The tables, and their cases.
const TABLES: [(&str, Cases); 14] = [
    ("cpu", cpu::cases),
    ("program", program::cases),
    ("memory", memory::cases),
    ("range16", range16::cases),
    ("poseidon2", poseidon2::cases),
    ("public", public::cases),
    ("range_check", range_check::cases),
    ("poseidon2_io", poseidon2_io::cases),
    ("muldiv", muldiv::cases),
    ("state", state::cases),
    ("leaf", leaf::cases),
    ("merkle", merkle::cases),
    ("schnorr", schnorr::cases),
    ("schnorr_sum", schnorr::sum_cases),
];

/// Cases of each table that also go through a proof.
const PROVEN: usize = 20;

/// Cases that put something else than zeros behind the outputs, so that only the proof system's own
/// form of a statement has their public column.
const CLAIM_NO_STATEMENT: usize = 4;

fn all() -> Vec<Case> {
    TABLES.iter().flat_map(|(_, cases)| cases()).collect()
}

fn fails(failures: &[String], cases: usize) {
    let count = failures.len();
    assert!(
        failures.is_empty(),
        "{count} of {cases} cases:\n{}",
        failures.join("\n")
    );
}

/// The checker refuses each bad witness, and accepts it without the part that it is about.
#[test]
fn every_case_is_refused_by_its_part_alone() {
    let cases = all();
    let failures: Vec<String> = cases
        .par_iter()
        .filter_map(|case| case.check().err())
        .collect();
    fails(&failures, cases.len());
}

/// What is wrong with a case as a proof: the verifier must refuse what a verifier without the part
/// accepts.
fn forged(case: &Case) -> Option<String> {
    let verdicts = forge(&case.forged_witness(), &case.parts);
    (!verdicts.blame_the_part()).then(|| format!("{case:?}: {verdicts:?}"))
}

/// Twenty cases of each table, spread over its parts, as proofs of a cheating prover.
#[test]
fn forged_proofs_are_refused() {
    let sample: Vec<Case> = TABLES
        .iter()
        .flat_map(|(_, cases)| {
            let cases: Vec<Case> = cases().into_iter().filter(|case| case.provable).collect();
            assert!(cases.len() >= PROVEN);
            let count = cases.len();
            let chosen = move |i: &usize| (i + 1) * PROVEN / count > i * PROVEN / count;
            cases
                .into_iter()
                .enumerate()
                .filter(move |(i, _)| chosen(i))
                .map(|(_, case)| case)
        })
        .collect();
    assert_eq!(sample.len(), PROVEN * TABLES.len());
    let failures: Vec<String> = sample.par_iter().filter_map(forged).collect();
    fails(&failures, sample.len());
}

/// One case of each constraint as bytes of our own prover, which looks at buses only.
#[test]
fn bytes_of_bad_witnesses_are_refused() {
    let mut cases: Vec<Case> = all().into_iter().filter(Case::is_constraint).collect();
    cases.dedup_by(|next, case| next.parts == case.parts);
    let count = cases.len();
    let verdicts: Vec<Option<String>> = cases
        .par_iter()
        .filter_map(|case| match case.witness().prove_and_verify()? {
            Err(refusal) if attacks::is_rejected(&refusal) => Some(None),
            verdict => Some(Some(format!("{case:?}: {verdict:?}"))),
        })
        .collect();
    assert!(
        verdicts.len() + CLAIM_NO_STATEMENT == count,
        "{} of {count}",
        verdicts.len()
    );
    let failures: Vec<String> = verdicts.into_iter().flatten().collect();
    fails(&failures, count);
}

#[test]
fn all_forged_proofs_are_refused() {
    let cases: Vec<Case> = all().into_iter().filter(|case| case.provable).collect();
    let failures: Vec<String> = cases.par_iter().filter_map(forged).collect();
    fails(&failures, cases.len());
}
