//! Every scenario, small: the same for the same seed, healthy in the end, and no debt left.

use std::collections::BTreeSet;

use serde_json::Value;
use zkperp_simulate::{Options, Report, SCENARIOS, SimulationError, simulate};

fn options(scenario: &str, accounts: u32) -> Options {
    Options {
        scenario: scenario.to_owned(),
        accounts,
        seed: 1,
        depth_ppm: None,
        fund_ppm: None,
    }
}

fn run(options: &Options) -> Report {
    simulate(options, |_, _| true).expect("Invariant: the scenario runs to its end")
}

fn text(report: &Report) -> String {
    serde_json::to_string(report).expect("Invariant: a report is JSON")
}

#[test]
fn every_scenario_ends_healthy_and_without_bad_debt() {
    for name in SCENARIOS {
        let report = run(&options(name, 200));
        assert!(report.end.is_healthy, "{name}");
        assert_eq!(
            (report.end.unhealthy, report.end.bad_debt),
            (0, 0),
            "{name}"
        );
        assert_eq!(report.end.fund_debt, 0, "{name}");
        let fund = &report.series.fund_value;
        assert!(fund.iter().all(|&value| value >= 0), "{name}");
        assert!(
            report.series.bad_debt.iter().all(|&debt| debt == 0),
            "{name}"
        );
        // Nobody is below maintenance margin after any step.
        let [_, _, below, closeout, bankrupt] = &report.series.health;
        for counts in [below, closeout, bankrupt] {
            assert!(counts.iter().all(|&count| count == 0), "{name}");
        }
        assert!(report.totals.liquidated_accounts > 20, "{name}");
        assert_eq!(report.totals.due, report.totals.recovered, "{name}");
    }
}

#[test]
fn conservation_is_checked_after_every_command() {
    let report = run(&options("crash", 200));
    let accepted: u64 = report.commands.values().map(|count| count.accepted).sum();
    assert_eq!(report.checks.conservation, accepted);
    assert_eq!(report.checks.invariants, report.parameters.steps + 1);
}

#[test]
fn a_seed_is_a_report() {
    let once = run(&options("gap", 100));
    assert_eq!(once, run(&options("gap", 100)));
    let other = run(&Options {
        seed: 2,
        ..options("gap", 100)
    });
    assert_ne!(once.end.root, other.end.root);
}

#[test]
fn both_rules_close_the_same_lots() {
    let report = run(&options("adl", 200));
    let told = &report.deleveraging;
    // At most one for each market, side and step, however many accounts fall due.
    assert!(told.count < report.totals.due / 10, "{told:?}");
    let visits = report.commands["deleverage"].accepted;
    assert!(
        visits < told.count * u64::from(report.parameters.accounts),
        "{visits}"
    );
    assert!(told.count > 0 && told.counterparties > 100);
    assert_eq!(told.notional, report.totals.liquidated[2]);
    // All give a little, or few give everything.
    assert!(told.pro_rata.accounts_hit > told.queue.accounts_hit);
    assert!(told.pro_rata.wholly_closed < told.queue.wholly_closed);
    assert!(told.pro_rata.gini_ppm < told.queue.gini_ppm);
}

#[test]
fn depth_and_fund_can_be_chosen() {
    let rich = run(&Options {
        depth_ppm: Some(200_000),
        fund_ppm: Some(300_000),
        ..options("crash", 100)
    });
    assert_eq!(rich.deleveraging.count, 0);
    assert_eq!(rich.parameters.depth_ppm, 200_000);
    assert!(rich.totals.liquidated[0] > rich.totals.liquidated[1]);
}

#[test]
fn wrong_options_are_named() {
    let refused = |options: &Options| simulate(options, |_, _| true).err();
    let unknown = refused(&options("boom", 100));
    assert_eq!(
        unknown,
        Some(SimulationError::UnknownScenario("boom".to_owned()))
    );
    for accounts in [9, 50_001] {
        let error = refused(&options("crash", accounts));
        assert!(matches!(error, Some(SimulationError::Range { .. })));
    }
    let deep = Options {
        depth_ppm: Some(1_000_001),
        ..options("crash", 100)
    };
    assert!(matches!(
        refused(&deep),
        Some(SimulationError::Range { .. })
    ));
}

#[test]
fn a_listener_may_stop_it() {
    let mut heard = Vec::new();
    let stopped = simulate(&options("gap", 10), |done, total| {
        heard.push((done, total));
        done < 3
    });
    assert_eq!(stopped.err(), Some(SimulationError::Stopped));
    assert_eq!(heard, [(1, 60), (2, 60), (3, 60)]);
}

/// The fields of an object and of those within it, lists by their first element.
fn fields(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let path = format!("{path}/{name}");
                found.insert(path.clone());
                fields(value, &path, found);
            }
        }
        Value::Array(list) => {
            if let Some(first) = list.first() {
                fields(first, path, found);
            }
        }
        _ => {}
    }
}

#[test]
fn the_form_is_that_of_its_version() {
    let report = run(&options("gap", 50));
    let parsed = serde_json::from_str(&text(&report)).expect("Invariant: it was just written");
    let mut found = BTreeSet::new();
    fields(&parsed, "", &mut found);
    let found: Vec<String> = found.into_iter().collect();
    // A change here is a new version, unless it only adds.
    let expected: Vec<&str> = include_str!("fields.txt").lines().collect();
    assert_eq!(found, expected);
    assert_eq!(report.version, 1);
}
