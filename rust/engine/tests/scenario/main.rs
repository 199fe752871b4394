//! `tests/vectors/rules/scenario-NN.json`: every event, leaf, record and root of small venues,
//! worked by hand. The format is described beside it.

mod json;

use std::collections::BTreeMap;

use serde_json::Value;
use zkperp_engine::leaf::{EMPTY, LeafWords};
use zkperp_engine::{Engine, Envelope, State, VenueParams, Verify, replay};

/// Known values of leaves: what the last command changed is seen against them.
struct Known(BTreeMap<u64, LeafWords>);

impl Known {
    fn of(state: &mut State) -> Self {
        Self(state.leaves().into_iter().collect())
    }

    /// The leaves of `touched` whose value is new.
    fn changed(&mut self, touched: Vec<(u64, LeafWords)>) -> Vec<(u64, LeafWords)> {
        touched
            .into_iter()
            .filter(|&(addr, words)| self.0.insert(addr, words).unwrap_or(EMPTY) != words)
            .collect()
    }
}

fn scenario(number: u8) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/rules");
    let path = format!("{folder}/scenario-{number:02}.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn orders_and_money_are_as_worked_by_hand() {
    check_scenario(&scenario(1));
}

#[test]
fn ticks_funding_and_sub_accounts_are_as_worked_by_hand() {
    check_scenario(&scenario(2));
}

#[test]
fn liquidations_are_as_worked_by_hand() {
    check_scenario(&scenario(3));
}

#[test]
fn options_client_ids_and_quotes_are_as_worked_by_hand() {
    check_scenario(&scenario(4));
}

#[test]
fn stops_and_take_profits_are_as_worked_by_hand() {
    check_scenario(&scenario(5));
}

fn check_scenario(scenario: &Value) {
    let venue: VenueParams = json::venue(&scenario["pre"]["venue"]);
    let mut engine = Engine::genesis(&venue).unwrap();
    let before = engine.clone();
    assert_eq!(
        engine.state_mut().leaves(),
        json::leaves(&scenario["pre"]["leaves"])
    );
    assert_eq!(
        engine.root().to_vec(),
        json::words(&scenario["pre"]["root"])
    );
    let mut known = Known::of(engine.state_mut());
    for step in scenario["steps"].as_array().unwrap() {
        run_step(&mut engine, &mut known, step);
        assert_eq!(engine.state().check(), Ok(()));
    }
    check_seal(engine, before, &scenario["seal"]);
}

fn run_step(engine: &mut Engine, known: &mut Known, step: &Value) {
    let name = step["name"].as_str().unwrap();
    let number = engine.state().requests_done();
    let envelope: Envelope = json::envelope(step, number);
    let result = engine.apply(&envelope, &Verify);
    if !step["code"].is_null() {
        let code = result.map(|_| ()).unwrap_err().code();
        assert_eq!(u64::from(code), json::word(&step["code"]), "{name}");
        assert_eq!(engine.state_mut().touched(), [], "{name}");
        let leaves: BTreeMap<_, _> = engine.state_mut().leaves().into_iter().collect();
        assert!(
            leaves.iter().all(|(addr, words)| known.0[addr] == *words),
            "{name}"
        );
        return;
    }
    let (outcome, effects) = result.unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
    let post = &step["post"];
    let events: Vec<_> = effects.events.iter().map(json::event).collect();
    assert_eq!(events, json::events(&post["events"]), "{name}");
    assert_eq!(outcome.0.to_vec(), json::words(&post["outcome"]), "{name}");
    assert_eq!(effects.record.words(), json::words(&post["data"]), "{name}");
    let withdrawals: Vec<u64> = effects.withdrawals.iter().flat_map(|w| w.words()).collect();
    assert_eq!(withdrawals, json::words(&post["withdrawals"]), "{name}");
    let changed = known.changed(engine.state_mut().touched());
    assert_eq!(changed, json::leaves(&post["changed"]), "{name}");
}

fn check_seal(mut engine: Engine, before: Engine, seal: &Value) {
    let unsealed = engine.clone();
    let batch = engine.seal().unwrap();
    assert_eq!(batch.old_root.to_vec(), json::words(&seal["old_root"]));
    assert_eq!(batch.output(), json::words(&seal["output"]));
    assert_eq!(engine.state_mut().leaves(), json::leaves(&seal["leaves"]));
    assert_eq!(batch.new_root.to_vec(), json::words(&seal["new_root"]));

    // From the chain's data alone, from the tree alone, and back.
    let mut rebuilt = before.clone();
    let (old, new) = (&batch.old_root, &batch.new_root);
    replay::apply_batch(&mut rebuilt, old, new, &batch.output()).unwrap();
    assert_eq!(rebuilt.root(), engine.root());
    assert_eq!(rebuilt.state_mut().leaves(), engine.state_mut().leaves());
    let domain = *engine.state().domain();
    let mut opened = Engine::from_tree(domain, engine.tree().clone()).unwrap();
    assert_eq!(opened.state_mut().leaves(), engine.state_mut().leaves());
    let mut back = unsealed;
    back.rollback();
    assert_eq!(
        back.state_mut().leaves(),
        before.clone().state_mut().leaves()
    );
}
