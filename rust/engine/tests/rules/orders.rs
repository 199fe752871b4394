//! `place`, `cancel` and `amend`: checks, queue positions and what the book looks like after.

use zkperp_engine::{Advice, Event, LevelAdvice, OrderType, Place, Refusal, Rested, Side, address};

use crate::desk::{Desk, FUNDS, MARK, gtt, taking};

#[test]
fn each_check_of_place_has_its_code() {
    let mut desk = Desk::open();
    let good = gtt(Side::Bid, MARK, 10);
    let now = desk.now_ms;
    let mut is = |order: Place, refusal| {
        assert_eq!(desk.place(1, order), Err(refusal), "{order:?}");
    };
    is(Place { market: 2, ..good }, Refusal::UnknownMarket);
    is(
        Place {
            price_ticks: 0,
            ..good
        },
        Refusal::BadPrice,
    );
    is(
        Place {
            price_ticks: 1 << 24,
            ..good
        },
        Refusal::BadPrice,
    );
    is(Place { lots: 0, ..good }, Refusal::BadLots);
    is(
        Place {
            lots: (1 << 28) + 1,
            ..good
        },
        Refusal::BadLots,
    );
    is(
        Place {
            expiry_ms: now,
            ..good
        },
        Refusal::BadExpiry,
    );
    is(
        Place {
            expiry_ms: 0,
            order_type: OrderType::PostOnly,
            ..good
        },
        Refusal::BadExpiry,
    );
    for order_type in [OrderType::Ioc, OrderType::Market] {
        is(Place { order_type, ..good }, Refusal::BadExpiry);
    }
    is(
        Place {
            lots: 1 << 28,
            ..good
        },
        Refusal::InitialMargin,
    );
    is(
        Place {
            lots: 1 << 20,
            ..good
        },
        Refusal::InitialMargin,
    );
}

#[test]
fn no_order_before_there_is_a_price() {
    let mut desk = Desk::bare();
    desk.request(crate::desk::deposit(1, FUNDS)).unwrap();
    assert_eq!(
        desk.place(1, gtt(Side::Bid, MARK, 1)),
        Err(Refusal::NoPrice)
    );
    desk.mark(1, MARK);
    assert_eq!(
        desk.place(1, gtt(Side::Bid, MARK, 1)),
        Err(Refusal::NoPrice)
    );
}

#[test]
fn at_most_256_orders_of_an_account_rest_in_a_market() {
    let mut desk = Desk::open();
    let mut last = 0;
    for price in 0..256 {
        last = desk.placed(1, gtt(Side::Bid, MARK - price, 1))[0];
    }
    let one_more = gtt(Side::Bid, MARK - 300, 1);
    assert_eq!(desk.place(1, one_more), Err(Refusal::TooManyOrders));
    let post_only = Place {
        order_type: OrderType::PostOnly,
        ..one_more
    };
    assert_eq!(desk.place(1, post_only), Err(Refusal::TooManyOrders));
    // Orders that never rest, other markets and other accounts are not concerned.
    desk.placed(1, taking(OrderType::Ioc, Side::Bid, MARK, 1));
    desk.placed(
        1,
        Place {
            market: 1,
            ..one_more
        },
    );
    desk.placed(2, one_more);
    // An amendment does not add one.
    desk.amend(1, last, MARK - 500, 1).unwrap();
    desk.cancel(1, last).unwrap();
    desk.placed(1, one_more);
}

#[test]
fn the_last_order_id_is_never_given() {
    let mut desk = Desk::open();
    let last = (1 << 48) - 1;
    let mut clock = desk.state.leaf(address::CLOCK);
    clock[2] = last - 1;
    let mut desk = desk.with_leaves(&[(address::CLOCK, clock)]);
    let [id, ..] = desk.placed(1, gtt(Side::Bid, MARK, 1));
    assert_eq!(id, last - 1);
    assert_eq!(
        desk.place(1, gtt(Side::Bid, MARK, 1)),
        Err(Refusal::OrderIdsUsedUp)
    );
    desk.amend(1, id, MARK - 1, 2).unwrap();
    desk.cancel(1, id).unwrap();
}

