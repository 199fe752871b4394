//! The vectors of the equation's sum and of whole signatures.

use crate::read::{bytes, cases, element, load, message, point, scalar, text};
use serde_json::Value;
use zkperp_signature::trace::{sum_steps, verification_trace};
use zkperp_signature::{
    Challenge, Excluded, Gfp5, KeyValidity, PublicKey, Refusal, STEPS, SecretKey, Signature,
    Signed, sign, start, sum_vartime, torsion_tables, verify, verify_all,
};

fn key(case: &Value) -> PublicKey {
    PublicKey::from_felts(element(&case["key"]).to_felts()).expect("a key")
}

fn challenge(case: &Value) -> Challenge {
    Challenge(text(&case["c"]).parse().expect("128 bits"))
}

#[test]
fn constants_of_the_sum() {
    let vectors = load("equation.json");
    assert_eq!(start(), point(&vectors["start"]).to_affine());
    let wanted = cases(&vectors, "tables").iter();
    for (table, wanted) in torsion_tables().iter().zip(wanted) {
        let wanted = wanted.as_array().expect("a table").iter();
        let wanted: Vec<_> = wanted.map(|w| point(w).to_affine().plus_n()).collect();
        assert_eq!(wanted, table.map(Some));
    }
}

#[test]
fn sums_end_at_their_points_or_are_excluded() {
    let vectors = load("equation.json");
    for case in cases(&vectors, "sums") {
        let (key, s, challenge) = (key(case), scalar(&case["s"]), challenge(case));
        let steps = sum_steps(&key, &s, challenge);
        let total = sum_vartime(&key, &s, challenge);
        if let Some(refusal) = case.get("refusal") {
            assert_eq!(text(refusal), Refusal::Excluded(Excluded).name());
            assert_eq!(total.err(), Some(Excluded));
            assert_eq!(steps.err(), Some(Excluded));
        } else {
            let wanted = point(&case["sum"]);
            assert_eq!(total, Ok(wanted), "{}", case["name"]);
            let last = steps.map(|steps| steps[STEPS - 1].total);
            assert_eq!(last, Ok(wanted.to_affine()), "{}", case["name"]);
        }
    }
}

#[test]
fn slopes_of_the_steps() {
    let case = &load("equation.json")["steps"];
    let steps = sum_steps(&key(case), &scalar(&case["s"]), challenge(case)).expect("all steps");
    let slopes: Vec<Gfp5> = cases(case, "slopes").iter().map(element).collect();
    assert_eq!(
        steps.iter().map(|step| step.slope).collect::<Vec<_>>(),
        slopes
    );
}

#[test]
fn keys_of_seeds() {
    for case in cases(&load("signatures.json"), "keys") {
        let secret = SecretKey::from_seed(&bytes(&case["seed"]));
        assert_eq!(secret.to_bytes(), bytes(&case["secret"]));
        assert_eq!(secret.public().to_bytes(), bytes(&case["public"]));
    }
}

#[test]
fn validity_of_keys() {
    for case in cases(&load("signatures.json"), "validity") {
        let bytes = bytes(&case["key"]);
        let w = Gfp5::from_bytes(&bytes).expect("canonical");
        assert_eq!(KeyValidity::of(w).is_key, case["is_key"] == true);
        assert_eq!(
            PublicKey::from_bytes(&bytes).is_ok(),
            case["is_key"] == true
        );
    }
}

#[test]
fn accepted_signatures() {
    for case in cases(&load("signatures.json"), "accepted") {
        let key = PublicKey::from_bytes(&bytes(&case["key"])).expect("a key");
        let signature = Signature::from_bytes(&bytes(&case["signature"])).expect("canonical");
        let message = message(&case["message"]);
        assert_eq!(
            verify(&key, &message, &signature),
            Ok(()),
            "{}",
            case["name"]
        );
        let trace = verification_trace(&key, &message, &signature).expect("a trace");
        assert_eq!(trace.steps.len(), STEPS);
        assert_eq!(signature.to_bytes(), bytes(&case["signature"]));

        let secret = SecretKey::from_bytes(&bytes(&case["secret"]))
            .ok()
            .flatten();
        let secret = secret.expect("a secret key");
        assert_eq!(*secret.public(), key);
        if case["deterministic"] == true {
            assert_eq!(sign(&secret, &message), signature, "{}", case["name"]);
        }
    }
}

fn refusal(case: &Value) -> Option<Refusal> {
    let check = || {
        let key = PublicKey::from_bytes(&bytes(&case["key"]))?;
        let signature = Signature::from_bytes(&bytes(&case["signature"]))?;
        let message = message(&case["message"]);
        let result = verify(&key, &message, &signature);
        let trace = verification_trace(&key, &message, &signature);
        assert_eq!(
            trace.err(),
            result.err(),
            "accepted is provable: {}",
            case["name"]
        );
        result
    };
    check().err()
}

#[test]
fn refused_signatures() {
    for case in cases(&load("signatures.json"), "refused") {
        let name = refusal(case).map(Refusal::name);
        assert_eq!(name, Some(text(&case["refusal"])), "{}", case["name"]);
    }
}

#[test]
fn every_flipped_bit_is_refused() {
    let secret = SecretKey::from_seed(&[9; 32]);
    let message = [3, 1, 4, 1].map(|felt| zkperp_field::canonical(felt).expect("a felt"));
    let good = sign(&secret, &message).to_bytes();
    let flipped: Vec<Signature> = (0..8 * good.len())
        .filter_map(|bit| {
            let mut bytes = good;
            bytes[bit / 8] ^= 1 << (bit % 8);
            Signature::from_bytes(&bytes).ok()
        })
        .collect();
    assert!(flipped.len() > 600);
    let signed: Vec<Signed<'_>> = flipped
        .iter()
        .map(|signature| Signed {
            key: secret.public(),
            message: &message,
            signature,
        })
        .collect();
    assert!(
        verify_all(&signed)
            .iter()
            .all(|result| *result == Err(Refusal::Equation))
    );
}
