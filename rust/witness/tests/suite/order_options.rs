//! What orders ask for beside their type, and dead makers that they meet: engine and program agree.

use zkperp_engine::{AccountType, Command, Options, OrderType, Place, SelfTrade, Side};
use zkperp_schema::{self as schema, CancelScope};

use crate::desk::{Desk, EXPIRY_MS, MARK, order, venue};
use crate::liquidation::{exposed, falls, name, to_the_end};

/// The first sub-account, of account 1.
const SUB_ACCOUNT: u32 = schema::SUB_ACCOUNT_FIRST as u32 + 1;

const MODES: [SelfTrade; 4] = [
    SelfTrade::CancelMaker,
    SelfTrade::CancelTaker,
    SelfTrade::CancelBoth,
    SelfTrade::Decrement,
];

pub(crate) fn with(options: Options, place: Place) -> Place {
    Place { options, ..place }
}

pub(crate) fn reducing(side: Side, order_type: OrderType, price: u64, lots: u64) -> Place {
    let options = Options {
        reduce_only: true,
        ..Options::NONE
    };
    with(options, order(side, order_type, price, lots))
}

/// An order of a type that rests, which `order` gives no expiry.
pub(crate) fn sliding(side: Side, price: u64, lots: u64) -> Place {
    Place {
        expiry_ms: EXPIRY_MS,
        ..order(side, OrderType::Slide, price, lots)
    }
}

/// The command runs as a batch of its own: lots filled and resting, and its events.
fn proven(desk: &mut Desk, command: Command) -> ([u64; 2], Vec<String>) {
    desk.engine.seal().ok();
    let outcome = desk.command(command).unwrap().0;
    let proven = desk.prove();
    assert_eq!(desk.engine.state().check(), Ok(()));
    let events = &proven.batch.accepted[0].events;
    ([outcome[2], outcome[3]], events.iter().map(name).collect())
}

fn placed(desk: &mut Desk, account: u32, place: Place) -> ([u64; 2], Vec<String>) {
    let command = Command::User(desk.sender(account).place(place));
    proven(desk, command)
}

fn count(events: &[String], name: &str) -> usize {
    events.iter().filter(|event| *event == name).count()
}

/// Makers at 1,001: another's with 10 lots, then 12 of `own`, then another's with 10.
fn own_between(own: u32) -> Desk {
    let mut desk = Desk::open();
    let create = desk.sender(1).create_account(AccountType::Cross, 0);
    desk.user(create).unwrap();
    let gift = desk.sender(1).transfer(SUB_ACCOUNT, 100_000);
    desk.user(gift).unwrap();
    for (account, lots) in [(2, 10), (own, 12), (3, 10)] {
        desk.rest(account, Side::Ask, MARK + 1, lots);
    }
    desk
}

#[test]
fn an_order_meets_its_own_by_its_mode() {
    // Of 15 and 30 lots: filled, resting.
    let expected = [
        [[15, 0], [20, 10]],
        [[10, 0], [10, 0]],
        [[10, 0], [10, 0]],
        [[10, 0], [18, 0]],
    ];
    for (stp, ends) in MODES.into_iter().zip(expected) {
        for (lots, end) in [15, 30].into_iter().zip(ends) {
            let options = Options {
                stp,
                ..Options::NONE
            };
            let taking = |side| with(options, order(side, OrderType::Gtt, MARK + 1, lots));
            let (got, _) = placed(&mut own_between(1), 1, taking(Side::Bid));
            assert_eq!(got, end, "{stp:?} {lots}");

            // The sub-account's order is the owner's, if that is asked for, either way round.
            let by_owner = with(
                Options {
                    stp_owner: true,
                    ..options
                },
                taking(Side::Bid),
            );
            for (own, taker) in [(SUB_ACCOUNT, 1), (1, SUB_ACCOUNT)] {
                let (got, _) = placed(&mut own_between(own), taker, by_owner);
                assert_eq!(got, end, "{stp:?} {lots} by owner");
                let (got, _) = placed(&mut own_between(own), taker, taking(Side::Bid));
                assert_eq!(got, [lots, 0], "{stp:?} {lots} by account");
            }
        }
    }
}

