//! Conditional orders that fire and can't be placed, code by code: docs/spec/conditional.md § 4.

use zkperp_engine::{
    AccountType, Conditional, Event, MarketParams, OrderType, Place, Refusal, Side,
};

use crate::desk::{Desk, FUNDS, MARK, TICK_MAX_MS, gtt, market, reducing, tier, venue_of};
use crate::firing::trigger;
use crate::waiting::{buy, closing, long, stop, take_profit};

const FIRST_SUB: u32 = (1 << 31) + 1;

/// The code that an order was rejected with, as outcome and event say it.
pub(crate) fn rejected(desk: &mut Desk, id: u64) -> Refusal {
    let [code, order_id, filled, resting] = trigger(desk);
    assert_eq!((order_id, filled, resting), (id, 0, 0));
    let events = &desk.effects.events;
    assert!(matches!(
        events[events.len() - 2..],
        [
            Event::Triggered { .. },
            Event::ConditionalRejected { order_id, code: said, .. }
        ] if order_id == id && u64::from(said) == code
    ));
    assert_eq!(desk.state.waiting_order(id), None);
    assert_eq!(desk.state.resting_order(id), None);
    Refusal::from_code(code).unwrap()
}

#[test]
fn a_position_that_is_no_more_rejects_what_would_reduce_it() {
    let mut desk = long(10);
    let id = desk.waits(1, closing(stop(Side::Ask, MARK - 10, 10)));
    // Turned: a sale would make it greater.
    buy(&mut desk, 2, 1, 15);
    desk.crossing(0, MARK - 10);
    assert_eq!(rejected(&mut desk, id), Refusal::WouldNotReduce);
}

#[test]
fn an_account_with_too_many_orders_has_its_gtt_rejected_and_its_ioc_not() {
    let mut desk = long(10);
    let order = stop(Side::Ask, MARK - 10, 1);
    let resting = Conditional {
        order_type: OrderType::Gtt,
        ..order
    };
    // The room comes before what would reduce.
    let id = desk.waits(1, closing(resting));
    let ioc = desk.waits(1, order);
    (0..256).for_each(|_| {
        desk.placed(1, reducing(gtt(Side::Ask, 2 * MARK - 100, 1)));
    });
    desk.crossing(0, MARK - 10);
    assert_eq!(rejected(&mut desk, id), Refusal::TooManyOrders);
    assert_eq!(trigger(&mut desk), [0, ioc, 0, 0]);
}

#[test]
fn an_isolated_account_s_order_of_another_market_is_rejected() {
    let mut desk = Desk::open();
    let create = desk.sender(1).create_account(AccountType::Isolated, 1);
    desk.user(create).unwrap();
    let give = desk.sender(1).transfer(FIRST_SUB, 100_000_000);
    desk.user(give).unwrap();
    let id = desk.waits(FIRST_SUB, stop(Side::Bid, MARK + 1, 1 << 28));
    desk.crossing(0, MARK + 1);
    assert_eq!(rejected(&mut desk, id), Refusal::IsolatedElsewhere);
}

#[test]
fn a_position_above_the_limit_is_rejected() {
    let tight = MarketParams {
        lots_max: 100,
        tiers: vec![tier(100, 100_000)],
        ..market()
    };
    let mut desk = Desk::open_at(&venue_of(vec![tight]));
    buy(&mut desk, 1, 2, 10);
    let id = desk.waits(1, stop(Side::Bid, MARK + 1, 91));
    desk.crossing(0, MARK + 1);
    assert_eq!(rejected(&mut desk, id), Refusal::PositionLimit);
}

#[test]
fn an_overdue_market_rejects_what_takes_risk_and_not_what_reduces() {
    let mut desk = long(10);
    let other = |side| Place {
        market: 1,
        ..gtt(side, MARK, 1)
    };
    desk.placed(2, other(Side::Ask));
    desk.placed(1, other(Side::Bid));
    let id = desk.waits(1, stop(Side::Bid, MARK + 1, 1));
    let reduces = desk.waits(1, closing(take_profit(Side::Ask, MARK + 1, 0)));
    let partly = desk.waits(1, take_profit(Side::Ask, MARK + 1, 3));
    desk.later(TICK_MAX_MS + 1);
    desk.crossing(0, MARK + 1);
    assert_eq!(rejected(&mut desk, id), Refusal::TickOverdue);
    assert_eq!(trigger(&mut desk), [0, reduces, 0, 0]);
    assert_eq!(trigger(&mut desk), [0, partly, 0, 0]);
}

#[test]
fn an_order_without_margin_is_rejected() {
    let mut desk = long(10);
    // 10 % initial margin: 10,000 USDC carry 100,000.
    let id = desk.waits(1, stop(Side::Bid, MARK + 1, FUNDS / MARK * 11));
    desk.crossing(0, MARK + 1);
    assert_eq!(rejected(&mut desk, id), Refusal::InitialMargin);
}