#[test]
fn the_placement_rule_counts_the_order_as_filled_at_its_limit() {
    // 1000 lots at 600,000: notional 600 USDC, margin 60, fee 0.3.
    let cost = 60_000_000 + 300_000;
    let mut desk = Desk::open();
    desk.withdraw(1, FUNDS - cost).unwrap();
    let order = gtt(Side::Bid, MARK, 1000);
    desk.placed(1, order);
    desk.withdraw(1, 1).unwrap();
    assert_eq!(desk.place(1, order), Err(Refusal::InitialMargin));
    // A bid above the mark loses the difference, an ask above it wins it.
    assert_eq!(
        desk.place(1, gtt(Side::Bid, MARK + 1000, 990)),
        Err(Refusal::InitialMargin)
    );
    desk.placed(1, gtt(Side::Bid, MARK, 990));
    desk.placed(1, gtt(Side::Ask, MARK + 1000, 1000));
}

#[test]
fn an_order_that_only_reduces_needs_no_margin_and_one_lot_more_does() {
    let mut desk = Desk::open();
    desk.placed(2, gtt(Side::Ask, MARK, 1000));
    desk.placed(1, gtt(Side::Bid, MARK, 1000));
    let free = FUNDS - 300_000 - 60_000_000;
    desk.withdraw(1, free).unwrap();
    desk.mark(0, MARK - 20_000);
    desk.placed(1, gtt(Side::Ask, MARK, 1000));
    assert_eq!(
        desk.place(1, gtt(Side::Ask, MARK - 100_000, 3000)),
        Err(Refusal::InitialMargin)
    );
    assert_eq!(
        desk.place(1, gtt(Side::Bid, 1, 1)),
        Err(Refusal::InitialMargin)
    );
}

#[test]
fn positions_have_a_greatest_size() {
    let mut desk = Desk::open();
    let greatest = 1 << 28;
    desk.placed(2, gtt(Side::Ask, 1, 10));
    desk.placed(1, gtt(Side::Bid, 1, 10));
    let result = desk.place(1, gtt(Side::Bid, 1, greatest - 9));
    assert_eq!(result, Err(Refusal::PositionLimit));
    desk.placed(1, gtt(Side::Bid, 1, greatest - 10));
    assert_eq!(
        desk.place(2, gtt(Side::Ask, 1, greatest - 9)),
        Err(Refusal::PositionLimit)
    );
}

#[test]
fn an_order_is_cancelled_by_its_owner_alone() {
    let mut desk = Desk::open();
    let [id, ..] = desk.placed(1, gtt(Side::Bid, MARK, 7));
    assert_eq!(desk.cancel(1, id + 1), Err(Refusal::UnknownOrder));
    assert_eq!(desk.cancel(1, 0), Err(Refusal::UnknownOrder));
    assert_eq!(desk.cancel(2, id), Err(Refusal::NotOwner));
    assert_eq!(desk.cancel(1, id).unwrap().0, [0, id, 0, 7]);
    assert_eq!(desk.removed(), [(id, 1)]);
    assert_eq!(desk.cancel(1, id), Err(Refusal::UnknownOrder));
}

#[test]
fn an_expired_order_can_be_cancelled_but_not_amended() {
    let mut desk = Desk::open();
    let expiry_ms = desk.now_ms + 10;
    let [id, ..] = desk.placed(
        1,
        Place {
            expiry_ms,
            ..gtt(Side::Bid, MARK, 7)
        },
    );
    desk.later(9);
    desk.amend(1, id, MARK, 6).unwrap();
    desk.later(1);
    assert_eq!(desk.amend(1, id, MARK, 5), Err(Refusal::OrderExpired));
    desk.cancel(1, id).unwrap();
}

#[test]
fn each_check_of_amend_has_its_code() {
    let mut desk = Desk::open();
    let [id, ..] = desk.placed(1, gtt(Side::Bid, MARK, 10));
    let mut is = |account, id, price, lots, refusal| {
        assert_eq!(desk.amend(account, id, price, lots), Err(refusal));
    };
    is(1, id + 1, MARK, 1, Refusal::UnknownOrder);
    is(2, id, MARK, 1, Refusal::NotOwner);
    is(1, id, 0, 1, Refusal::BadPrice);
    is(1, id, 1 << 24, 1, Refusal::BadPrice);
    is(1, id, MARK, 0, Refusal::BadLots);
    is(1, id, MARK, (1 << 28) + 1, Refusal::BadLots);
    is(1, id, MARK, 1 << 28, Refusal::InitialMargin);
    let post_only = Place {
        order_type: OrderType::PostOnly,
        ..gtt(Side::Ask, MARK + 5, 3)
    };
    let [ask, ..] = desk.placed(2, post_only);
    assert_eq!(desk.amend(2, ask, MARK, 3), Err(Refusal::WouldTake));
    desk.amend(2, ask, MARK + 1, 3).unwrap();
}

