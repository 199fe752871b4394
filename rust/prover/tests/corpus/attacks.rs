//! The attacks of the soundness rules that concern these tables, by name, on whole proofs.

use std::sync::LazyLock;

use p3_field::PrimeCharacteristicRing;
use zkperp_prover::prove::{prove, statement};
use zkperp_prover::statement::{Statement, StatementError};
use zkperp_prover::verify::{RefusedProof, verify};
use zkperp_stark::proof::sections;
use zkperp_stark::{DecodeError, F, Params, VerifyError};
use zkperp_vm::layout::LayoutError;

use crate::support::base::{FIBONACCI, HASHES, MULDIV, RANGE_CHECK, full_hashes};
use crate::support::case::Case;
use crate::support::forged::forge;

type Proven = (Statement, Vec<u8>);

fn proven(run: &zkperp_vm::relocate::Run) -> Proven {
    prove(run, &Params::OFFCHAIN).expect("an honest run")
}

static FIBONACCI_PROOF: LazyLock<Proven> = LazyLock::new(|| proven(&FIBONACCI));
static RANGE_CHECK_PROOF: LazyLock<Proven> = LazyLock::new(|| proven(&RANGE_CHECK));

/// The verifier's answer to a proof passed off as one of another statement.
fn passed_off((honest, proof): &Proven, change: impl FnOnce(&mut Statement)) -> RefusedProof {
    let mut claimed = honest.clone();
    change(&mut claimed);
    assert_ne!(claimed, *honest);
    verify(&claimed.program, &claimed, proof).expect_err("another statement")
}

/// Whether the proof system refused, rather than a check of the statement. A proof of another
/// statement mostly fails its proof of work already: the nonces are for other challenges.
pub(crate) fn is_rejected(refusal: &RefusedProof) -> bool {
    use VerifyError::{Malformed, Rejected};
    matches!(
        refusal,
        RefusedProof::Stark(Rejected(_) | Malformed(DecodeError::ProofOfWork))
    )
}

/// The only case of a table with these words.
fn case(cases: Vec<Case>, words: &str) -> Case {
    let mut found: Vec<Case> = cases
        .into_iter()
        .filter(|case| case.mutation.contains(words))
        .collect();
    assert_eq!(found.len(), 1, "{words}");
    found.remove(0)
}

/// Refused as a proof by a prover that leaves a part out, and, where the buses balance, as a proof
/// in bytes by our own prover.
fn is_refused(cases: Vec<Case>, words: &str) {
    let case = case(cases, words);
    let verdicts = forge(&case.forged_witness(), &case.parts);
    assert!(verdicts.blame_the_part(), "{case:?}: {verdicts:?}");
    if case.is_constraint() {
        let verdict = case.witness().prove_and_verify();
        let refusal = verdict.expect("a statement").expect_err("a bad witness");
        assert!(is_rejected(&refusal), "{case:?}: {refusal}");
    }
}

#[test]
fn honest_proofs_are_accepted() {
    for (statement, proof) in [&*FIBONACCI_PROOF, &*RANGE_CHECK_PROOF] {
        let report = verify(&statement.program, statement, proof).expect("an honest proof");
        assert!(report.bits >= 100.0);
    }
}

#[test]
fn a_pc_beyond_the_program() {
    is_refused(crate::cpu::cases(), "a computed jump leaves the program");
    is_refused(
        crate::program::cases(),
        "the zero behind the program's end is decoded",
    );
}

#[test]
fn a_changed_immediate() {
    is_refused(crate::cpu::cases(), "a changed immediate");
    is_refused(
        crate::program::cases(),
        "word 1 of a row is not the one that memory holds",
    );
}

#[test]
fn an_overwritten_return_pc() {
    is_refused(crate::cpu::cases(), "the return pc is overwritten");
}

#[test]
fn a_word_dropped_from_the_digest() {
    for words in [
        "a row of four words that nothing executes is skipped",
        "the last word, not the first of its row",
        "the last word, the first of its row",
        "a program of 260 words in a table for 256",
        "one word of the second block is not absorbed",
    ] {
        is_refused(crate::program::cases(), words);
    }
}

#[test]
fn a_stop_pointer_that_main_did_not_return() {
    is_refused(
        crate::public::cases(),
        "main returns a pointer behind two outputs",
    );
    is_refused(
        crate::public::cases(),
        "main returns 9, the statement claims no outputs",
    );
}

#[test]
fn two_histories_of_one_leaf() {
    is_refused(crate::merkle::cases(), "the same leaf twice in an image");
    is_refused(
        crate::merkle::cases(),
        "a leaf is accessed under a node that is nobody's child",
    );
    is_refused(
        crate::merkle::cases(),
        "leaf 4 is changed under the new root",
    );
}

#[test]
fn reversed_equal_and_wrapped_times() {
    is_refused(crate::state::cases(), "reads from the second: the low limb");
    is_refused(
        crate::state::cases(),
        "reads from the second: the high limb",
    );
    is_refused(
        crate::state::cases(),
        "an access reads from itself: the low limb",
    );
}

