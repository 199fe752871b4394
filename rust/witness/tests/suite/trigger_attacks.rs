//! Lies about triggered orders (soundness § 8).
//!
//! Which order fires, whether it is alive, its lots and its limit are no advice: they follow from leaves at
//! addresses that the program computes. A prover can only say whether it is rejected, and where it rests; or
//! claim another leaf than the state's, which is another root.

use zkperp_engine::{Command, Conditional, OrderType, Refusal, Side};
use zkperp_field::{F, PrimeCharacteristicRing, PrimeField64};
use zkperp_schema as schema;

use crate::attacks::{DELTA_MS, RESTING, felt, with};
use crate::conditionals::standing;
use crate::desk::{Desk, MARK};
use crate::forced::{Forced, accepted, refused};
use crate::liquidation::{exposed, falls};
use crate::refusals::{NONE, account, position};
use crate::triggers::{CODES, DEATHS, FALL, dead, long, opening, rejected, stop, tenure, trade};

/// Felts of the record.
const IS_REJECTED: usize = 2;
const OPENS_LEVEL: usize = 3;
const LEVEL_SLOT: usize = 4;

const FIRING: &str = "firing.place_fired";

/// The leaf of the market's lists.
const STOPS: u64 = schema::MARKET_BASE + schema::STOPS_LEAF;

fn triggered(desk: &Desk) -> Forced {
    accepted(desk, Command::Trigger)
}

/// A leaf of the last seal with one felt changed.
fn changed(desk: &Desk, addr: u64, index: usize, value: u64) -> [u64; 8] {
    let mut leaf = desk.engine.tree().get(addr).unwrap();
    leaf[index] = F::from_u64(value);
    leaf.map(|felt| felt.as_canonical_u64())
}

#[test]
fn what_is_not_due() {
    let mut calm = long();
    calm.waits(1, stop(0));
    calm.engine.seal().unwrap();
    let nothing = (Refusal::NothingTriggered, "sequencer_trigger.trigger_next");
    refused(&calm, Command::Trigger, NONE, nothing);

    // Liquidation comes first, pending or due.
    let mut desk = exposed();
    desk.waits(1, stop(0));
    let mut desk = falls(desk, 150);
    let first = (Refusal::LiquidationPending, "registers.assert_liquidated");
    refused(&desk, Command::Trigger, NONE, first);
    while desk.engine.state().pending() != 0 {
        desk.command(Command::Sweep).unwrap();
    }
    desk.engine.seal().unwrap();
    refused(&desk, Command::Trigger, NONE, first);
}

#[test]
fn an_order_that_passes_is_not_rejected() {
    for order in [
        stop(0),
        stop(5),
        opening(OrderType::Gtt, 50),
        opening(OrderType::Ioc, 5),
        opening(OrderType::Market, 100),
    ] {
        let mut desk = long();
        desk.waits(1, order);
        let good = triggered(&falls(desk, FALL));
        assert_eq!(good.advice[IS_REJECTED], F::ZERO);
        for value in [F::ONE, F::TWO, -F::ONE] {
            let forced = with(&good, &[(IS_REJECTED, value)]);
            forced.breaks_off("rejected all the same", FIRING);
        }
    }
}

#[test]
fn an_order_that_fails_does_not_enter() {
    for code in CODES {
        let (desk, _) = rejected(code);
        let good = triggered(&desk);
        assert_eq!(good.advice[IS_REJECTED], F::ONE);
        let place = match code {
            3001 => "resting.assert_room",
            _ => "placement.assert_placement",
        };
        let changes = [(IS_REJECTED, F::ZERO), (OPENS_LEVEL, F::ONE)];
        with(&good, &changes).breaks_off(&format!("{code} enters"), place);
        // The order's own fee and margin by one lot: it is the state that decides, not who says so.
        assert!(good.run().is_ok());
    }
}

