//! The workloads are those that are defined, and what runs them does what it should.

use zkperp_bench::engine;
use zkperp_bench::matching::{COMMANDS, EXPECTED, Finished, PREFILL, Profile, SEED, Workload, run};
use zkperp_bench::tree::Updates;

#[test]
fn both_profiles_have_the_defined_commands_trades_and_books() {
    for expected in EXPECTED {
        let workload = Workload::new(expected.profile, SEED, COMMANDS);
        assert_eq!(workload.prefill.len(), PREFILL);
        assert_eq!(workload.hash(), expected.command_hash);
        let (seconds, finished) = run(&workload);
        assert_eq!(finished, expected.finished);
        let rate = COMMANDS as f64 / seconds;
        println!("{:?}: {rate:.0} commands a second", expected.profile);
    }
}

#[test]
fn another_seed_is_another_workload() {
    let [one, two] = [1, 2].map(|seed| Workload::new(Profile::Moves, seed, 5_000));
    assert_ne!(one.hash(), two.hash());
    let (_, Finished { trades, .. }) = run(&one);
    assert!(trades > 0);
    assert_eq!(run(&one).1, run(&one).1);
}

#[test]
fn engine_and_tree_run_their_workloads() {
    let workload = engine::Workload::new(1, 2_000).expect("a workload");
    assert!(workload.commands.len() > 2_000);
    assert!(workload.run() > 0.0);
    assert!(engine::Workload::new(1, 1).is_err());
    let mut updates = Updates::new().expect("a tree");
    assert!(updates.run(1_000).expect("written") > 0.0);
}
