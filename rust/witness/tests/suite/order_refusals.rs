//! Orders' options that the rules refuse, forced into a batch, and advice that lies about a slid order's place.

use zkperp_engine::{Command, Options, OrderType, Refusal, SelfTrade, Side, UserCommand};
use zkperp_field::F;
use zkperp_field::PrimeCharacteristicRing;
use zkperp_schema::{self as schema, CancelScope};

use crate::attacks::{PLACE_LEVEL_SLOT, PLACE_OPENS_LEVEL, RESTING, felt, with as changed};
use crate::desk::{Desk, MARK, order};
use crate::forced::{accepted, refused, refused_upon};
use crate::order_options::{reducing, sliding, with};
use crate::refusals::{NONE, account, bids, gtt, named, place, position};

const PRICE_MAX: usize = 4;
const LOTS_MIN: usize = 7;

/// Account 1 is long 20 lots against account 2, which bids for 10 at 1,001.
fn with_positions() -> Desk {
    let mut desk = Desk::sealed();
    desk.rest(1, Side::Bid, MARK, 20);
    desk.rest(2, Side::Ask, MARK, 20);
    desk.rest(2, Side::Bid, MARK + 1, 10);
    desk.engine.seal().unwrap();
    desk
}

fn user(command: UserCommand) -> Command {
    Command::User(command)
}

#[test]
fn a_reduce_only_order_needs_something_to_reduce() {
    let desk = with_positions();
    let fault = (Refusal::WouldNotReduce, "placement.assert_placement");
    for (sender, side) in [
        (1, Side::Bid),
        (2, Side::Ask),
        (3, Side::Bid),
        (3, Side::Ask),
    ] {
        let price = if side == Side::Bid { MARK - 9 } else { MARK };
        for order_type in [OrderType::Gtt, OrderType::Ioc, OrderType::Fok] {
            let only = reducing(side, order_type, price, 5);
            let command = user(desk.sender(sender).place(only));
            refused(&desk, command, bids(), fault);
        }
    }
    accepted(
        &desk,
        place(&desk, reducing(Side::Ask, OrderType::Gtt, MARK, 500)),
    );
    // Amended when the position has gone.
    let mut desk = with_positions();
    let resting = desk.place(1, reducing(Side::Ask, OrderType::Gtt, MARK + 9, 5));
    desk.place(1, order(Side::Ask, OrderType::Ioc, MARK, 10))
        .unwrap();
    desk.rest(4, Side::Bid, MARK, 10);
    desk.place(1, order(Side::Ask, OrderType::Ioc, MARK, 10))
        .unwrap();
    desk.engine.seal().unwrap();
    let amend = user(desk.sender(1).amend(resting.unwrap().0[1], MARK + 8, 5));
    refused(&desk, amend, named(2), fault);
}

#[test]
fn fill_or_kill_is_all_or_nothing() {
    let mut desk = Desk::sealed();
    desk.rest(2, Side::Ask, MARK + 1, 10);
    desk.rest(1, Side::Ask, MARK + 1, 10);
    desk.rest(2, Side::Ask, MARK + 2, 10);
    desk.engine.seal().unwrap();
    let fault = (Refusal::NotFilled, "l2_place.l2_place");
    let fok = |price, lots, stp| {
        let options = Options {
            stp,
            ..Options::NONE
        };
        let fok = order(Side::Bid, OrderType::Fok, price, lots);
        place(&desk, with(options, fok))
    };
    let own = SelfTrade::CancelMaker;
    // Too little at the limit, in all, and nothing at all.
    refused(&desk, fok(MARK + 1, 11, own), NONE, fault);
    refused(&desk, fok(MARK + 2, 21, own), NONE, fault);
    refused(&desk, fok(MARK, 1, own), NONE, fault);
    // Its own orders fill nothing, also where they take off its lots.
    for stp in [
        SelfTrade::CancelTaker,
        SelfTrade::CancelBoth,
        SelfTrade::Decrement,
    ] {
        refused(&desk, fok(MARK + 2, 12, stp), NONE, fault);
        accepted(&desk, fok(MARK + 2, 10, stp));
    }
    accepted(&desk, fok(MARK + 2, 20, own));
}