/// Of 2002 one lot more or less decides, in engine and program alike.
#[test]
fn the_margin_decides_by_a_lot() {
    let outcome = |lots| {
        let mut desk = long();
        desk.waits(5, opening(OrderType::Market, lots));
        let mut desk = falls(desk, FALL);
        let code = desk.command(Command::Trigger).unwrap().0[0];
        desk.prove();
        code
    };
    let (mut passes, mut fails) = (1, 4_000);
    while passes + 1 < fails {
        let lots = u64::midpoint(passes, fails);
        let mut desk = long();
        desk.waits(5, opening(OrderType::Market, lots));
        let mut desk = falls(desk, FALL);
        match desk.command(Command::Trigger).unwrap().0[0] {
            0 => passes = lots,
            _ => fails = lots,
        }
    }
    assert_eq!((outcome(passes), outcome(fails)), (0, 2002));
}

/// No slot: the free list is empty and the lowest slot never used is beyond the region. The engine won't open
/// such a state, so that only the program is asked.
#[test]
fn a_full_book_rejects() {
    let mut desk = long();
    desk.waits(5, opening(OrderType::Gtt, 5));
    let mut desk = falls(desk, FALL);
    let good = triggered(&desk);
    let clock = schema::CLOCK_INDEX;
    let (no_order, no_level) = (
        [(clock, 4, 0), (clock, 5, schema::ORDER_SLOTS_MAX)],
        [(clock, 6, 0), (clock, 7, schema::LEVEL_SLOTS_MAX)],
    );
    for changes in [no_order, no_level] {
        let mut full = good.clone();
        full.set(&changes);
        full.breaks_off("there is no slot", "resting.assert_room");
        with(&full, &[(IS_REJECTED, F::ONE)]).run().unwrap();
    }
    // One slot is left, the last of the region or one that was freed.
    let last = [
        [(clock, 4, 0), (clock, 5, schema::ORDER_SLOTS_MAX - 1)],
        [(clock, 6, 0), (clock, 7, schema::LEVEL_SLOTS_MAX - 1)],
        [(clock, 4, 1), (clock, 5, schema::ORDER_SLOTS_MAX)],
        [(clock, 6, 128), (clock, 7, schema::LEVEL_SLOTS_MAX)],
    ];
    for changes in last {
        let mut room = good.clone();
        room.set(&changes);
        let forced = with(&room, &[(IS_REJECTED, F::ONE)]);
        forced.breaks_off("there is a slot", FIRING);
    }
    // An order that never rests needs none.
    desk = long();
    desk.waits(5, opening(OrderType::Ioc, 5));
    let mut ioc = triggered(&falls(desk, FALL));
    ioc.set(&no_order);
    ioc.run().unwrap();
    with(&ioc, &[(IS_REJECTED, F::ONE)]).breaks_off("needs no slot", FIRING);
}

/// Every felt of the record, one at a time: whoever changes it has no run, but for a later time, and for felts
/// that have no say in what is run.
#[test]
fn a_changed_felt_has_no_run() {
    let (dying, _) = dead("closed");
    let (failing, _) = rejected(2002);
    let resting = {
        let mut desk = long();
        desk.waits(1, opening(OrderType::Gtt, 50));
        falls(desk, FALL)
    };
    let taking = {
        let mut desk = long();
        desk.waits(1, stop(0));
        falls(desk, FALL)
    };
    let done = {
        let mut desk = taking.clone();
        desk.command(Command::Trigger).unwrap();
        desk.engine.seal().unwrap();
        desk
    };
    let none: &[usize] = &[IS_REJECTED, OPENS_LEVEL, LEVEL_SLOT];
    for (desk, silent) in [
        (dying, none),
        (failing, none),
        (done, none),
        (resting, &[OPENS_LEVEL][..]),
        (taking, &[OPENS_LEVEL, LEVEL_SLOT][..]),
    ] {
        let good = triggered(&desk);
        assert_eq!(good.advice.len(), LEVEL_SLOT + 1);
        for index in 0..good.advice.len() {
            let next = good.advice[index] + F::ONE;
            for value in [next, -F::ONE, felt(1 << 62)] {
                let may_run = silent.contains(&index) || (index == DELTA_MS && value == next);
                let runs = with(&good, &[(index, value)]).run().is_ok();
                assert_eq!(runs, may_run, "felt {index} = {value}");
            }
        }
    }
}

