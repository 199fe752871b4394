//! Flow becomes batches on disk; a batch that is read back is the same, is proven, and its proof
//! says what the engine said. Changed files are refused.

use std::fs;
use std::path::PathBuf;

use zkperp_batch::replay::{ReplayConfig, ReplayReport, replay};
use zkperp_batch::{DirectoryError, open, prove};
use zkperp_flow::{Generator, tables};
use zkperp_prover::parameters::{Venue, parameters};
use zkperp_prover::verify::verify;

/// A folder of its own for each test, below the target folder.
fn folder(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("a folder");
    path
}

fn two_batches(name: &str) -> ReplayReport {
    let config = ReplayConfig {
        traders: 5,
        batch_orders: 25,
        batches: 2,
        deposit_micro: 1_000_000_000_000,
        seed: 7,
        start_time_ms: 1_700_000_000_000,
        rollup: [7; 20],
        opening_ticks: tables::OPENING_MID,
    };
    replay(&config, Generator::new(3).take(400), &folder(name), |_| {}).expect("a replay")
}

#[test]
fn a_batch_on_disk_is_proven_and_says_what_the_engine_said() {
    let report = two_batches("proven");
    assert_eq!(report.batches.len(), 2);
    assert_eq!(report.accepted, 50);
    assert_eq!(report.batches[0].new_root, report.batches[1].old_root);

    let opened = open(&report.directories[1]).expect("the batch");
    let params = parameters(Venue::OffChain, 100).expect("parameters");
    let proven = prove(&opened.old, &opened.batch, &params).expect("a proof");
    let statement = &proven.statement;
    verify(&statement.program, statement, &proven.proof).expect("valid");
    let output: Vec<u64> = opened.batch.output();
    let said: Vec<u64> = statement
        .output
        .iter()
        .map(zkperp_field::PrimeField64::as_canonical_u64)
        .collect();
    assert_eq!(said, output);
}

#[test]
fn changed_directories_are_refused() {
    let report = two_batches("changed");
    let directory = &report.directories[0];
    let log = directory.join("commands.log");
    let good = fs::read(&log).expect("the log");

    let mut bad = good.clone();
    let last = bad.len() - 1;
    bad[last] ^= 1;
    fs::write(&log, &bad).expect("written");
    assert!(matches!(open(directory), Err(DirectoryError::Commands(_))));

    fs::write(&log, &good[..good.len() - 3]).expect("written");
    assert!(matches!(open(directory), Err(DirectoryError::Commands(_))));

    fs::write(&log, &good).expect("written");
    open(directory).expect("whole again");
    let summary = directory.join("batch.json");
    let text = fs::read_to_string(&summary).expect("the summary");
    fs::write(&summary, text.replace("\"commands\": ", "\"commands\": 1")).expect("written");
    assert!(matches!(open(directory), Err(DirectoryError::OtherBatch)));

    fs::copy(
        report.directories[1].join("tree.snapshot"),
        directory.join("tree.snapshot"),
    )
    .expect("copied");
    assert!(open(directory).is_err());
}
