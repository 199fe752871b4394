//! Conditional orders that the rules refuse, forced into a batch, and advice that lies about their places.

use zkperp_engine::{
    AccountType, Advice, Command, Conditional, Neighbours, OrderType, Refusal, Side, UserCommand,
};
use zkperp_field::{F, PrimeCharacteristicRing};
use zkperp_schema as schema;

use crate::attacks::{DELTA_MS, felt, with as changed};
use crate::client_orders::{quote, quoted};
use crate::conditionals::{
    beside, cancelled, closing, standing, stop, take_profit, waiting, with_positions,
};
use crate::desk::{ACCOUNTS, Desk, FUNDS, MARK, deposit, order};
use crate::forced::{Forced, accepted, refused, refused_upon};
use crate::refusals::{NONE, account, named, position};

/// Felts of the advice records.
const PLACE_PARTNER_SLOT: usize = 16;
const PLACE_PREV: usize = 17;
const CANCEL_ORDER_SLOT: usize = 7;

const PLACING: &str = "l2_place_conditional.";
const TERMS: &str = "l2_place_conditional.assert_terms";
const CANCELLING: &str = "l2_cancel_conditional.l2_cancel_conditional";
const PARTNERS: &str = "partners.join_partner";
const CONDITIONALS: u64 = schema::SYSTEM_BASE + schema::CONDITIONALS_INDEX;

/// Stops of account 1 in market 0, by slot: 1 at 990, 2 at 980 and 3 at 980; 4 of the other direction, 5 of the
/// other market, 6 freed. Account 2's is 7, at 970.
fn list() -> Desk {
    let mut desk = with_positions();
    for trigger in [990, 980, 980] {
        desk.waits(1, closing(stop(Side::Ask, trigger, 5)));
    }
    desk.waits(1, closing(take_profit(Side::Ask, 1_010, 5)));
    let elsewhere = closing(stop(Side::Ask, 980, 5));
    desk.waits(
        1,
        Conditional {
            market: 1,
            ..elsewhere
        },
    );
    let id = desk.waits(1, stop(Side::Ask, 985, 5));
    desk.waits(2, stop(Side::Ask, 970, 5));
    desk.takes_back(1, id);
    desk.engine.seal().unwrap();
    desk
}

/// Their ids.
fn id_of(desk: &Desk, slot: u64) -> u64 {
    desk.felt(schema::CONDITIONAL_BASE + 2 * slot, 0)
}

/// Advice of a place behind this slot.
fn behind(prev: u32) -> Advice {
    Advice {
        inserted: vec![Neighbours { prev, next: 0 }],
        ..NONE
    }
}

#[test]
fn an_order_has_one_place_in_its_list() {
    let desk = list();
    for (trigger, prev) in [
        (995, 0),
        (990, 1),
        (985, 1),
        (980, 3),
        (975, 3),
        (970, 7),
        (960, 7),
    ] {
        let good = accepted(&desk, waiting(&desk, 3, stop(Side::Ask, trigger, 5)));
        assert_eq!(good.advice[PLACE_PREV], felt(prev), "{trigger}");
        assert!(good.places.is_empty());
        let slots = schema::CONDITIONAL_SLOTS_MAX;
        // 6 is freed and where this one goes, 8 was never used.
        for slot in (0..=8).filter(|slot| *slot != prev).map(felt).chain([
            -F::ONE,
            felt(slots),
            felt(slots + 3),
            felt(1 << 32),
            felt(1 << 62),
        ]) {
            let forced = changed(&good, &[(PLACE_PREV, slot)]);
            forced.breaks_off(&format!("{trigger} behind {slot}"), "lists.link_be");
        }
    }
}