/// A stop pointer past the last constrained row: the statement itself makes no sense.
#[test]
fn more_instances_used_than_the_table_has_rows() {
    let (honest, proof) = &*RANGE_CHECK_PROOF;
    let mut claimed = honest.clone();
    claimed.used = vec![64];
    assert!(claimed.geometry().is_ok(), "as many as rows are fine");
    claimed.used = vec![65];
    let refusal = claimed.geometry().expect_err("one more is not");
    assert!(matches!(
        refusal,
        StatementError::Layout(LayoutError::Capacity { used: 65, .. })
    ));
    let refusal = verify(&claimed.program, &claimed, proof).expect_err("no statement");
    assert!(matches!(refusal, RefusedProof::Statement(_)), "{refusal}");
    claimed = honest.clone();
    claimed.output = vec![F::ZERO; 64];
    assert!(
        matches!(claimed.geometry(), Err(StatementError::Layout(_))),
        "outputs too"
    );
}

#[test]
fn as_many_instances_as_the_table_has_rows() {
    let run = full_hashes();
    assert_eq!(run.used[1], 64);
    let (statement, proof) = proven(&run);
    assert!(statement.shape.log_rows.ends_with(&[6]));
    verify(&statement.program, &statement, &proof).expect("an honest proof");
}

#[test]
fn a_changed_statement() {
    let proof = &*RANGE_CHECK_PROOF;
    let changes: [fn(&mut Statement); 9] = [
        |s| s.final_ap += 1,
        |s| s.used[0] += 1,
        |s| s.used[0] -= 1,
        |s| s.output[0] += F::ONE,
        |s| s.output[1] += F::ONE,
        |s| s.output.truncate(1),
        |s| s.output.push(F::ZERO),
        |s| s.program.digest[0] += F::ONE,
        |s| s.program.digest[3] -= F::ONE,
    ];
    for (i, change) in changes.into_iter().enumerate() {
        let refusal = passed_off(proof, change);
        assert!(is_rejected(&refusal), "change {i}: {refusal}");
    }
}

#[test]
fn a_proof_of_another_program() {
    let (honest, proof) = &*RANGE_CHECK_PROOF;
    let other = statement(&MULDIV, &Params::OFFCHAIN).program;
    let refusal = verify(&other, honest, proof).expect_err("another program");
    assert!(matches!(refusal, RefusedProof::OtherProgram));
    for run in [&*FIBONACCI, &*HASHES, &*MULDIV] {
        let other = statement(run, &Params::OFFCHAIN);
        let refusal = verify(&other.program, &other, proof).expect_err("another program");
        assert!(matches!(refusal, RefusedProof::Stark(_)), "{refusal}");
        // The other program's identity on the proof's own statement.
        let refusal = passed_off(&RANGE_CHECK_PROOF, |s| {
            s.program.digest = other.program.digest
        });
        assert!(is_rejected(&refusal), "{refusal}");
    }
}

#[test]
fn a_proof_in_another_shape() {
    let refusal = passed_off(&FIBONACCI_PROOF, |s| s.shape.id += 1);
    assert!(is_rejected(&refusal), "{refusal}");
    for table in 0..FIBONACCI_PROOF.0.shape.log_rows.len() {
        passed_off(&FIBONACCI_PROOF, |s| s.shape.log_rows[table] += 1);
    }
    passed_off(&FIBONACCI_PROOF, |s| s.shape.params = Params::ONCHAIN);
    passed_off(&FIBONACCI_PROOF, |s| s.shape.params.target_bits = 90);
    passed_off(&FIBONACCI_PROOF, |s| s.program.length += 1);
}

#[test]
fn truncated_and_extended_bytes() {
    let (statement, proof) = &*FIBONACCI_PROOF;
    let refuse = |bytes: &[u8]| {
        let refusal = verify(&statement.program, statement, bytes).expect_err("other bytes");
        matches!(refusal, RefusedProof::Stark(VerifyError::Malformed(_)))
    };
    for length in [
        0,
        1,
        7,
        8,
        1000,
        proof.len() / 2,
        proof.len() - 8,
        proof.len() - 1,
    ] {
        assert!(refuse(&proof[..length]), "{length} bytes");
    }
    for more in [1, 8, 24] {
        assert!(
            refuse(&[&proof[..], &vec![0; more]].concat()),
            "{more} bytes more"
        );
    }
    assert!(refuse(&[&proof[..], proof].concat()), "twice");
}

#[test]
fn one_byte_changed_in_each_section() {
    let (statement, proof) = &*FIBONACCI_PROOF;
    let sections = statement
        .with_tables(|stark| sections(&stark, proof))
        .expect("a statement")
        .expect("a proof");
    assert!(sections.len() > 5);
    for section in sections
        .iter()
        .filter(|section| section.end > section.start)
    {
        for at in [section.start, section.end - 1] {
            let mut bytes = proof.clone();
            bytes[at] ^= 1;
            let verdict = verify(&statement.program, statement, &bytes);
            assert!(verdict.is_err(), "byte {at} in {}", section.name);
        }
    }
}