#[test]
fn what_remains_has_one_place() {
    let mut desk = long();
    desk.rest(2, Side::Ask, MARK - FALL - 2, 5);
    let price_ticks = MARK - FALL - 3;
    let order = Conditional {
        price_ticks,
        ..opening(OrderType::Gtt, 50)
    };
    desk.waits(1, order);
    let good = triggered(&falls(desk, FALL));
    assert_eq!(good.advice[OPENS_LEVEL], F::ONE);
    let right = good.advice[LEVEL_SLOT];
    for slot in [0, 1, 2, 3, 128, 129, 130, 131, schema::LEVEL_SLOTS_MAX]
        .map(felt)
        .into_iter()
        .filter(|slot| *slot != right)
    {
        with(&good, &[(LEVEL_SLOT, slot)]).breaks_off("another place", RESTING);
    }
}

#[test]
fn another_leaf_than_the_states_is_another_root() {
    let mut desk = long();
    desk.waits(1, stop(0));
    desk.waits(1, stop(5));
    let desk = falls(desk, FALL);
    let good = triggered(&desk);
    // The head is skipped for the order behind it, or for none.
    let first = changed(&desk, STOPS, 2, 2);
    good.starts_elsewhere("the head is skipped", STOPS, first);
    let high = changed(&desk, STOPS, 3, (1 << 32) - MARK + 1 + FALL);
    good.starts_elsewhere("it is not crossed", STOPS, high);
    // It would live or die by its account's or its position's felts.
    let older = changed(&desk, standing(1), 1, 1);
    good.starts_elsewhere("a living one is dropped", standing(1), older);
    let clear = changed(&desk, account(1), 5, 1 << 40);
    good.starts_elsewhere("it is cleared", account(1), clear);
    // Its lots are the position's, its limit is within the band.
    let more = changed(&desk, position(1), 0, 21);
    good.starts_elsewhere("a lot more", position(1), more);
    let market = schema::MARKET_BASE;
    let low = changed(&desk, market, 2, 1);
    good.starts_elsewhere("another band", market, low);
    // A dead one fires.
    let (dying, _) = dead("closed and opened");
    let mut fires = triggered(&dying);
    // Its buyer, account 3, is the first in the list of longs.
    fires.places = vec![F::ZERO];
    let young = changed(&dying, standing(1), 1, 0);
    fires.starts_elsewhere("a dead one fires", standing(1), young);
}

/// What the program leaves in the state: the tenure of who was closed, and no more of a dropped order.
#[test]
fn leaves_are_those_of_the_rules() {
    for how in DEATHS {
        let (desk, _) = dead(how);
        let good = triggered(&desk);
        assert_eq!(good.leaf_after(STOPS), [F::ZERO; 8], "{how}");
        let after = good.leaf_after(standing(1));
        assert_eq!(after[1], felt(tenure(&desk, 1)), "{how}");
    }
    let mut desk = long();
    desk.waits(1, stop(0));
    let good = triggered(&falls(desk, FALL));
    assert_eq!(good.leaf_after(standing(1))[1], F::ONE);
    assert_eq!(good.leaf_after(standing(3))[1], F::ZERO);
    let slot = schema::CONDITIONAL_BASE + schema::CONDITIONAL_STRIDE;
    assert_eq!(good.leaf_after(slot), [F::ZERO; 8]);
    assert_eq!(good.leaf_after(slot + 1), [F::ZERO; 8]);

    // A fill that only reduces ends no tenure, one that turns does.
    for (lots, ends) in [(19, 0), (20, 1), (21, 1)] {
        let mut desk = long();
        desk.engine.seal().unwrap();
        trade(&mut desk, 4, 1, 0, lots);
        desk.prove();
        assert_eq!(tenure(&desk, 1), ends);
    }
}
