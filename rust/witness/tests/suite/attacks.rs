//! Advice that lies (soundness § 8): where the prover names a slot, a step or a witness, any other
//! name than the right one has no run.
//!
//! Books, positions and prices are not named at all: levels, makers, positions and their marks are read
//! from addresses that the program computes, so a worse maker, a position left out of the margin, a
//! bit cleared too early or an older price cannot even be said. `margin_reads_every_set_bit` below
//! holds that to a state where it would pay.

use zkperp_engine::{AccountType, Advice, Command, OrderType, Side};
use zkperp_field::{F, PrimeCharacteristicRing};
use zkperp_schema as schema;

use crate::desk::{Desk, MARK, deposit, order};
use crate::forced::{Forced, accepted};

/// Felts of the advice records (circuits/transactions).
pub(crate) const DELTA_MS: usize = 1;
const NONCE_STEP: usize = 4;
pub(crate) const PLACE_OPENS_LEVEL: usize = 14;
pub(crate) const PLACE_LEVEL_SLOT: usize = 15;
const CANCEL_ORDER_SLOT: usize = 7;
const DEPOSIT_ROOT: usize = 14;

pub(crate) const RESTING: &str = "matching.resting.rest_order";

pub(crate) fn with(forced: &Forced, changes: &[(usize, F)]) -> Forced {
    let mut forced = forced.clone();
    for &(index, value) in changes {
        forced.advice[index] = value;
    }
    forced
}

pub(crate) fn felt(value: u64) -> F {
    F::from_u64(value)
}

/// Bids at 990 and 980 in market 0, an ask there, and a bid in market 1; then a freed level.
fn book() -> Desk {
    let mut desk = Desk::sealed();
    desk.rest(1, Side::Bid, 990, 10);
    desk.rest(2, Side::Bid, 980, 10);
    desk.rest(3, Side::Ask, 1_020, 10);
    let mut elsewhere = order(Side::Bid, OrderType::Gtt, 990, 10);
    elsewhere.market = 1;
    desk.place(4, elsewhere).unwrap();
    let id = desk.rest(2, Side::Bid, 970, 10);
    desk.user(desk.sender(2).cancel(id)).unwrap();
    desk.engine.seal().unwrap();
    desk
}

/// Slots that `book` gives: levels from 128 on in the order they were opened.
const BID_990: u64 = 128;
const BID_980: u64 = 129;
const ASK_1020: u64 = 130;
const OTHER_MARKET: u64 = 131;
const FREED: u64 = 132;
const BID_HEAD: u64 = 0;
const BID_TAIL: u64 = 1;
const ASK_HEAD: u64 = 2;

#[test]
fn a_new_level_fits_between_its_two_neighbours_only() {
    let desk = book();
    let bid = Command::User(
        desk.sender(1)
            .place(order(Side::Bid, OrderType::Gtt, 985, 10)),
    );
    let good = accepted(&desk, bid);
    assert_eq!(good.advice[PLACE_OPENS_LEVEL], F::ONE);
    assert_eq!(good.advice[PLACE_LEVEL_SLOT], felt(BID_990));
    for (name, slot) in [
        ("too good a neighbour", BID_HEAD),
        ("too bad a neighbour", BID_980),
        ("the tail", BID_TAIL),
        ("the other side's head", ASK_HEAD),
        ("a level of the other side", ASK_1020),
        ("a level of another market", OTHER_MARKET),
        ("a freed slot", FREED),
        ("a slot never used", FREED + 1),
    ] {
        let forced = with(&good, &[(PLACE_LEVEL_SLOT, felt(slot))]);
        forced.breaks_off(name, RESTING);
    }
}

#[test]
fn a_slot_is_an_index_of_its_region() {
    let desk = book();
    let bid = Command::User(
        desk.sender(1)
            .place(order(Side::Bid, OrderType::Gtt, 985, 10)),
    );
    let good = accepted(&desk, bid);
    let slots = schema::LEVEL_SLOTS_MAX;
    for slot in [felt(slots), felt(1 << 32), -F::ONE, felt(1 << 62)] {
        with(&good, &[(PLACE_LEVEL_SLOT, slot)]).breaks_off("level slot", RESTING);
    }
    let cancel = accepted(&desk, Command::User(desk.sender(1).cancel(1)));
    for slot in [
        felt(schema::ORDER_SLOTS_MAX),
        felt(1 << 32),
        -F::ONE,
        felt(1 << 62),
    ] {
        let forced = with(&cancel, &[(CANCEL_ORDER_SLOT, slot)]);
        forced.breaks_off("order slot", "l2_cancel.l2_cancel");
    }
}