#[test]
fn a_slid_order_has_one_price_and_one_place() {
    let mut desk = Desk::sealed();
    desk.rest(2, Side::Bid, MARK + 3, 10);
    for price in [MARK + 5, MARK + 6] {
        desk.rest(3, Side::Ask, price, 10);
    }
    desk.engine.seal().unwrap();
    let slide = place(&desk, sliding(Side::Ask, MARK, 10));
    let good = accepted(&desk, slide);
    assert_eq!(good.advice[PLACE_OPENS_LEVEL], F::ONE);
    // Levels are 128, the bid's, 129 and 130; heads 0 and 2. A tick too far would be at level 129.
    for (name, opens, slot) in [
        ("a tick too far", F::ZERO, 129),
        ("two ticks too far", F::ZERO, 130),
        ("behind a worse one", F::ONE, 129),
        ("on the bid's level", F::ZERO, 128),
        ("among the bids", F::ONE, 0),
    ] {
        let changes = [(PLACE_OPENS_LEVEL, opens), (PLACE_LEVEL_SLOT, felt(slot))];
        changed(&good, &changes).breaks_off(name, RESTING);
    }
    // Above the greatest price there is none.
    let market = schema::MARKET_BASE;
    let taken = (Refusal::WouldTake, "loop.slid_price");
    let ceiling = [(market, PRICE_MAX, MARK + 3)];
    let slide = || place(&desk, sliding(Side::Ask, MARK, 10));
    refused_upon(&desk, &ceiling, slide(), bids(), taken);
    let mut room = good;
    room.set(&[(market, PRICE_MAX, MARK + 4)]);
    room.run().unwrap();
}

/// A bid's price below the least one: marks are low, so that a tick is a price.
#[test]
fn a_slid_bid_is_not_free() {
    let mut desk = Desk::bare();
    for account in 1..=2 {
        let funds = crate::desk::FUNDS;
        desk.request(crate::desk::deposit(account, funds)).unwrap();
    }
    desk.mark(0, 2).unwrap();
    desk.rest(2, Side::Ask, 1, 10);
    desk.engine.seal().unwrap();
    let slide = place(&desk, sliding(Side::Bid, 2, 10));
    refused(
        &desk,
        slide,
        bids(),
        (Refusal::WouldTake, "loop.slid_price"),
    );
}

#[test]
fn orders_are_not_too_small() {
    let desk = with_positions();
    let least = [(schema::MARKET_BASE, LOTS_MIN, 10)];
    let few = (Refusal::BadLots, "matching.enter.enter_order");
    refused_upon(&desk, &least, place(&desk, gtt(MARK - 5, 9)), bids(), few);
    let ioc = order(Side::Bid, OrderType::Ioc, MARK - 5, 9);
    refused_upon(&desk, &least, place(&desk, ioc), NONE, few);
    for order in [
        gtt(MARK - 5, 10),
        reducing(Side::Ask, OrderType::Gtt, MARK + 9, 1),
    ] {
        let mut enough = accepted(&desk, place(&desk, order));
        enough.set(&least);
        enough.run().unwrap();
    }
    refused(
        &desk,
        place(&desk, reducing(Side::Ask, OrderType::Gtt, MARK + 9, 0)),
        bids(),
        few,
    );
    // In its place and anew.
    let mut desk = with_positions();
    let id = desk.rest(1, Side::Bid, MARK - 5, 20);
    desk.engine.seal().unwrap();
    let slot = named(2);
    let amend = |price, lots| user(desk.sender(1).amend(id, price, lots));
    let in_place = (Refusal::BadLots, "l2_amend.assert_enough");
    refused_upon(&desk, &least, amend(MARK - 5, 9), slot.clone(), in_place);
    refused_upon(&desk, &least, amend(MARK - 6, 9), slot, few);
}

#[test]
fn a_dead_order_is_not_amended() {
    let mut desk = Desk::sealed();
    let id = desk.rest(1, Side::Bid, MARK - 5, 10);
    desk.engine.seal().unwrap();
    let dead = (Refusal::OrderExpired, "l2_amend.change_order");
    let amended = |desk: &Desk| {
        for (price, lots) in [(MARK - 5, 5), (MARK - 5, 20), (MARK - 6, 10)] {
            let amend = user(desk.sender(1).amend(id, price, lots));
            refused(desk, amend, named(1), dead);
        }
    };
    for scope in [CancelScope::Account, CancelScope::Market] {
        let mut desk = desk.clone();
        let clear = desk.sender(1).cancel_all(scope, 0);
        desk.user(clear).unwrap();
        desk.engine.seal().unwrap();
        amended(&desk);
    }
    let deadline = desk.sender(1).set_deadline(desk.now_ms + 5);
    desk.user(deadline).unwrap();
    desk.engine.seal().unwrap();
    desk.now_ms += 4;
    accepted(&desk, user(desk.sender(1).amend(id, MARK - 5, 5)));
    desk.now_ms += 1;
    amended(&desk);
}