#[test]
fn an_order_is_taken_back_by_its_id_once() {
    let mut desk = list();
    let first = id_of(&desk, 1);
    let good = accepted(&desk, cancelled(&desk, 1, first));
    for slot in [0, 2, 4, 6, 7, 8] {
        let forced = changed(&good, &[(CANCEL_ORDER_SLOT, felt(slot))]);
        // A freed leaf stands in no list.
        assert!(forced.run().is_err(), "slot {slot}");
    }
    for slot in [-F::ONE, felt(schema::CONDITIONAL_SLOTS_MAX), felt(1 << 32)] {
        changed(&good, &[(CANCEL_ORDER_SLOT, slot)]).breaks_off("slot", CANCELLING);
    }
    let unknown = (Refusal::UnknownOrder, CANCELLING);
    refused(&desk, cancelled(&desk, 1, first + 99), named(1), unknown);
    refused(&desk, cancelled(&desk, 1, 0), named(8), unknown);
    let anothers = (Refusal::NotOwner, CANCELLING);
    refused(&desk, cancelled(&desk, 2, first), named(1), anothers);

    // Twice in one batch, and after the slot was used again.
    let twice = [0, 1].map(|later| {
        let mut sender = desk.sender(1);
        sender.nonce += later;
        let command = sender.cancel_conditional(first);
        (desk.envelope(Command::User(command)), named(1))
    });
    Forced::new(&desk, &twice, 0).breaks_off("double free", CANCELLING);
    desk.takes_back(1, first);
    desk.waits(1, stop(Side::Ask, 990, 5));
    desk.engine.seal().unwrap();
    refused(&desk, cancelled(&desk, 1, first), named(1), unknown);
}

/// Every felt of the advice, one at a time, but for a later time.
#[test]
fn a_changed_felt_has_no_run() {
    let desk = list();
    let [alone, other] = [1, 4].map(|slot| id_of(&desk, slot));
    let partner = closing(stop(Side::Ask, 975, 5));
    for command in [
        waiting(&desk, 1, stop(Side::Ask, 985, 5)),
        waiting(&desk, 1, beside(other, partner)),
        cancelled(&desk, 1, alone),
    ] {
        let good = accepted(&desk, command);
        // Without a partner nothing is in its slot.
        let silent = |index| index == PLACE_PARTNER_SLOT && good.advice[index] == F::ZERO;
        for index in 0..good.advice.len() {
            for value in [good.advice[index] + F::ONE, -F::ONE, felt(1 << 62)] {
                let may_run = silent(index) || (index == DELTA_MS && value == F::ONE);
                let runs = changed(&good, &[(index, value)]).run().is_ok();
                assert_eq!(
                    runs, may_run,
                    "kind {}: felt {index} = {value}",
                    good.advice[0]
                );
            }
        }
    }
}

#[test]
fn a_partner_is_one() {
    let desk = list();
    let [stop_990, profit, elsewhere, anothers] = [1, 4, 5, 7].map(|slot| id_of(&desk, slot));
    let good = closing(stop(Side::Ask, 975, 5));
    let with = |partner, order| waiting(&desk, 1, beside(partner, order));
    let advice = |prev, slot| Advice {
        named_order: Some(slot),
        ..behind(prev)
    };
    let right = accepted(&desk, with(profit, good));
    for slot in (0..=8).filter(|slot| *slot != 4) {
        let forced = changed(&right, &[(PLACE_PARTNER_SLOT, felt(slot))]);
        forced.breaks_off("another slot", PARTNERS);
    }
    for slot in [-F::ONE, felt(schema::CONDITIONAL_SLOTS_MAX), felt(1 << 32)] {
        changed(&right, &[(PLACE_PARTNER_SLOT, slot)]).breaks_off("no slot", PARTNERS);
    }
    let bad = (Refusal::BadPartner, PARTNERS);
    for (partner, slot, fault) in [
        (profit + 99, 4, (Refusal::UnknownOrder, PARTNERS)),
        (anothers, 7, (Refusal::NotOwner, PARTNERS)),
        (stop_990, 1, bad),
        (elsewhere, 5, bad),
    ] {
        refused(&desk, with(partner, good), advice(3, slot), fault);
    }
    let plain = stop(Side::Ask, 975, 5);
    refused(
        &desk,
        with(profit, plain),
        advice(3, 4),
        (Refusal::BadPartner, PLACING),
    );

    // One that is not reduce-only, one that buys, and one that has a partner.
    let mut desk = desk;
    let plain = desk.waits(1, take_profit(Side::Ask, 1_020, 5));
    desk.waits(1, beside(profit, good));
    desk.engine.seal().unwrap();
    let with = |partner, order| waiting(&desk, 1, beside(partner, order));
    refused(&desk, with(plain, good), advice(8, 6), bad);
    refused(&desk, with(profit, good), advice(8, 4), bad);
    let mut turned = with_positions();
    let buys = turned.waits(2, closing(stop(Side::Bid, 1_010, 5)));
    turned.engine.seal().unwrap();
    // The side in the leaf says it: account 2's other order would sell.
    let sells = Command::User(turned.sender(2).place_conditional(beside(buys, good)));
    let mut forced = Forced::new(&turned, &[(turned.envelope(sells), advice(0, 1))], 0);
    forced.set(&[(position(2), 0, 20)]);
    forced.breaks_off("another side", PARTNERS);
}

