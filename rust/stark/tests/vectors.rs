//! Vectors that other languages read, made here: checked on every run, written anew with
//! `ZKPERP_WRITE_VECTORS=1 cargo test --release -p zkperp-stark --test vectors`.

mod common;

use std::path::PathBuf;

use common::{Heights, Machine};
use p3_challenger::{CanObserve, CanSample, CanSampleBits, GrindingChallenger};
use p3_field::{BasedVectorSpace, Field, PrimeCharacteristicRing, PrimeField64};
use serde_json::{Value, json};
use zkperp_stark::keccak::keccak256;
use zkperp_stark::merkle::MerkleHash;
use zkperp_stark::mutation::{Mutation, Target, mutations};
use zkperp_stark::proof::sections;
use zkperp_stark::solidity::generate;
use zkperp_stark::transcript::Transcript;
use zkperp_stark::{EF, F, Params, prove, verify};

fn hex(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    format!("0x{digits}")
}

fn check(path: &str, value: &Value) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/vectors")
        .join(path);
    let text = serde_json::to_string_pretty(value).unwrap() + "\n";
    if std::env::var_os("ZKPERP_WRITE_VECTORS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        return;
    }
    let stored = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        stored == text,
        "{path} differs; run with ZKPERP_WRITE_VECTORS=1 and look at the diff"
    );
}

fn felt(value: F) -> Value {
    json!(value.as_canonical_u64().to_string())
}

fn element(value: EF) -> Value {
    let coefficients: &[F] = value.as_basis_coefficients_slice();
    coefficients.iter().map(|&c| felt(c)).collect()
}

/// Elements with edges in their lanes, then a fixed pseudo-random walk.
fn elements() -> Vec<EF> {
    let edges = [
        0,
        1,
        2,
        zkperp_field::P - 1,
        zkperp_field::P - 2,
        1 << 63,
        (1 << 32) - 1,
        1 << 32,
    ];
    let mut out = Vec::new();
    for i in 0..edges.len() {
        let lane = |j: usize| F::from_u64(edges[(i * (j + 1) + j) % edges.len()]);
        out.push(EF::from_basis_coefficients_fn(lane));
    }
    let mut seed = keccak256(b"cubic");
    for _ in 0..24 {
        seed = keccak256(&seed);
        let word = |i: usize| u64::from_be_bytes(seed[8 * i..8 * i + 8].try_into().unwrap());
        out.push(EF::from_basis_coefficients_fn(|i| F::from_u64(word(i))));
    }
    out
}

#[test]
fn field_operations() {
    let elements = elements();
    let mut cases = Vec::new();
    for (i, &a) in elements.iter().enumerate() {
        let b = elements[(5 * i + 3) % elements.len()];
        let inverse = if a == EF::ZERO { EF::ZERO } else { a.inverse() };
        cases.push(json!({
            "a": element(a),
            "b": element(b),
            "product": element(a * b),
            "difference": element(a - b),
            "inverse": element(inverse),
        }));
    }
    check("transcript/cubic.json", &json!({ "cases": cases }));
}

#[test]
fn transcript_steps() {
    let mut transcript = Transcript::new(keccak256(b"zkperp transcript vector"), 26);
    let initial = hex(transcript.state());
    let mut steps = Vec::new();
    let observed: Vec<F> = (0..40)
        .map(|i| F::from_u64(i * i * i + 1).exp_u64(5))
        .collect();
    for (i, chunk) in observed.chunks(5).enumerate() {
        let bytes: Vec<u8> = chunk
            .iter()
            .flat_map(|v| v.as_canonical_u64().to_be_bytes())
            .collect();
        chunk.iter().for_each(|&v| transcript.observe(v));
        let coefficients: [F; 3] = std::array::from_fn(|_| transcript.sample());
        let mut next = transcript.clone();
        let nonce = next.grind(10);
        let bits = 12 + i;
        let indices: Vec<usize> = (0..19).map(|_| next.sample_bits(bits)).collect();
        steps.push(json!({
            "observed": hex(&bytes),
            "challenge": coefficients.map(felt),
            "state": hex(transcript.state()),
            "pow_bits": 10,
            "nonce": felt(nonce),
            "index_bits": bits,
            "indices": indices.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }));
        transcript = next;
    }
    check(
        "transcript/steps.json",
        &json!({ "initial": initial, "steps": steps }),
    );
}