/// The state says who is alive, to the millisecond and the id; what the taker then has is its leaf's.
#[test]
fn the_state_alone_says_which_maker_is_dead() {
    let mut desk = Desk::sealed();
    desk.rest(2, Side::Ask, MARK, 10);
    desk.engine.seal().unwrap();
    let id = 1;
    let take = accepted(
        &desk,
        place(&desk, order(Side::Bid, OrderType::Ioc, MARK, 10)),
    );
    let orders = |open, cleared| open + schema::ORDERS_CLEARED_SHIFT * cleared;
    let (now, maker) = (desk.now_ms, account(2));
    for (changes, filled) in [
        ((maker, 5, id), 10),
        ((maker, 5, id + 1), 0),
        ((maker, 6, now + 1), 10),
        ((maker, 6, now), 0),
        ((maker, 6, 1), 0),
        ((position(2), 1, orders(1, id)), 10),
        ((position(2), 1, orders(0, id + 1)), 0),
        ((position(2), 1, orders(256, id)), 10),
        ((schema::ORDER_BASE + 1, 6, now), 0),
        ((schema::ORDER_BASE + 1, 6, now + 1), 10),
        // Reduce-only: account 2 has nothing to reduce.
        ((schema::ORDER_BASE + 1, 7, schema::FLAG_REDUCE_ONLY), 0),
        ((schema::ORDER_BASE + 1, 7, schema::FLAG_POST_ONLY), 10),
        ((schema::ORDER_BASE + 1, 7, 3 + (9 << 8)), 10),
    ] {
        let mut take = take.clone();
        take.set(&[changes]);
        assert_eq!(take.leaf_after(position(1))[0], felt(filled), "{changes:?}");
        // The order has gone either way, and counts no more, if it did.
        let before = if changes.0 == position(2) {
            changes.2
        } else {
            1
        };
        let counted = u64::from(before % schema::ORDERS_CLEARED_SHIFT != 0);
        assert_eq!(take.leaf_after(position(2))[1], felt(before - counted));
    }
}

#[test]
fn an_own_order_is_the_masters() {
    let mut desk = Desk::sealed();
    desk.rest(2, Side::Ask, MARK, 10);
    desk.engine.seal().unwrap();
    let options = Options {
        stp: SelfTrade::CancelTaker,
        stp_owner: true,
        ..Options::NONE
    };
    let ioc = order(Side::Bid, OrderType::Ioc, MARK, 10);
    let take = accepted(&desk, place(&desk, with(options, ioc)));
    let master = |of: u64, is: u64| (account(of), 4, is);
    for (masters, filled) in [
        (vec![], 10),
        (vec![master(2, 1)], 0),
        (vec![master(1, 2)], 0),
        (vec![master(1, 7), master(2, 7)], 0),
        (vec![master(1, 7), master(2, 8)], 10),
    ] {
        let mut take = take.clone();
        take.set(&masters);
        assert_eq!(take.leaf_after(position(1))[0], felt(filled), "{masters:?}");
    }
}

/// 256 orders of what counts: those from the position's `cleared` on, or none where the account's is above.
#[test]
fn cleared_orders_leave_room() {
    let desk = Desk::sealed();
    let good = accepted(&desk, place(&desk, gtt(MARK - 5, 10)));
    let most = schema::OPEN_ORDERS_MAX;
    let orders = |open, cleared| open + schema::ORDERS_CLEARED_SHIFT * cleared;
    for (packed, cleared, after) in [
        (orders(most - 1, 0), 0, Some(orders(most, 0))),
        (orders(most - 1, 1), 0, Some(orders(most, 1))),
        (orders(most, 0), 1, Some(orders(1, 1))),
        (orders(most, 0), 0, None),
        (orders(most, 1), 0, None),
        (orders(most, 1), 1, None),
    ] {
        let mut place = good.clone();
        place.set(&[(position(1), 1, packed), (account(1), 5, cleared)]);
        match after {
            Some(after) => assert_eq!(place.leaf_after(position(1))[1], felt(after)),
            None => place.breaks_off("too many orders", "resting.assert_room"),
        }
    }
}
