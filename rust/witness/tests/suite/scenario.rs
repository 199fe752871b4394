//! `tests/vectors/rules`, worked by hand: the program reaches their roots.

use serde_json::Value;
use zkperp_engine::{Engine, Verify};
use zkperp_vm::RunOptions;
use zkperp_witness::run_batch;

use crate::support::{json, program};
use crate::vectors;

#[test]
fn the_worked_scenarios_run_to_their_roots() {
    for number in 1..=3 {
        scenario(&json(&format!(
            "tests/vectors/rules/scenario-0{number}.json"
        )));
    }
}

fn scenario(scenario: &Value) {
    let mut engine = Engine::genesis(&vectors::venue(&scenario["pre"]["venue"])).unwrap();
    let old = engine.tree().clone();
    for step in scenario["steps"].as_array().unwrap() {
        let number = engine.state().requests_done();
        let accepted = engine.apply(&vectors::envelope(step, number), &Verify);
        assert_eq!(accepted.is_ok(), step["code"].is_null(), "{}", step["name"]);
    }
    let batch = engine.seal().unwrap();
    run_batch(program(), &old, &batch, &RunOptions::default())
        .unwrap_or_else(|error| panic!("{error}"));
    let seal = &scenario["seal"];
    assert_eq!(vectors::words(&seal["old_root"]), batch.old_root);
    assert_eq!(vectors::words(&seal["new_root"]), batch.new_root);
}