#[test]
fn a_smaller_size_keeps_the_place_in_the_queue_and_all_else_loses_it() {
    for (price, lots, keeps) in [
        (MARK, 9, true),
        (MARK, 10, false),
        (MARK, 11, false),
        (MARK - 1, 9, false),
        (MARK + 1, 9, false),
    ] {
        let mut desk = Desk::open();
        let [first, ..] = desk.placed(1, gtt(Side::Bid, MARK, 10));
        let [second, ..] = desk.placed(2, gtt(Side::Bid, MARK, 10));
        let outcome = desk.amend(1, first, price, lots).unwrap();
        assert_eq!(outcome.0, [0, first, 0, lots]);
        let reduced = matches!(desk.effects.events[..], [Event::OrderReduced { .. }]);
        assert_eq!(reduced, keeps);
        desk.placed(3, taking(OrderType::Ioc, Side::Ask, MARK - 1, 1));
        let best = if keeps || price > MARK { first } else { second };
        assert_eq!(desk.trades()[0].0, best, "{price} {lots}");
    }
}

#[test]
fn an_amended_order_trades_first_under_its_own_id_and_keeps_expiry_and_flags() {
    let mut desk = Desk::open();
    desk.placed(2, gtt(Side::Ask, MARK + 2, 4));
    let [id, ..] = desk.placed(1, gtt(Side::Bid, MARK, 10));
    let slot = desk.effects.advice.rested.unwrap().order;
    let before = desk.state.leaf(address::order(slot));
    let outcome = desk.amend(1, id, MARK + 2, 6).unwrap();
    assert_eq!(outcome.0, [0, id, 4, 2]);
    assert_eq!(desk.removed(), [(id, 5)]);
    assert_eq!(
        desk.trade_events()
            .map(|t| t.taker_order_id)
            .collect::<Vec<_>>(),
        [id]
    );
    let now = desk.effects.advice.rested.unwrap().order;
    let after = desk.state.leaf(address::order(now));
    assert_eq!(
        (after[0], after[5], after[6], after[7]),
        (id, 2, before[6], before[7])
    );
    assert_eq!(desk.state.next_order_id(), id + 1);
}

#[test]
fn slots_are_reused_last_freed_first_and_advice_names_them() {
    let mut desk = Desk::open();
    let ids: Vec<u64> = [0, 0, 1]
        .map(|below| desk.placed(1, gtt(Side::Bid, MARK - below, 1))[0])
        .to_vec();
    let new = |level, before, after| LevelAdvice::New {
        level,
        before,
        after,
    };
    let rested = |order, level| Rested { order, level };
    assert_eq!(
        desk.effects.advice.rested,
        Some(rested(3, new(129, 128, 1)))
    );
    desk.cancel(1, ids[0]).unwrap();
    let named = Advice {
        named_order: Some(1),
        ..Advice::default()
    };
    assert_eq!(desk.effects.advice, named);
    desk.cancel(1, ids[2]).unwrap();
    assert_eq!(desk.state.leaf(address::CLOCK)[4..], [3, 4, 129, 130]);
    assert_eq!(desk.state.leaf(address::order(3)), [0, 0, 0, 0, 1, 0, 0, 0]);
    assert_eq!(desk.state.leaf(address::level(129)), [0; 8]);
    desk.placed(1, gtt(Side::Bid, MARK, 1));
    let joined = LevelAdvice::Existing { level: 128 };
    assert_eq!(desk.effects.advice.rested, Some(rested(3, joined)));
    desk.placed(1, gtt(Side::Ask, MARK + 1, 1));
    assert_eq!(desk.effects.advice.rested, Some(rested(1, new(129, 2, 3))));
    desk.placed(1, gtt(Side::Ask, MARK + 9, 1));
    assert_eq!(
        desk.effects.advice.rested,
        Some(rested(4, new(130, 129, 3)))
    );
    desk.placed(1, gtt(Side::Ask, MARK + 5, 1));
    assert_eq!(
        desk.effects.advice.rested,
        Some(rested(5, new(131, 129, 130)))
    );
}

#[test]
fn burning_a_nonce_makes_a_refused_order_worthless() {
    let mut desk = Desk::open();
    let sender = desk.sender(1);
    let order = sender.place(Place {
        market: 5,
        ..gtt(Side::Bid, MARK, 1)
    });
    assert_eq!(desk.user(order), Err(Refusal::UnknownMarket));
    desk.user(sender.burn_nonce()).unwrap();
    let event = Event::NonceBurned {
        account: 1,
        key: 0,
        nonce: sender.nonce,
    };
    assert_eq!(desk.effects.events, [event]);
    assert_eq!(desk.user(order), Err(Refusal::NonceUsed));
}
