//! Random flows: invariants after every command, an auditor that knows only events, replay of every
//! batch from its data, rollback, logs, and the same result every time.

mod auditor;
mod conditionals;
mod flow;
mod logs;
mod orders;

use std::collections::BTreeMap;

use auditor::Auditor;
use flow::{Op, Venue};
use proptest::prelude::*;
use zkperp_engine::leaf::{EMPTY, LeafWords};
use zkperp_engine::{Engine, Recorded, Refusal, SealedBatch, replay};

/// Leaves as they are known to be, kept up by what each command says it touched.
struct Mirror(BTreeMap<u64, LeafWords>);

impl Mirror {
    fn of(engine: &mut Engine) -> Self {
        Self(engine.state_mut().leaves().into_iter().collect())
    }

    fn write(&mut self, engine: &mut Engine) {
        for (addr, words) in engine.state_mut().touched() {
            if words == EMPTY {
                self.0.remove(&addr);
            } else {
                self.0.insert(addr, words);
            }
        }
    }
}

/// Runs a flow and checks every command; returns its batches.
fn run(venue: &Venue, ops: &[Op]) -> Result<Vec<SealedBatch>, TestCaseError> {
    let mut engine = venue.engine();
    let mut sealed = engine.clone();
    let mut auditor = Auditor::default();
    let mut audited = auditor.clone();
    let mut mirror = Mirror::of(&mut engine);
    let mut batches = Vec::new();
    for op in ops {
        match op {
            Op::Seal => {
                let Ok(batch) = engine.seal() else {
                    continue;
                };
                let mut rebuilt = sealed.clone();
                let (old, new) = (&batch.old_root, &batch.new_root);
                let replayed = replay::apply_batch(&mut rebuilt, old, new, &batch.output());
                prop_assert_eq!(replayed, Ok(()));
                logs::check_round_trip(&sealed, &batch)?;
                batches.push(batch);
                sealed = engine.clone();
                audited = auditor.clone();
                mirror = Mirror::of(&mut engine);
            }
            Op::Rollback => {
                engine.rollback();
                auditor = audited.clone();
                mirror = Mirror::of(&mut engine);
                let (now, then) = (engine.state_mut().leaves(), sealed.clone());
                prop_assert_eq!(now, then.clone().state_mut().leaves());
            }
            Op::Command(command) => {
                let envelope = flow::envelope(engine.state(), command);
                let before = engine.state_mut().changes();
                let result = engine.apply(&envelope, &Recorded(true));
                if let Ok((_, effects)) = result {
                    auditor.follow(&effects.events);
                } else {
                    prop_assert_eq!(engine.state_mut().changes(), before);
                }
                mirror.write(&mut engine);
            }
        }
        let checked = engine.state().check();
        prop_assert_eq!(checked, Ok(()));
        auditor.compare(engine.state())?;
        let leaves: Vec<_> = mirror
            .0
            .iter()
            .map(|(&addr, &words)| (addr, words))
            .collect();
        prop_assert_eq!(engine.state_mut().leaves(), leaves);
    }
    let _ = engine.seal();
    let domain = *engine.state().domain();
    let opened = Engine::from_tree(domain, engine.tree().clone());
    let mut opened = opened.map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert_eq!(opened.state_mut().leaves(), engine.state_mut().leaves());
    Ok(batches)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_flow_keeps_every_invariant(ops in prop::collection::vec(flow::op(), 1..250)) {
        let venue = Venue::ordinary();
        let batches = run(&venue, &ops)?;
        prop_assert_eq!(run(&venue, &ops)?, batches);
    }

    #[test]
    fn so_does_every_flow_of_a_venue_where_margin_is_short(
        ops in prop::collection::vec(flow::op(), 1..250),
    ) {
        run(&Venue::poor(), &ops)?;
    }
}

/// A flow in which nothing happens would prove nothing.
#[test]
fn flows_reach_every_kind_of_event_and_many_refusals() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut events = BTreeMap::new();
    let mut refusals = BTreeMap::new();
    let strategy = prop::collection::vec(flow::op(), 250);
    for venue in [Venue::ordinary(), Venue::poor()] {
        for _ in 0..60 {
            let ops = strategy.new_tree(&mut runner).unwrap().current();
            let mut engine = venue.engine();
            for op in ops {
                let Op::Command(draft) = op else {
                    continue;
                };
                let envelope = flow::envelope(engine.state(), &draft);
                match engine.apply(&envelope, &Recorded(true)) {
                    Ok((_, effects)) => {
                        for event in &effects.events {
                            let reason = match event {
                                zkperp_engine::Event::OrderRemoved { reason, .. }
                                | zkperp_engine::Event::ConditionalRemoved { reason, .. } => {
                                    reason.code()
                                }
                                // Small numbers of the codes that it can be.
                                zkperp_engine::Event::ConditionalRejected { code, .. } => {
                                    (code % 251) as u8
                                }
                                _ => 0,
                            };
                            *events.entry((event.event_type(), reason)).or_insert(0) += 1;
                        }
                    }
                    Err(refusal) => *refusals.entry(refusal).or_insert(0) += 1,
                }
            }
        }
    }
    // Types of events, with removals apart by their reasons.
    assert!(events.len() >= 25, "{events:?}");
    for reason in [1, 2, 3, 5, 7, 8, 9] {
        let removed = (zkperp_engine::EventType::OrderRemoved, reason);
        assert!(events.contains_key(&removed), "{reason}: {events:?}");
    }
    for reason in [1, 2, 7, 10, 11] {
        let removed = (zkperp_engine::EventType::ConditionalRemoved, reason);
        assert!(events.contains_key(&removed), "{reason}: {events:?}");
    }
    for refusal in [Refusal::WouldNotReduce, Refusal::InitialMargin] {
        let rejected = zkperp_engine::EventType::ConditionalRejected;
        let code = (refusal.code() % 251) as u8;
        assert!(events.contains_key(&(rejected, code)), "{events:?}");
    }
    let fired = events[&(zkperp_engine::EventType::Triggered, 0)];
    assert!(fired > 60, "{fired}");
    assert!(refusals.len() >= 25, "{refusals:?}");
    for refusal in [
        Refusal::WouldNotReduce,
        Refusal::NotFilled,
        Refusal::ClientIdUsed,
        Refusal::TriggerDue,
        Refusal::NothingTriggered,
        Refusal::BadTrigger,
        Refusal::BadPartner,
    ] {
        assert!(refusals.contains_key(&refusal), "{refusal:?}: {refusals:?}");
    }
    let trades = events[&(zkperp_engine::EventType::Trade, 0)];
    assert!(trades > 300, "{trades}");
}