#[test]
fn a_price_has_one_level() {
    let desk = book();
    let bid = Command::User(
        desk.sender(3)
            .place(order(Side::Bid, OrderType::Gtt, 980, 10)),
    );
    let good = accepted(&desk, bid);
    assert_eq!(good.advice[PLACE_OPENS_LEVEL], F::ZERO);
    assert_eq!(good.advice[PLACE_LEVEL_SLOT], felt(BID_980));
    for (name, opens, slot) in [
        ("a second level before the first", F::ONE, BID_990),
        ("a second level behind the first", F::ONE, BID_980),
        ("a level of another price", F::ZERO, BID_990),
        ("a level of the other side", F::ZERO, ASK_1020),
        ("the head as a level", F::ZERO, BID_HEAD),
        ("the tail as a level", F::ZERO, BID_TAIL),
        ("a freed slot as a level", F::ZERO, FREED),
    ] {
        let changes = [(PLACE_OPENS_LEVEL, opens), (PLACE_LEVEL_SLOT, felt(slot))];
        with(&good, &changes).breaks_off(name, RESTING);
    }
    // The same key, but in another market.
    let bid = Command::User(
        desk.sender(3)
            .place(order(Side::Bid, OrderType::Gtt, 990, 10)),
    );
    let good = accepted(&desk, bid);
    let forced = with(&good, &[(PLACE_LEVEL_SLOT, felt(OTHER_MARKET))]);
    forced.breaks_off("the same price of another market", RESTING);
}

#[test]
fn an_order_is_cancelled_by_its_id_once() {
    let mut desk = book();
    let cancelling = "l2_cancel.l2_cancel";
    let good = accepted(&desk, Command::User(desk.sender(1).cancel(1)));
    with(&good, &[(CANCEL_ORDER_SLOT, felt(2))]).breaks_off("another's order", cancelling);
    with(&good, &[(CANCEL_ORDER_SLOT, felt(5))]).breaks_off("a freed slot", cancelling);

    // Twice in one batch: the slot is free the second time.
    let first = desk.envelope(Command::User(desk.sender(1).cancel(1)));
    let mut sender = desk.sender(1);
    sender.nonce += 1;
    let second = desk.envelope(Command::User(sender.cancel(1)));
    let advice = Advice {
        named_order: Some(1),
        ..Advice::default()
    };
    let twice = Forced::new(
        &desk,
        &[
            (first.clone(), advice.clone()),
            (second.clone(), advice.clone()),
        ],
        0,
    );
    twice.breaks_off("double free", cancelling);

    // The slot is used again by the same account: the old message does not name the new order.
    desk.user(desk.sender(1).cancel(1)).unwrap();
    desk.rest(1, Side::Bid, 990, 10);
    desk.engine.seal().unwrap();
    let stale = desk.envelope(Command::User(desk.sender(1).cancel(1)));
    let reused = Forced::new(&desk, &[(stale, advice)], 0);
    reused.breaks_off("a reused slot", cancelling);
}

#[test]
fn steps_do_not_wrap() {
    let desk = book();
    let bid = Command::User(
        desk.sender(1)
            .place(order(Side::Bid, OrderType::Gtt, 985, 10)),
    );
    let good = accepted(&desk, bid);
    for value in [-F::ONE, felt(4096), felt(1 << 62), felt(1 << 63)] {
        let forced = with(&good, &[(DELTA_MS, value)]);
        forced.breaks_off("time step", "admission.admit");
    }
    for value in [F::ZERO, -F::ONE, felt(16_384), felt(1 << 62)] {
        with(&good, &[(NONCE_STEP, value)]).breaks_off("nonce step", "admission.admit");
    }
}

