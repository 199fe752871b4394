//! Recorded order flow through the Cairo program: 10,000 accepted commands in batches, each run by
//! the program and compared with the engine. tests/differential compares the same commands between
//! engine and Python model.
//!
//! The feed is what `FLOW` names, or `../shared/data/btcusd_l3.csv.gz` beside the checkout; else the
//! project's generator gives the flow. `--nocapture` shows which.

use std::collections::BTreeMap;
use std::env;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use zkperp_batch::open;
use zkperp_batch::replay::{ReplayConfig, ReplayReport, replay};
use zkperp_batch::venue::{Genesis, deposits};
use zkperp_engine::SealedBatch;
use zkperp_engine::leaf::{LeafWords, from_tree};
use zkperp_flow::csv::{BTC_USD, open as open_feed};
use zkperp_flow::{Generator, PRICE_INTERVAL_MS, Row, opening_mid};
use zkperp_prover::programs::BATCH;
use zkperp_tree::witness;
use zkperp_vm::program::Program;
use zkperp_vm::{Run, RunOptions};
use zkperp_witness::run_batch;

const BATCHES: u64 = 20;
const COMMANDS: u64 = 10_000;
const SEED: u64 = 1;
const START_MS: u64 = 1_700_000_000_000;
const TRADERS: u32 = 20;
/// Those that own orders, and a quarter as many and one more that take.
const ACCOUNTS: u8 = 26;
/// Of the start of a feed, to find its first mid.
const OPENING_ROWS: usize = 10_000;

/// The recorded feed, if it is at hand.
fn recorded_feed() -> Option<PathBuf> {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let beside = checkout.join("../shared/data/btcusd_l3.csv.gz");
    match env::var_os("FLOW").filter(|named| !named.is_empty()) {
        // As `make FLOW=…` has it: from the checkout, where a test runs in its crate's folder.
        Some(named) => Some(checkout.join(named)),
        None => beside.exists().then_some(beside),
    }
}

fn rows() -> Vec<Row> {
    let Some(path) = recorded_feed() else {
        println!("order flow: the project's seeded generator");
        return Generator::new(2).take(2 * COMMANDS as usize).collect();
    };
    println!("order flow: the recorded feed {}", path.display());
    let file = File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let feed = open_feed(BufReader::new(file), BTC_USD).expect("a feed");
    feed.filter_map(|line| line.expect("a line").1.ok())
        .collect()
}

fn batches(out: &Path) -> ReplayReport {
    let _ = fs::remove_dir_all(out);
    let rows = rows();
    let owners: Vec<[u8; 20]> = (1..=ACCOUNTS).map(|account| [account; 20]).collect();
    let config = ReplayConfig {
        requests: deposits(SEED, &owners, 10_000_000_000_000),
        market: 0,
        traders: TRADERS,
        batch_orders: COMMANDS / BATCHES,
        batches: BATCHES,
        seed: SEED,
        start_time_ms: START_MS,
        opening_ticks: opening_mid(rows.iter().take(OPENING_ROWS)).expect("a mid"),
        price_interval_ms: PRICE_INTERVAL_MS,
        withdrawals: Vec::new(),
        varied_per_mille: 0,
    };
    let genesis = Genesis::devnet(SEED, START_MS);
    let engine = genesis.engine(31_337, &[7; 20]).expect("a venue");
    let lines = (1..).zip(rows.into_iter().map(Ok));
    replay(&config, engine, lines, out, |_| {}).expect("batches")
}

/// Every leaf that the run touched: what it held before and after.
fn touched(run: &Run) -> BTreeMap<u64, [LeafWords; 2]> {
    let state = run.state.as_ref().expect("the program has a state");
    let rows = state.rows.iter().filter_map(|row| match row {
        witness::Row::Leaf(row) => Some(&row.touched),
        _ => None,
    });
    rows.map(|leaf| (leaf.addr, [&leaf.old, &leaf.new].map(from_tree)))
        .collect()
}

/// The leaves that the program changed are those that the engine changed, to the same values.
fn same_changes(run: &Run, batch: &SealedBatch) {
    let mut by_program = touched(run);
    by_program.retain(|_, [old, new]| old != new);
    let changes = batch.changes.iter();
    let by_engine: BTreeMap<_, _> = changes
        .map(|change| (change.addr, [change.old, change.new]))
        .collect();
    assert_eq!(by_program, by_engine);
}

#[test]
fn ten_thousand_recorded_commands_run_through_the_program() {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("recorded");
    let report = batches(&out);
    let (program, options) = (Program::from_json(BATCH.compiled), RunOptions::default());
    let program = program.expect("it compiles");
    let (mut commands, mut steps) = (0, 0);
    for directory in &report.directories {
        let opened = open(directory).expect("a batch");
        // Compares the public words, with the log chain over every message and outcome, and roots.
        let run = run_batch(&program, &opened.old, &opened.batch, &options);
        let run = run.expect("the program says what the engine says");
        same_changes(&run, &opened.batch);
        commands += opened.batch.accepted.len() as u64;
        steps += run.steps.len();
    }
    // Deposits and prices come on top of the users' commands.
    assert!(commands >= COMMANDS, "{commands}");
    println!("{commands} commands, {steps} steps");
    fs::remove_dir_all(&out).expect("removed");
}