#[test]
fn terms() {
    let mut desk = with_positions();
    desk.engine.seal().unwrap();
    let good = stop(Side::Ask, 990, 5);
    let command = |change: fn(&mut Conditional)| {
        let mut order = good;
        change(&mut order);
        waiting(&desk, 1, order)
    };
    let refuse = |code, change: fn(&mut Conditional)| {
        refused(&desk, command(change), behind(0), (code, TERMS));
    };
    refuse(Refusal::UnknownMarket, |o| o.market = 2);
    refuse(Refusal::BadPrice, |o| o.price_ticks = 0);
    refuse(Refusal::BadPrice, |o| o.price_ticks = 100_001);
    refuse(Refusal::BadLots, |o| o.lots = 0);
    refuse(Refusal::BadLots, |o| o.lots = 10_001);
    refuse(Refusal::BadExpiry, |o| o.expiry_ms = 0);
    refuse(Refusal::BadTrigger, |o| o.trigger_ticks = 0);
    refuse(Refusal::BadTrigger, |o| o.trigger_ticks = MARK);
    refuse(Refusal::BadTrigger, |o| o.trigger_ticks = MARK + 1);
    refuse(Refusal::BadTrigger, |o| {
        *o = stop(Side::Bid, MARK, 5);
    });
    refuse(Refusal::BadTrigger, |o| {
        *o = take_profit(Side::Ask, MARK, 5);
    });
    refuse(Refusal::BadTrigger, |o| {
        *o = Conditional {
            trigger_ticks: 100_001,
            ..take_profit(Side::Ask, MARK, 5)
        };
    });
    refuse(Refusal::Malformed, |o| o.expiry_ms = 1 << 44);
    refuse(Refusal::Malformed, |o| o.order_type = OrderType::Fok);
    refuse(Refusal::Malformed, |o| o.order_type = OrderType::PostOnly);
    refuse(Refusal::Malformed, |o| o.order_type = OrderType::Slide);
    for change in [
        (|c| c.market = 32) as fn(&mut UserCommand),
        |c| c.side = 2,
        |c| c.order_type = 6,
        |c| c.words[1] += schema::OPTION_NAMED * schema::RECORD_OPTIONS_SHIFT,
        |c| c.words[1] += 32 * schema::RECORD_OPTIONS_SHIFT,
        |c| c.words[3] += 2 * schema::RECORD_CONDITION_SHIFT,
    ] {
        let mut words = desk.sender(1).place_conditional(good);
        change(&mut words);
        let fault = (Refusal::Malformed, TERMS);
        refused(&desk, Command::User(words), behind(0), fault);
    }
    // Expired now; and the lots of the least order.
    let fault = (Refusal::BadExpiry, TERMS);
    let expired = Conditional {
        expiry_ms: desk.now_ms,
        ..good
    };
    refused(&desk, waiting(&desk, 1, expired), behind(0), fault);
    let least = [(schema::MARKET_BASE, 7, 10)];
    refused_upon(
        &desk,
        &least,
        waiting(&desk, 1, good),
        behind(0),
        (Refusal::BadLots, TERMS),
    );
    for order in [closing(good), closing(stop(Side::Ask, 990, 0))] {
        let mut enough = accepted(&desk, waiting(&desk, 1, order));
        enough.set(&least);
        enough.run().unwrap();
    }

    let mut bare = Desk::bare();
    bare.request(deposit(1, FUNDS)).unwrap();
    bare.engine.seal().unwrap();
    refused(
        &bare,
        waiting(&bare, 1, good),
        behind(0),
        (Refusal::NoPrice, TERMS),
    );
}