#[test]
fn decrementing_may_end_an_order_and_takes_no_part_in_its_fill() {
    let options = Options {
        stp: SelfTrade::Decrement,
        ..Options::NONE
    };
    let mut desk = Desk::open();
    desk.rest(1, Side::Ask, MARK, 12);
    for (lots, removed) in [(5, 0), (7, 1)] {
        let take = with(options, order(Side::Bid, OrderType::Gtt, MARK, lots));
        let (got, events) = placed(&mut desk, 1, take);
        assert_eq!(
            (got, count(&events, "removed self_trade")),
            ([0, 0], removed)
        );
    }
    // Beyond the limit a market order's own orders take no more than its credit pays for.
    desk.rest(2, Side::Ask, MARK - 2, 3);
    desk.rest(1, Side::Ask, MARK + 3, 10);
    let take = with(options, order(Side::Bid, OrderType::Market, MARK, 9));
    let (got, _) = placed(&mut desk, 1, take);
    assert_eq!(got, [3, 0]);
}

#[test]
fn a_reduce_only_order_reduces_and_stops() {
    let mut desk = Desk::open();
    desk.rest(1, Side::Bid, MARK, 20);
    desk.rest(2, Side::Ask, MARK, 20);
    for account in [3, 4] {
        desk.rest(account, Side::Bid, MARK, 15);
    }
    // More than there is, then what there is not.
    let sale = reducing(Side::Ask, OrderType::Gtt, MARK, 50);
    let (got, events) = placed(&mut desk, 1, sale);
    assert_eq!((got, count(&events, "taker_stopped")), ([20, 0], 1));
    assert_eq!(desk.engine.state().position_lots(1, 0), 0);

    // A resting one fills as far as it reduces; without anything to reduce it goes when it is met.
    let (got, _) = placed(
        &mut desk,
        2,
        reducing(Side::Bid, OrderType::Gtt, MARK + 2, 50),
    );
    assert_eq!(got, [0, 50]);
    let (got, _) = placed(&mut desk, 5, order(Side::Ask, OrderType::Ioc, MARK + 1, 12));
    assert_eq!(got, [12, 0]);
    let (got, events) = placed(&mut desk, 5, order(Side::Ask, OrderType::Ioc, MARK, 12));
    assert_eq!((got, count(&events, "removed idle")), ([12, 0], 1));
    assert_eq!(desk.engine.state().position_lots(2, 0), 0);
    // Amended it stays what it is.
    let (got, _) = placed(
        &mut desk,
        5,
        reducing(Side::Bid, OrderType::PostOnly, MARK - 9, 9),
    );
    assert_eq!(got, [0, 9]);
    let id = desk.engine.state().next_order_id() - 1;
    for (price, lots) in [(MARK - 9, 2), (MARK - 8, 90), (MARK - 8, 1)] {
        let amend = Command::User(desk.sender(5).amend(id, price, lots));
        let (got, _) = proven(&mut desk, amend);
        assert_eq!(got, [0, lots]);
    }
    // It enters no price.
    desk.engine.seal().ok();
    desk.mark(0, MARK).unwrap();
    desk.prove();
}

#[test]
fn lots_min_is_for_orders_that_may_grow() {
    let mut venue = venue();
    venue.markets[0].lots_min = 10;
    let mut desk = Desk::of(&venue).opened();
    desk.rest(1, Side::Bid, MARK, 10);
    desk.rest(2, Side::Ask, MARK, 13);
    let (got, _) = placed(
        &mut desk,
        1,
        reducing(Side::Ask, OrderType::Gtt, MARK + 1, 1),
    );
    assert_eq!(got, [0, 1]);
    let id = desk.rest(3, Side::Bid, MARK - 9, 30);
    let amend = Command::User(desk.sender(3).amend(id, MARK - 9, 10));
    assert_eq!(proven(&mut desk, amend).0, [0, 10]);
}

#[test]
fn fill_or_kill_fills_over_levels() {
    let mut desk = Desk::open();
    for (account, price, lots) in [(2, MARK + 1, 10), (3, MARK + 2, 10), (2, MARK + 3, 10)] {
        desk.rest(account, Side::Ask, price, lots);
    }
    let fok = order(Side::Bid, OrderType::Fok, MARK + 2, 20);
    let (got, events) = placed(&mut desk, 1, fok);
    assert_eq!((got, count(&events, "trade")), ([20, 0], 2));
}

