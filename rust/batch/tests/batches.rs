//! Flow becomes batches on disk; a batch that is read back is the same, is proven, and its proof
//! says what the engine said. Changed files are refused.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use zkperp_batch::accounts::account_summaries;
use zkperp_batch::rebuild::Rebuild;
use zkperp_batch::replay::{ReplayConfig, ReplayError, ReplayReport, opening_ticks, replay};
use zkperp_batch::venue::{Genesis, deposits};
use zkperp_batch::{DirectoryError, Target, open, prove};
use zkperp_engine::replay::ReplayError as Mismatch;
use zkperp_engine::{Kind, Refusal};
use zkperp_flow::csv::{Line, RowError, UnusableRows};
use zkperp_flow::{Generator, PRICE_INTERVAL_MS, tables};
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
        price_interval_ms: PRICE_INTERVAL_MS,
        withdrawals: Vec::new(),
        varied_per_mille: 0,
    }
}

fn genesis() -> Genesis {
    Genesis::devnet(7, START_MS)
}

/// Lines as of a feed: generated rows behind a header.
fn lines(seed: u64, rows: usize) -> Vec<Line> {
    let rows = Generator::new(seed).take(rows);
    (2..).zip(rows.map(Ok)).collect()
}

fn run(config: &ReplayConfig, name: &str) -> Result<ReplayReport, ReplayError> {
    run_lines(config, lines(3, 400), &folder(name))
}

fn run_lines(
    config: &ReplayConfig,
    lines: Vec<Line>,
    out: &Path,
) -> Result<ReplayReport, ReplayError> {
    let engine = genesis().engine(CHAIN_ID, &ROLLUP).expect("a venue");
    replay(config, engine, lines, out, |_| {})
}

/// What is in a folder, hidden or not.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let name = |entry: io::Result<fs::DirEntry>| {
        let name = entry.expect("an entry").file_name();
        name.into_string().expect("a name")
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
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
fn a_varied_flow_comes_back_from_its_directories_and_from_the_data_alone() {
    let config = ReplayConfig {
        batch_orders: 150,
        varied_per_mille: 500,
        ..config()
    };
    let report = run(&config, "varied").expect("a replay");
    assert_eq!(report.accepted, 300);
    let mut kinds = BTreeSet::new();
    let mut rebuilt = Rebuild::new(&genesis(), CHAIN_ID, &ROLLUP).expect("a venue");
    for directory in &report.directories {
        // Its commands are applied again, their signatures verified.
        let batch = open(directory).expect("a batch").batch;
        kinds.extend(batch.accepted.iter().map(|accepted| accepted.record.kind()));
        rebuilt
            .apply(&batch.old_root, &batch.new_root, &batch.output())
            .expect("its data lead from root to root");
    }
    for kind in [
        Kind::Place,
        Kind::CancelNamed,
        Kind::CancelAll,
        Kind::SetDeadline,
        Kind::Quote,
    ] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
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
    // The hour between is funded; both markets tick before the first order.
    assert_eq!((report.fundings, report.ticks), (1, 2));
    assert_eq!(report.withdrawn, 5_000_000);
    let paid = (report.fees + report.withdrawn).cast_signed();
    let kept = report.collateral_after + report.clearing + paid;
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
    // Seven and the fund.
    assert_eq!((summary.batch_number, summary.accounts), (2, 8));
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
    let rows = lines(4, 200);
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
    let out = folder("too_much");
    fs::create_dir_all(out.join("batch-000001")).expect("a folder");
    fs::write(out.join("batch-000001/proof"), "of an earlier replay").expect("written");
    let stopped = run_lines(&config, lines(3, 400), &out);
    let Err(ReplayError::Own { what, refusal }) = stopped else {
        panic!("{stopped:?}");
    };
    assert_eq!(
        (what, refusal),
        ("withdrawal", Refusal::InsufficientFreeCollateral)
    );
    // The first batch was sealed by then, and nothing of it is there.
    assert_eq!(names(&out), ["batch-000001"]);
    assert_eq!(names(&out.join("batch-000001")), ["proof"]);

    // A folder that the replay made, and the one above, are gone.
    let absent = folder("absent");
    let stopped = run_lines(&config, lines(3, 400), &absent.join("a/b"));
    assert!(stopped.is_err());
    assert_eq!(names(&absent), [""; 0]);
}