#[test]
fn a_reduce_only_order_needs_something_to_reduce() {
    let mut desk = with_positions();
    desk.engine.seal().unwrap();
    let fault = (
        Refusal::WouldNotReduce,
        "l2_place_conditional.assert_account",
    );
    for (account, side) in [
        (1, Side::Bid),
        (2, Side::Ask),
        (5, Side::Bid),
        (5, Side::Ask),
    ] {
        let trigger = if side == Side::Bid { 1_010 } else { 990 };
        for lots in [0, 5] {
            let order = closing(stop(side, trigger, lots));
            refused(&desk, waiting(&desk, account, order), behind(0), fault);
        }
    }
}

#[test]
fn there_is_room() {
    let mut desk = with_positions();
    desk.engine.seal().unwrap();
    let good = || waiting(&desk, 1, stop(Side::Ask, 990, 5));
    let slots = schema::CONDITIONAL_SLOTS_MAX;
    let full = (Refusal::ConditionalsFull, "lists.insert_conditional");
    refused_upon(&desk, &[(CONDITIONALS, 1, slots)], good(), behind(0), full);
    let used_up = [(
        schema::SYSTEM_BASE + schema::CLOCK_INDEX,
        2,
        schema::ORDER_ID_MAX,
    )];
    let no_ids = (Refusal::OrderIdsUsedUp, "execute_batch.seal");
    refused_upon(&desk, &used_up, good(), behind(0), no_ids);

    let placed = accepted(&desk, good());
    let most = schema::CONDITIONALS_MAX;
    let packed = |count, cleared| count + schema::ORDERS_CLEARED_SHIFT * cleared;
    // Waiting; the account's cleared, the position's; waiting after.
    for (before, own, here, after) in [
        (packed(most - 1, 0), 0, 0, Some(packed(most, 0))),
        (packed(most - 1, 3), 3, 2, Some(packed(most, 3))),
        (packed(most, 0), 1, 0, Some(packed(1, 1))),
        (packed(most, 0), 0, 1, Some(packed(1, 1))),
        (packed(most, 2), 1, 3, Some(packed(1, 3))),
        (packed(most, 2), 4, 3, Some(packed(1, 4))),
        (packed(most, 2), 3, 4, Some(packed(1, 4))),
        (packed(most, 0), 0, 0, None),
        (packed(most, 2), 2, 1, None),
        (packed(most, 2), 1, 2, None),
    ] {
        let mut forced = placed.clone();
        forced.set(&[
            (standing(1), 2, before),
            (account(1), 5, own),
            (position(1), 1, packed(0, here)),
        ]);
        match after {
            Some(after) => assert_eq!(forced.leaf_after(standing(1))[2], felt(after)),
            None => forced.breaks_off("too many", "standing.count_waiting"),
        }
    }
}

