//! tests/vectors/poseidon2 is what `p3-goldilocks` and `zkperp_field` say: the Python model and the
//! contracts read it. Written anew by `ZKPERP_WRITE_VECTORS=1 cargo test -p zkperp-signature --test vectors`.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

use p3_goldilocks::{
    GOLDILOCKS_POSEIDON2_RC_8_EXTERNAL_FINAL, GOLDILOCKS_POSEIDON2_RC_8_EXTERNAL_INITIAL,
    GOLDILOCKS_POSEIDON2_RC_8_INTERNAL, MATRIX_DIAG_8_GOLDILOCKS,
};
use zkperp_field::{F, P, PrimeCharacteristicRing, PrimeField64, poseidon2};

/// A JSON list of decimal strings.
fn list(felts: &[F]) -> String {
    let items: Vec<String> = felts
        .iter()
        .map(|felt| format!("\"{}\"", felt.as_canonical_u64()))
        .collect();
    format!("[{}]", items.join(", "))
}

/// A JSON list of lists, one a line.
fn rows(rows: &[[F; 8]]) -> String {
    let lines: Vec<String> = rows
        .iter()
        .map(|row| format!("    {}", list(row)))
        .collect();
    format!("[\n{}\n  ]", lines.join(",\n"))
}

fn constants() -> String {
    format!(
        "{{\n  \"external_initial\": {},\n  \"internal\": {},\n  \"external_final\": {},\n  \
         \"internal_diagonal\": {}\n}}\n",
        rows(&GOLDILOCKS_POSEIDON2_RC_8_EXTERNAL_INITIAL),
        list(&GOLDILOCKS_POSEIDON2_RC_8_INTERNAL),
        rows(&GOLDILOCKS_POSEIDON2_RC_8_EXTERNAL_FINAL),
        list(&MATRIX_DIAG_8_GOLDILOCKS),
    )
}

/// Felts without pattern, with the largest one among them.
fn message(length: usize) -> Vec<F> {
    let top = F::from_u64(P - 1);
    let felts = (1..).map(|i| F::from_u64(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(i) % P));
    std::iter::once(top).chain(felts).take(length).collect()
}

fn known_answers() -> String {
    let mut json = String::from("{\n  \"permute\": [");
    let inputs = [[F::ZERO; 8], [F::from_u64(P - 1); 8]];
    let patterned: [F; 8] = std::array::from_fn(|i| message(9)[i + 1]);
    let mut comma = "";
    for input in inputs.iter().chain([&patterned]) {
        let mut output = *input;
        poseidon2::permute(&mut output);
        let (input, digest) = (list(input), list(&poseidon2::compress(input)));
        let output = list(&output);
        write!(
            json,
            "{comma}\n    {{\n      \"input\": {input},\n      \"output\": {output},\n      \
             \"compressed\": {digest}\n    }}"
        )
        .expect("writing to a string does not fail");
        comma = ",";
    }
    json.push_str("\n  ],\n  \"sponge\": [");
    comma = "";
    for (domain, length) in [(0, 0), (1, 0), (1, 1), (1, 3), (2, 4), (2, 5), (P - 1, 14)] {
        let message = message(length);
        let digest = list(&poseidon2::sponge(domain, &message));
        let message = list(&message);
        write!(
            json,
            "{comma}\n    {{\n      \"domain\": \"{domain}\",\n      \"message\": {message},\n      \
             \"digest\": {digest}\n    }}"
        )
        .expect("writing to a string does not fail");
        comma = ",";
    }
    json.push_str("\n  ]\n}\n");
    json
}

fn check(name: &str, wanted: &str) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/poseidon2");
    let path = folder.join(name);
    if env::var_os("ZKPERP_WRITE_VECTORS").is_some() {
        fs::write(&path, wanted).expect("the vectors' folder can be written");
    }
    let found = fs::read_to_string(&path).expect("the vectors are there");
    assert!(
        found == wanted,
        "{name} is stale: ZKPERP_WRITE_VECTORS=1 cargo test -p zkperp-signature"
    );
}

#[test]
fn the_constants_are_those_of_p3_goldilocks() {
    check("constants.json", &constants());
}

#[test]
fn the_known_answers_are_those_of_zkperp_field() {
    check("known_answers.json", &known_answers());
}