#[test]
fn a_withdrawal_of_no_account_is_refused_before_any_row() {
    let config = ReplayConfig {
        withdrawals: vec![(1, 1), (99, 5)],
        ..config()
    };
    let out = folder("no_account");
    let unread = std::iter::from_fn(|| -> Option<Line> { panic!("a row was read") });
    let engine = genesis().engine(CHAIN_ID, &ROLLUP).expect("a venue");
    let stopped = replay(&config, engine, unread, &out, |_| {});
    assert!(matches!(stopped, Err(ReplayError::NoAccount(99))));
    assert_eq!(names(&out), [""; 0]);
}

#[test]
fn batches_take_the_place_of_those_of_their_numbers_and_of_nothing_else() {
    let out = folder("again");
    for kept in [
        "notes",
        "batch-000003",
        "batch-000001/old",
        ".replay.draft/killed",
    ] {
        fs::create_dir_all(out.join(kept)).expect("a folder");
    }
    let report = run_lines(&config(), lines(3, 400), &out).expect("a replay");
    assert_eq!(
        names(&out),
        ["batch-000001", "batch-000002", "batch-000003", "notes"]
    );
    assert_eq!(report.directories[0], out.join("batch-000001"));
    for directory in &report.directories {
        open(directory).expect("a batch");
    }
}

#[test]
fn unusable_rows_change_nothing_and_are_counted() {
    let clean = two_batches("clean");
    assert_eq!(clean.signatures.len(), 2);
    // All but requests, and the two ticks at the start.
    let with_signature = |at: usize| clean.batches[at].commands - clean.batches[at].requests;
    assert_eq!(clean.signatures[0], with_signature(0) - 2);
    assert_eq!(clean.signatures[1], with_signature(1));

    let mut mixed = lines(3, 400);
    for (at, error) in [
        (30, RowError::RoundsToZero),
        (20, RowError::FieldCount),
        (10, RowError::Field("price")),
        (5, RowError::FieldCount),
    ] {
        mixed.insert(at, (0, Err(error)));
    }
    let mixed: Vec<Line> = (2..).zip(mixed).map(|(n, (_, row))| (n, row)).collect();
    let report = run_lines(&config(), mixed, &folder("mixed")).expect("a replay");
    assert_eq!(report.batches, clean.batches);
    assert_eq!(report.rows, clean.rows);
    assert_eq!(report.malformed, [("fields", 2), ("price", 1)].into());
    assert_eq!(report.rounds_to_zero, 1);
    assert_eq!(
        report.first_lines,
        [("fields", 7), ("price", 13), ("rounds_to_zero", 35)].into()
    );
}

#[test]
fn a_feed_of_unusable_rows_alone_is_refused_with_what_they_are() {
    let bad: Vec<Line> = vec![
        (2, Err(RowError::FieldCount)),
        (3, Err(RowError::RoundsToZero)),
    ];
    let text = "the flow has no row that can be used \
                (fields: 1, first on line 2, rounds_to_zero: 1, first on line 3)";
    let opening = opening_ticks(bad.clone()).expect_err("no row");
    assert_eq!(opening.to_string(), text);
    let out = folder("unusable");
    let stopped = run_lines(&config(), bad, &out).expect_err("no row");
    assert_eq!(stopped.to_string(), text);
    assert_eq!(names(&out), [""; 0]);

    let good = lines(3, 400);
    let one_sided = opening_ticks(good[..1].to_vec());
    let Err(ReplayError::OneSided(unusable)) = one_sided else {
        panic!("{one_sided:?}");
    };
    assert_eq!(unusable, UnusableRows::default());
    assert!(opening_ticks(good).is_ok());
}

#[test]
fn an_endless_flow_of_which_nothing_is_accepted_ends() {
    let mut config = config();
    config.requests.clear();
    let engine = genesis().engine(CHAIN_ID, &ROLLUP).expect("a venue");
    let endless = (1..).zip(Generator::new(3).map(Ok));
    let out = folder("refused");
    let stopped = replay(&config, engine, endless, &out, |_| {});
    assert!(matches!(stopped, Err(ReplayError::AllRefused(_))));
    assert_eq!(names(&out), [""; 0]);
}
