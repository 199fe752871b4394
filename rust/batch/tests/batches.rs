//! Flow becomes batches on disk; a batch that is read back is the same, is proven, and its proof
//! says what the engine said. Changed files are refused.

use std::fs;
use std::path::PathBuf;

use zkperp_batch::rebuild::{Rebuild, account_summaries};
use zkperp_batch::replay::{ReplayConfig, ReplayError, ReplayReport, replay};
use zkperp_batch::venue::{Genesis, deposits};
use zkperp_batch::{DirectoryError, Target, open, prove};
use zkperp_engine::Refusal;
use zkperp_engine::replay::ReplayError as Mismatch;
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

const START_MS: u64 = 1_700_000_000_000;
const ROLLUP: [u8; 20] = [7; 20];
const CHAIN_ID: u64 = 31_337;

fn config() -> ReplayConfig {
    let owners: Vec<[u8; 20]> = (1..=7).map(|account| [account; 20]).collect();
    ReplayConfig {
        requests: deposits(7, &owners, 1_000_000_000_000),
        market: 0,
        traders: 5,
        batch_orders: 25,
        batches: 2,
        seed: 7,
        start_time_ms: START_MS,
        opening_ticks: tables::OPENING_MID,
        withdrawals: Vec::new(),
    }
}

fn genesis() -> Genesis {
    Genesis::devnet(7, START_MS)
}

fn run(config: &ReplayConfig, name: &str) -> Result<ReplayReport, ReplayError> {
    let engine = genesis().engine(CHAIN_ID, &ROLLUP).expect("a venue");
    replay(
        config,
        engine,
        Generator::new(3).take(400),
        &folder(name),
        |_| {},
    )
}

fn two_batches(name: &str) -> ReplayReport {
    run(&config(), name).expect("a replay")
}

#[test]
fn a_batch_on_disk_is_proven_and_says_what_the_engine_said() {
    let report = two_batches("proven");
    assert_eq!(report.batches.len(), 2);
    assert_eq!(report.accepted, 50);
    assert_eq!(report.batches[0].new_root, report.batches[1].old_root);

    let opened = open(&report.directories[1]).expect("the batch");
    let params = parameters(Venue::OffChain, 100).expect("parameters");
    let proven = prove(&opened.old, &opened.batch, &Target::Free(params)).expect("a proof");
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

#[test]
fn the_state_is_rebuilt_from_output_words_alone() {
    // A start behind the genesis, and a withdrawal at the end.
    let config = ReplayConfig {
        start_time_ms: START_MS + 3_600_000,
        withdrawals: vec![(3, 5_000_000)],
        ..config()
    };
    let report = run(&config, "rebuilt").expect("a replay");
    assert_eq!(report.batches[1].withdrawals, 1);
    assert_eq!(report.withdrawn, 5_000_000);
    let kept = report.collateral_after + (report.fees + report.withdrawn).cast_signed();
    assert_eq!(report.collateral_before, kept);

    let mut rebuild = Rebuild::new(&genesis(), CHAIN_ID, &ROLLUP).expect("a venue");
    for directory in &report.directories {
        let opened = open(directory).expect("the batch");
        let (batch, words) = (&opened.batch, opened.batch.output());
        let before = rebuild.root();
        for (at, wrong) in [
            (6, 9),
            (20, 1),
            (words.len() - 1, words[words.len() - 1] + 1),
        ] {
            let mut changed = words.clone();
            changed[at] = wrong;
            let refused = rebuild.apply(&batch.old_root, &batch.new_root, &changed);
            assert!(refused.is_err(), "word {at}");
        }
        let refused = rebuild.apply(&batch.old_root, &batch.old_root, &words);
        assert_eq!(refused, Err(Mismatch::NewRoot));
        assert_eq!(rebuild.root(), before);
        rebuild
            .apply(&batch.old_root, &batch.new_root, &words)
            .expect("the same state");
        assert_eq!(rebuild.root(), batch.new_root);
        assert_eq!(
            account_summaries(rebuild.state()),
            account_summaries(opened.after.state())
        );
    }
    let summary = rebuild.summary();
    assert_eq!((summary.batch_number, summary.accounts), (2, 7));
    assert_eq!(
        summary.custody + report.withdrawn,
        7 * 1_000_000_000_000_u64
    );

    // From there it goes on: the next batch has the next number, and is a batch like any other.
    let next = ReplayConfig {
        requests: Vec::new(),
        batches: 1,
        withdrawals: Vec::new(),
        ..config
    };
    let rows = Generator::new(4).take(200);
    let report =
        replay(&next, rebuild.engine(), rows, &folder("resumed"), |_| {}).expect("a replay");
    assert_eq!(report.batches[0].batch_number, 3);
    let opened = open(&report.directories[0]).expect("the batch");
    let batch = &opened.batch;
    assert_eq!(batch.old_root, rebuild.root());
    rebuild
        .apply(&batch.old_root, &batch.new_root, &batch.output())
        .expect("it continues");
}

#[test]
fn a_withdrawal_of_too_much_stops_the_replay() {
    let config = ReplayConfig {
        withdrawals: vec![(1, 1 << 50)],
        ..config()
    };
    let stopped = run(&config, "too_much");
    let Err(ReplayError::Own { what, refusal }) = stopped else {
        panic!("{stopped:?}");
    };
    assert_eq!(
        (what, refusal),
        ("withdrawal", Refusal::InsufficientFreeCollateral)
    );
}