/// Every felt of the advice, one at a time: whoever changes it has no run, but for a later time, which
/// is the sequencer's to choose, and for felts that have no say in what is run.
#[test]
fn a_changed_felt_of_signed_advice_has_no_run() {
    let mut desk = book();
    let create = desk.sender(1).create_account(AccountType::Cross, 0);
    desk.user(create).unwrap();
    desk.engine.seal().unwrap();
    let sub_account = schema::SUB_ACCOUNT_FIRST as u32 + 1;
    // Each command with the felts that have no say: that a level is opened may be said by any felt
    // but 0, and an amendment in its place goes nowhere else.
    let commands: [(Command, &[usize]); 8] = [
        (
            Command::User(
                desk.sender(1)
                    .place(order(Side::Bid, OrderType::Gtt, 985, 10)),
            ),
            &[PLACE_OPENS_LEVEL],
        ),
        (Command::User(desk.sender(1).cancel(1)), &[]),
        (Command::User(desk.sender(1).amend(1, 990, 5)), &[10, 11]),
        (Command::User(desk.sender(1).withdraw(5)), &[]),
        (Command::User(desk.sender(1).burn_nonce()), &[]),
        (
            Command::User(desk.sender(1).create_account(AccountType::Isolated, 1)),
            &[],
        ),
        (Command::User(desk.sender(1).transfer(sub_account, 5)), &[]),
        (Command::User(desk.sender(1).set_leverage(1, 300_000)), &[]),
    ];
    for (command, silent) in commands {
        let good = accepted(&desk, command);
        for index in 0..good.advice.len() {
            for value in [good.advice[index] + F::ONE, -F::ONE, felt(1 << 62)] {
                let may_run = silent.contains(&index) || (index == DELTA_MS && value == F::ONE);
                let runs = with(&good, &[(index, value)]).run().is_ok();
                assert_eq!(
                    runs, may_run,
                    "kind {}: felt {index} = {value}",
                    good.advice[0]
                );
            }
        }
    }
}

/// The same of an oracle's report; a later time is another lag, which it did not sign.
#[test]
fn a_changed_felt_of_a_report_has_no_run() {
    let mut desk = book();
    desk.now_ms += 1;
    let good = accepted(&desk, desk.report_command(2, &[(0, 1_001), (1, 1_002)]));
    assert_eq!(good.advice.len(), 9);
    for index in 0..good.advice.len() {
        for value in [good.advice[index] + F::ONE, -F::ONE, felt(1 << 62)] {
            let forced = with(&good, &[(index, value)]);
            assert!(forced.run().is_err(), "felt {index} = {value}");
        }
    }
}

#[test]
fn counts_are_those_of_the_words() {
    let desk = book();
    let good = accepted(&desk, desk.request_command(deposit(1, 5)));
    for name in [
        "requests_count",
        "withdrawals_count",
        "commands_count",
        "command_words",
    ] {
        for change in [F::ONE, -F::ONE] {
            let mut forced = good.clone();
            *forced.named.get_mut(name).unwrap() += change;
            assert!(forced.run().is_err(), "{name}");
        }
    }
}

#[test]
fn a_key_is_valid_or_not_by_proof() {
    let desk = book();
    let mut words = deposit(1, 5);
    let valid = accepted(&desk, desk.request_command(words));
    let place = "lib.key_encoding.is_key_encoding";
    with(&valid, &[(DEPOSIT_ROOT, F::ONE)]).breaks_off("denied key", place);
    words[7] += 1;
    while desk.clone().request(words).unwrap().0[0] == 0 {
        words[7] += 1;
    }
    let bad = accepted(&desk, desk.request_command(words));
    let swapped: Vec<(usize, F)> = (DEPOSIT_ROOT..DEPOSIT_ROOT + 5)
        .map(|index| (index, valid.advice[index]))
        .collect();
    with(&bad, &swapped).breaks_off("another key's root", place);
}

/// A withdrawal that the other market's position forbids; the state forbids it, not the advice.
#[test]
fn margin_reads_every_set_bit() {
    let mut desk = Desk::sealed();
    for (account, side) in [(1, Side::Ask), (2, Side::Bid)] {
        let mut order = order(side, OrderType::Gtt, MARK, 1_000);
        order.market = 1;
        desk.place(account, order).unwrap();
    }
    desk.engine.seal().unwrap();
    let advice = Advice::default();
    // Margin of the position: 1,000 * 1,000 * 3 * 10 %.
    let withdraw = desk.envelope(Command::User(desk.sender(2).withdraw(800_000)));
    let forced = Forced::new(&desk, &[(withdraw, advice)], 1);
    forced.breaks_off("a position left out", "l2_withdraw.l2_withdraw");
}
