//! Every step, instance and cell of a batch's run is somebody's: what is given to the commands and to
//! the batch is what the run has.

use std::fs;
use std::path::PathBuf;

use zkperp_batch::OpenedBatch;
use zkperp_batch::costs::extras::extra_batch;
use zkperp_batch::costs::{BatchCosts, measure};
use zkperp_batch::open;
use zkperp_batch::replay::{ReplayConfig, replay};
use zkperp_batch::venue::{Genesis, deposits};
use zkperp_engine::SealedBatch;
use zkperp_flow::{Generator, PRICE_INTERVAL_MS, tables};
use zkperp_prover::programs::BATCH;
use zkperp_tree::Tree;
use zkperp_tree::witness::Row;
use zkperp_vm::builtins::Builtin;
use zkperp_vm::{Program, Run, RunOptions};
use zkperp_witness::run_batch;

const START_MS: u64 = 1_700_000_000_000;
const SEED: u64 = 7;
const ACCOUNTS: usize = 7;

/// The first batch, with the deposits, and the second.
fn flow(name: &str) -> Vec<OpenedBatch> {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("a folder");
    let owners: Vec<[u8; 20]> = (1..=ACCOUNTS as u8).map(|account| [account; 20]).collect();
    let config = ReplayConfig {
        requests: deposits(SEED, &owners, 1_000_000_000_000),
        market: 0,
        traders: 5,
        batch_orders: 60,
        batches: 2,
        seed: SEED,
        start_time_ms: START_MS,
        opening_ticks: tables::OPENING_MID,
        price_interval_ms: PRICE_INTERVAL_MS,
        withdrawals: Vec::new(),
        varied_per_mille: 0,
    };
    let genesis = Genesis::devnet(SEED, START_MS);
    let engine = genesis.engine(31_337, &[7; 20]).expect("a venue");
    let lines = (2..).zip(Generator::new(3).take(400).map(Ok));
    let report = replay(&config, engine, lines, &path, |_| {}).expect("a replay");
    let opened = report.directories.iter().map(|directory| open(directory));
    opened.collect::<Result<_, _>>().expect("batches")
}

fn run_of(old: &Tree, batch: &SealedBatch) -> Run {
    let program = Program::from_json(BATCH.compiled).expect("the program");
    run_batch(&program, old, batch, &RunOptions::default()).expect("a run")
}

/// Units of a table, all owners together.
fn total(costs: &BatchCosts, table: &str) -> u64 {
    let at = costs.tables.iter().position(|size| size.name == table);
    let at = at.expect("a table");
    let commands = costs.commands.iter().map(|command| command.units[at]);
    commands.sum::<u64>() + costs.fixed[at]
}