/// The count goes down exactly for an order that it has.
#[test]
fn what_goes_is_counted_off_once() {
    let desk = list();
    let first = id_of(&desk, 1);
    let packed = |count, cleared| count + schema::ORDERS_CLEARED_SHIFT * cleared;
    let good = accepted(&desk, cancelled(&desk, 1, first));
    for (before, after) in [
        (packed(4, 0), packed(3, 0)),
        (packed(4, first), packed(3, first)),
        (packed(4, first + 1), packed(4, first + 1)),
    ] {
        let mut forced = good.clone();
        forced.set(&[(standing(1), 2, before)]);
        assert_eq!(forced.leaf_after(standing(1))[2], felt(after));
    }
}

/// The bit follows from the lists and the mark, to the tick: no advice has a say in it.
#[test]
fn crossed_is_what_the_lists_and_the_mark_say() {
    let mut desk = list().later();
    for key in 0..2 {
        desk.report(key, &[(0, MARK)]).unwrap();
    }
    desk.engine.seal().unwrap();
    let tick = accepted(&desk, Command::Tick { market: 0 });
    let stops = schema::MARKET_BASE + schema::STOPS_LEAF;
    let mirror = |price| (1 << 32) - price;
    for (felts, is_crossed) in [
        ([1, MARK + 1, 2, mirror(MARK - 1)], false),
        ([1, MARK, 2, mirror(MARK - 1)], true),
        ([1, MARK + 1, 2, mirror(MARK)], true),
        ([1, 1, 2, 1], true),
        ([0, 0, 0, 0], false),
        ([0, 0, 2, mirror(MARK)], true),
        ([1, MARK, 0, 0], true),
    ] {
        let mut forced = tick.clone();
        let changes = felts.iter().enumerate();
        let changes: Vec<_> = changes.map(|(index, felt)| (stops, index, *felt)).collect();
        forced.set(&changes);
        let after = forced.leaf_after(CONDITIONALS)[2];
        assert_eq!(after, felt(u64::from(is_crossed)), "{felts:?}");
    }
}

#[test]
fn what_takes_risk_waits_for_triggers() {
    let mut desk = list();
    let id = desk.rest(3, Side::Bid, 500, 1);
    desk.mark(0, 985).unwrap();
    desk.engine.seal().unwrap();
    let desk = desk.later();
    let sender = desk.sender(3);
    let calm = "registers.assert_calm";
    let fault = (Refusal::TriggerDue, calm);
    for command in [
        sender.place(order(Side::Bid, OrderType::Ioc, MARK - 50, 1)),
        sender.place_conditional(stop(Side::Ask, 900, 5)),
        sender.amend(id, 501, 1),
        sender.withdraw(1),
        sender.create_account(AccountType::Cross, 0),
        sender.transfer(4, 1),
        sender.set_leverage(0, 500_000),
    ] {
        refused(&desk, Command::User(command), NONE, fault);
    }
    refused(
        &desk,
        quote(&desk, 3, &[quoted(1, Side::Bid, 900, 5)]),
        NONE,
        fault,
    );
    refused(&desk, Command::Tick { market: 1 }, NONE, fault);
    accepted(&desk, Command::User(sender.cancel(id)));
    accepted(&desk, cancelled(&desk, 1, id_of(&desk, 1)));
    accepted(&desk, desk.request_command(deposit(ACCOUNTS, 5)));
    // Any market's bit is enough.
    let calm_desk = list();
    let good = accepted(&calm_desk, Command::User(calm_desk.sender(3).withdraw(1)));
    for bits in [1, 2, 1 << 31, u64::from(u32::MAX)] {
        let mut forced = good.clone();
        forced.set(&[(CONDITIONALS, 2, bits)]);
        forced.breaks_off("crossed", calm);
    }
    let mut desk = desk;
    desk.now_ms = desk.engine.state().funding_due_ms();
    desk.command(Command::Time).unwrap();
    desk.engine.seal().unwrap();
    refused(&desk, Command::Fund, NONE, fault);
}
