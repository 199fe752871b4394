//! The `schnorr` builtin end to end: signatures of the native signer are proven and verified, and
//! with one bit of key, message or signature altered there is no run.

use p3_field::{PrimeCharacteristicRing, PrimeField64};
use zkperp_field::{F, canonical};
use zkperp_prover::check::check;
use zkperp_prover::machine::{Kind, kinds, tables};
use zkperp_prover::prove::prove;
use zkperp_prover::trace::fill;
use zkperp_prover::verify::verify;
use zkperp_signature::{Refusal, SIGNATURE_BYTES, SecretKey, Signature, sign};
use zkperp_stark::Params;
use zkperp_vm::builtins::schnorr::SchnorrError;
use zkperp_vm::input::Input;
use zkperp_vm::program::Program;
use zkperp_vm::relocate::Run;
use zkperp_vm::runner::{RunOptions, VmError, run};
use zkperp_vm::secure::SecurityError;

fn program() -> Program {
    Program::from_json(include_str!("../../../circuits/compiled/signatures.json")).expect("program")
}

/// `count` messages, signed by as many keys.
fn signed(count: u64) -> Input {
    let mut input = Input::named([("count", F::from_u64(count))]);
    for i in 0..count {
        let secret = SecretKey::from_seed(&[i as u8; 32]);
        let message = std::array::from_fn::<F, 4, _>(|k| -F::from_u64(5 * i + k as u64));
        input.signatures.push(sign(&secret, &message));
        input.advice.extend(secret.public().to_felts());
        input.advice.extend(message);
    }
    input
}

fn execute(input: &Input) -> Result<Run, VmError> {
    run(&program(), input, &RunOptions::default())
}

fn refusal(input: &Input) -> SchnorrError {
    match execute(input) {
        Err(VmError::Security(SecurityError::Schnorr(error))) => error,
        other => panic!("not refused: {:?}", other.map(|run| run.used)),
    }
}

#[test]
fn signatures_prove_and_verify() {
    let run = execute(&signed(5)).expect("valid signatures");
    assert_eq!((run.signatures.len(), &run.used[..]), (5, &[2, 5][..]));
    let (statement, proof) = prove(&run, &Params::OFFCHAIN).expect("proof");
    verify(&statement.program, &statement, &proof).expect("valid");
    let mut forged = statement.clone();
    forged.used[0] -= 1;
    assert!(verify(&forged.program, &forged, &proof).is_err());
}

#[test]
fn a_table_full_of_signatures_and_one_without_any_prove_too() {
    for count in [0, 64] {
        let run = execute(&signed(count)).expect("valid signatures");
        let (statement, proof) = prove(&run, &Params::OFFCHAIN).expect("proof");
        verify(&statement.program, &statement, &proof).expect("valid");
    }
}

#[test]
fn every_altered_bit_of_a_signature_is_refused() {
    let honest = signed(1);
    let bytes = honest.signatures[0].to_bytes();
    // Every seventh bit: each byte is met, in half a second.
    for bit in (0..8 * SIGNATURE_BYTES).step_by(7) {
        let mut altered = bytes;
        altered[bit / 8] ^= 1 << (bit % 8);
        let Ok(signature) = Signature::from_bytes(&altered) else {
            continue; // No signature by its encoding.
        };
        let mut input = honest.clone();
        input.signatures[0] = signature;
        let refused = refusal(&input);
        assert!(
            matches!(refused, SchnorrError::Refused { instance: 0, .. }),
            "bit {bit}: {refused}"
        );
    }
}

#[test]
fn every_altered_bit_of_key_or_message_is_refused() {
    let honest = signed(1);
    let mut refusals = [0, 0];
    for bit in (0..64 * 9).step_by(5) {
        let mut input = honest.clone();
        let felt = &mut input.advice[bit / 64];
        let Some(altered) = canonical(felt.as_canonical_u64() ^ 1 << (bit % 64)) else {
            continue; // The same felt has no other name.
        };
        *felt = altered;
        match refusal(&input) {
            SchnorrError::Refused {
                instance: 0,
                refusal: Refusal::KeyNotInGroup(_),
            } => {
                refusals[0] += 1;
            }
            SchnorrError::Refused {
                instance: 0,
                refusal: Refusal::Equation,
            } => refusals[1] += 1,
            other => panic!("bit {bit}: {other}"),
        }
    }
    assert!(refusals[0] > 10 && refusals[1] > 10, "{refusals:?}");
}

#[test]
fn signatures_come_in_the_order_of_the_instances_and_one_for_each() {
    let mut swapped = signed(3);
    swapped.signatures.swap(1, 2);
    let refused = SchnorrError::Refused {
        instance: 1,
        refusal: Refusal::Equation,
    };
    assert_eq!(refusal(&swapped), refused);
    for given in [0, 2, 4] {
        let mut input = signed(3);
        input.signatures = signed(given).signatures;
        let given = given as usize;
        assert_eq!(
            refusal(&input),
            SchnorrError::Count {
                instances: 3,
                given
            }
        );
    }
}

/// Tables filled with the witness of another signature: no counts balance them.
#[test]
fn a_forged_trace_is_refused_by_the_tables() {
    let honest = execute(&signed(2)).expect("valid signatures");
    let report = |run: &Run| {
        let trace = fill(run);
        check(&tables(&trace.geometry, &trace.public), &trace.cells)
    };
    assert!(report(&honest).is_clean());
    assert_eq!(
        kinds(&honest.layout)[6..],
        [Kind::Schnorr, Kind::SchnorrSum]
    );
    // The other message's signature.
    let mut forged = honest.clone();
    forged.signatures[0] = honest.signatures[1].clone();
    assert!(!report(&forged).is_clean());
    // One bit of a message, one of a key.
    for cell in [0, 6] {
        let mut forged = honest.clone();
        forged.memory[forged.layout.builtins[1].base as usize - 1 + cell] += F::ONE;
        assert!(!report(&forged).is_clean());
    }
    // One slope.
    let mut forged = honest.clone();
    let slope = &mut forged.signatures[1].steps[200].slope;
    *slope = slope.double();
    let labels = report(&forged).labels();
    assert!(
        labels.iter().any(|label| label.starts_with("schnorr_sum/")),
        "{labels:?}"
    );
}