/// Everything that a run has is in its costs, once.
fn check(old: &Tree, batch: &SealedBatch) -> BatchCosts {
    let costs = measure(old, batch).expect("costs");
    let run = run_of(old, batch);
    assert_eq!(costs.commands.len(), batch.accepted.len());
    assert_eq!(total(&costs, "cpu"), run.steps.len() as u64);
    let used = |builtin: Builtin| {
        let at = run
            .layout
            .builtins
            .iter()
            .position(|segment| segment.builtin == builtin);
        u64::from(run.used[at.expect("a builtin")])
    };
    for (table, builtin) in [
        ("range_check", Builtin::RangeCheck),
        ("poseidon2_io", Builtin::Poseidon2),
        ("muldiv", Builtin::Muldiv),
        ("state", Builtin::State),
        ("schnorr", Builtin::Schnorr),
    ] {
        assert_eq!(total(&costs, table), used(builtin), "{table}");
    }
    assert_eq!(total(&costs, "schnorr_sum"), 32 * used(Builtin::Schnorr));
    let rows = &run.state.as_ref().expect("a state").rows;
    let leaves = rows
        .iter()
        .filter(|row| matches!(row, Row::Leaf(_)))
        .count() as u64;
    let nodes = rows
        .iter()
        .filter(|row| matches!(row, Row::Node(_)))
        .count() as u64;
    assert_eq!(total(&costs, "leaf"), leaves);
    assert_eq!(total(&costs, "merkle"), nodes);
    let blocks = u64::from(run.layout.program_len).div_ceil(4);
    let permutations = used(Builtin::Poseidon2) + 4 * used(Builtin::Schnorr);
    assert_eq!(
        total(&costs, "poseidon2"),
        permutations + 2 * (leaves + nodes) + blocks
    );
    let header = u64::from(run.layout.header_cells());
    assert_eq!(total(&costs, "public"), header + run.output().len() as u64);
    // All of memory, but the instances that only fill tables and the public segment's end.
    let filled = |builtin: Builtin| {
        let segment = run.layout.segment(builtin).expect("a builtin");
        u64::from(segment.table_cells()) - used(builtin) * u64::from(segment.cells)
    };
    let padding = [
        Builtin::RangeCheck,
        Builtin::Poseidon2,
        Builtin::Muldiv,
        Builtin::State,
        Builtin::Schnorr,
    ];
    let public = (1 << run.layout.log_public) - total(&costs, "public");
    let padding = public + padding.into_iter().map(filled).sum::<u64>();
    assert_eq!(total(&costs, "memory"), run.memory.len() as u64 - padding);
    for size in &costs.tables {
        let units = (size.units_per_row as u64) << size.log_rows;
        assert!(total(&costs, size.name) <= units, "{}", size.name);
    }
    // The functions' steps are the commands'.
    let steps = costs
        .commands
        .iter()
        .map(|command| command.units[0])
        .sum::<u64>();
    let functions = costs.functions.values().flat_map(|steps| steps.values());
    assert_eq!(functions.sum::<u64>(), steps);
    costs
}

#[test]
fn all_of_a_run_is_somebodys() {
    let batches = flow("costs");
    for opened in &batches {
        check(&opened.old, &opened.batch);
    }
    let first = check(&batches[0].old, &batches[0].batch);
    let deposits = first
        .commands
        .iter()
        .filter(|c| c.request == Some("deposit"));
    assert_eq!(deposits.count(), ACCOUNTS);
}

#[test]
fn signed_commands_have_one_signature_and_requests_none() {
    let opened = flow("signatures").remove(0);
    let costs = measure(&opened.old, &opened.batch).expect("costs");
    let at = costs.tables.iter().position(|size| size.name == "schnorr");
    let at = at.expect("a table");
    for (command, accepted) in costs.commands.iter().zip(&opened.batch.accepted) {
        let signatures = u64::from(accepted.envelope.signature.is_some());
        assert_eq!(command.units[at], signatures, "{}", command.kind);
        let mut parts = command.units.iter().zip(&costs.signature);
        assert!(parts.all(|(all, one)| *all >= signatures * one));
    }
    assert_eq!(costs.fixed[at], 0);
    assert_eq!(costs.signature[at], 1);
}

#[test]
fn equal_commands_cost_the_same_wherever_they_stand() {
    let opened = flow("extras").remove(1);
    let (old, batch) = extra_batch(opened.after, SEED).expect("a batch");
    let costs = check(&old, &batch);
    let fills = costs.commands.iter().map(|command| command.fills);
    assert!(fills.max() > Some(1), "a taker met several makers");
    for kind in [
        "time",
        "withdraw",
        "burn_nonce",
        "request",
        "transfer",
        "fund",
    ] {
        let of_kind = costs.commands.iter().filter(|command| command.kind == kind);
        let steps: Vec<u64> = of_kind.map(|command| command.units[0]).collect();
        assert!(!steps.is_empty(), "{kind}");
        // A withdrawal's steps depend on the account's positions, the others' on nothing.
        if ["time", "burn_nonce"].contains(&kind) {
            assert!(
                steps.iter().all(|count| *count == steps[0]),
                "{kind}: {steps:?}"
            );
        }
    }
}