/// Bids at 1,003 and 1,002 of account 3, which are dead in each of the ways, and one of account 2 at 1,001;
/// asks alike, at 997 to 999.
fn dead_makers(way: usize) -> Desk {
    let mut desk = Desk::open();
    let dying = |desk: &mut Desk, side, price| {
        let expiry_ms = if way == 0 { desk.now_ms + 9 } else { EXPIRY_MS };
        let place = order(side, OrderType::Gtt, price, 10);
        desk.place(3, Place { expiry_ms, ..place }).unwrap();
    };
    desk.now_ms += 1;
    let side = [Side::Bid, Side::Ask][way % 2];
    let worse = |ticks: u64| match side {
        Side::Bid => MARK + ticks,
        Side::Ask => MARK - ticks,
    };
    for ticks in [3, 2, 2] {
        dying(&mut desk, side, worse(ticks));
    }
    desk.rest(2, side, worse(1), 10);
    let sender = desk.sender(3);
    let clearing = match way {
        0 => None,
        1 => Some(sender.cancel_all(CancelScope::Account, 0)),
        2 => Some(sender.cancel_all(CancelScope::Market, 0)),
        _ => Some(sender.set_deadline(desk.now_ms + 9)),
    };
    clearing.map(|command| desk.user(command).unwrap());
    // A living one of the same account; a deadline takes it, too.
    if way == 1 || way == 2 {
        desk.rest(3, side, worse(0), 10);
    }
    desk.now_ms += 9;
    desk
}

#[test]
fn dead_makers_are_met_and_never_fill() {
    for way in 0..4 {
        let taker = [Side::Ask, Side::Bid][way % 2];
        let taking = order(taker, OrderType::Gtt, MARK, 25);
        let desk = dead_makers(way);
        let (got, events) = placed(&mut desk.clone(), 4, taking);
        let living = if way == 1 || way == 2 { 20 } else { 10 };
        assert_eq!(got, [living, 25 - living], "way {way}: {events:?}");
        let reason = if way == 0 { "expired" } else { "cleared" };
        assert_eq!(count(&events, &format!("removed {reason}")), 3);

        // One tick behind the first living one, in front of which the dead are cleared away.
        let (got, events) = placed(&mut desk.clone(), 4, sliding(taker, MARK, 7));
        assert_eq!((got, count(&events, "order_rested")), ([0, 7], 1));
        let (_, events) = proven(&mut desk.clone(), Command::Tick { market: 0 });
        assert!(!events.is_empty());
        let id = desk.engine.state().next_order_id();
        let mut slid = desk;
        placed(&mut slid, 4, sliding(taker, MARK, 7));
        // Amended it slides again.
        for lots in [9, 4] {
            let amend = Command::User(slid.sender(4).amend(id, MARK, lots));
            assert_eq!(proven(&mut slid, amend).0, [0, lots]);
        }
    }
}

#[test]
fn an_order_dies_at_its_moment_and_by_its_id() {
    let mut desk = Desk::open();
    desk.rest(3, Side::Ask, MARK, 5);
    let deadline = desk.sender(3).set_deadline(desk.now_ms + 9);
    desk.user(deadline).unwrap();
    for (late, filled) in [(8, 5), (9, 0), (10, 0)] {
        let mut desk = desk.clone();
        desk.now_ms += late;
        let (got, _) = placed(&mut desk, 4, order(Side::Bid, OrderType::Ioc, MARK, 5));
        assert_eq!(got, [filled, 0], "after {late} ms");
    }
    // The last id before and the first one after: cleared is the next id.
    for scope in [CancelScope::Account, CancelScope::Market] {
        let mut desk = Desk::open();
        desk.rest(3, Side::Ask, MARK, 5);
        let clear = desk.sender(3).cancel_all(scope, 0);
        desk.user(clear).unwrap();
        desk.rest(3, Side::Ask, MARK, 6);
        let (got, events) = placed(&mut desk, 4, order(Side::Bid, OrderType::Ioc, MARK, 11));
        assert_eq!((got, count(&events, "removed cleared")), ([6, 0], 1));
    }
}

#[test]
fn a_due_account_meets_dead_and_reduce_only_makers() {
    let mut desk = exposed();
    // Account 4 is short 5 lots.
    desk.rest(3, Side::Bid, MARK, 5);
    desk.rest(4, Side::Ask, MARK, 5);
    desk.rest(5, Side::Bid, MARK - 121, 100);
    let clear = desk.sender(5).cancel_all(CancelScope::Account, 0);
    desk.user(clear).unwrap();
    let only = reducing(Side::Bid, OrderType::Gtt, MARK - 122, 50);
    desk.place(4, only).unwrap();
    desk.rest(3, Side::Bid, MARK - 125, 2_000);
    let (desk, seen) = to_the_end(falls(desk, 120));
    for event in ["removed cleared", "removed idle", "liquidation"] {
        assert!(seen.contains(event), "{event}: {seen:?}");
    }
    assert_eq!(desk.engine.state().position_lots(4, 0), 0);
}