/// Siblings in our order: depth first, children before parents, left before right.
fn opening(layers: &[Vec<[u8; 32]>], leaves: &[usize], level: usize, out: &mut Vec<u8>, d: usize) {
    if level == 0 {
        return;
    }
    let (left, right): (Vec<usize>, Vec<usize>) = leaves
        .iter()
        .partition(|&leaf| leaf >> (level - 1) & 1 == 0);
    for half in [&left, &right].into_iter().filter(|half| !half.is_empty()) {
        opening(layers, half, level - 1, out, d);
    }
    if left.is_empty() || right.is_empty() {
        out.extend(&layers[level - 1][leaves[0] >> (level - 1) ^ 1][..d]);
    }
}

#[test]
fn merkle_openings() {
    let levels = 6;
    let mut cases = Vec::new();
    for digest_bytes in [26, 32] {
        let hash = MerkleHash::new(digest_bytes);
        let rows: Vec<Vec<F>> = (0..1 << levels)
            .map(|i| (0..4).map(|j| F::from_u64(i * 4 + j)).collect())
            .collect();
        let mut layers = vec![rows.iter().map(|row| hash.leaf(row)).collect::<Vec<_>>()];
        for level in 0..levels {
            let nodes = layers[level]
                .chunks(2)
                .map(|pair| hash.node(&pair[0], &pair[1]));
            layers.push(nodes.collect());
        }
        let all: Vec<usize> = (0..1 << levels).collect();
        let sets: [&[usize]; 6] = [
            &[0],
            &[63],
            &[0, 1],
            &[31, 32],
            &[3, 9, 10, 11, 40, 63],
            &all,
        ];
        for indices in sets {
            let mut siblings = Vec::new();
            opening(&layers, indices, levels, &mut siblings, digest_bytes);
            let digests: Vec<u8> = indices
                .iter()
                .flat_map(|&i| layers[0][i][..digest_bytes].to_vec())
                .collect();
            cases.push(json!({
                "digest_bytes": digest_bytes,
                "levels": levels,
                "indices": indices.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "leaves": hex(&digests),
                "siblings": hex(&siblings),
                "root": hex(&layers[levels][0][..digest_bytes]),
            }));
        }
    }
    check("transcript/merkle.json", &json!({ "cases": cases }));
}

/// Changes per section; with 17 sections and the public values this gives more than 300.
const ROUNDS: usize = 16;

#[test]
fn proof_and_its_mutations() {
    let machine = Machine::new(Heights::SMALL, Params::ONCHAIN);
    let statement = machine.statement();
    let proof = prove(&statement, machine.tables.clone()).unwrap();
    verify(&statement, &proof).unwrap();
    let generated = generate(&statement, "TestMachine").unwrap();
    let public = public_bytes(&machine.public);
    let parts = sections(&statement, &proof).unwrap();
    let list = mutations(&proof, &parts, &public, ROUNDS, 2026);
    assert!(list.len() >= 200);
    for mutation in &list {
        assert!(
            !accepted(&machine, &proof, &public, mutation),
            "accepted: {mutation:?}"
        );
    }
    check(
        "proof/test_machine.json",
        &json!({
            "public_values": hex(&public),
            "proof": hex(&proof),
            "data": hex(&generated.data),
        "programs": generated.programs.iter().map(|c| hex(c)).collect::<Vec<_>>(),
            "digest": hex(&generated.digest),
            "mutations": list,
        }),
    );
}

fn public_bytes(values: &[F]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|v| v.as_canonical_u64().to_be_bytes())
        .collect()
}

/// The Rust verifier's verdict; public values it can't even read are refused.
fn accepted(machine: &Machine, proof: &[u8], public: &[u8], mutation: &Mutation) -> bool {
    match mutation.target {
        Target::Proof => verify(&machine.statement(), &mutation.apply(proof)).is_ok(),
        Target::PublicValues => {
            let changed = mutation.apply(public);
            let (words, rest) = changed.as_chunks::<8>();
            let values: Option<Vec<F>> = words
                .iter()
                .map(|&w| zkperp_field::canonical(u64::from_be_bytes(w)))
                .collect();
            let rows = 1 << machine.shape.log_rows[2];
            match values {
                Some(values) if rest.is_empty() && values.len() <= rows => {
                    verify(&machine.with_public(values).statement(), proof).is_ok()
                }
                _ => false,
            }
        }
    }
}
