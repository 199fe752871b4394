//! The contracts of the batch shape: a record of what they are made of, so that a change of program,
//! tables or generator is seen. Written anew with
//! `ZKPERP_WRITE_VECTORS=1 cargo test --release -p zkperp-batch --test on_chain`.

use std::path::PathBuf;

use serde_json::json;
use zkperp_batch::on_chain::{batch_shape, venue_shape};
use zkperp_field::PrimeField64;

fn hex(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    format!("0x{digits}")
}

#[test]
fn the_contracts_are_those_on_record() {
    let shape = venue_shape().expect("a shape of the list");
    let felts = shape.program.digest.map(|felt| felt.as_canonical_u64());
    let record = json!({
        "shape": shape.id,
        "log_rows": batch_shape().log_rows,
        "program_digest": felts.map(|felt| felt.to_string()),
        "program_words": shape.program.length,
        "capacities": shape.capacities,
        "output_capacity": shape.output_capacity,
        "verifier_digest": hex(&shape.verifier.digest),
        "data_bytes": shape.verifier.data.len(),
        "program_contracts": shape.verifier.programs.len(),
        "instructions": shape.verifier.instructions,
        "registers": shape.verifier.registers,
    });
    let text = serde_json::to_string_pretty(&record).expect("JSON") + "\n";
    let path = "../../tests/vectors/proof/batch_shape.json";
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("ZKPERP_WRITE_VECTORS").is_some() {
        std::fs::write(&file, text).expect("written");
        return;
    }
    let stored = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(stored == text, "stale: see this file's head\n{text}");
}
