//! Orders that their owners cleared, fell silent over, or that would not reduce: docs/spec/orders.md
//! § 3.

use zkperp_engine::{CancelScope, Event, OrderType, Refusal, Side, address};

use crate::desk::{Desk, MARK, gtt, market, reducing, taking, venue_of};
use crate::liquidation::{leveraged, step};

const IOC: OrderType = OrderType::Ioc;
const CLEARED: u8 = 7;
const IDLE: u8 = 8;

/// `cleared` and `deadline_ms` of an account.
fn terms(desk: &mut Desk, account: u32) -> [u64; 2] {
    let leaf = desk.state.leaf(address::account(account));
    [leaf[5], leaf[6]]
}

/// Open orders and `cleared` of an account in market 0.
fn counted(desk: &mut Desk, account: u32) -> (u64, u64) {
    let orders = desk.state.leaf(address::position(account, 0))[1];
    (orders % 512, orders / 512)
}

#[test]
fn all_orders_of_an_account_die_by_one_command_and_go_when_they_are_met() {
    let mut desk = Desk::open();
    let [first, ..] = desk.placed(1, gtt(Side::Ask, MARK, 5));
    let [second, ..] = desk.placed(1, gtt(Side::Ask, MARK, 5));
    let [other, ..] = desk.placed(2, gtt(Side::Ask, MARK + 1, 5));
    let outcome = desk.cancel_all(1, None).unwrap();
    assert_eq!(outcome.0, [0, other + 1, 0, 0]);
    let event = Event::OrdersCleared {
        account: 1,
        market: None,
        below: other + 1,
    };
    assert_eq!(desk.effects.events, [event]);
    assert_eq!(terms(&mut desk, 1), [other + 1, 0]);
    // The count is brought up to date when the next order rests.
    assert_eq!(counted(&mut desk, 1), (2, 0));
    assert_eq!(desk.state.best_price(0, Side::Ask), Some(MARK));
    assert_eq!(desk.state.best_living_price(0, Side::Ask), Some(MARK + 1));
    assert_eq!(desk.state.account(1).unwrap().orders, []);
    desk.placed(3, taking(IOC, Side::Bid, MARK + 1, 5));
    assert_eq!(desk.removed(), [(first, CLEARED), (second, CLEARED)]);
    assert_eq!(desk.trades(), [(other, MARK + 1, 5)]);
    desk.placed(1, gtt(Side::Ask, MARK, 5));
    assert_eq!(counted(&mut desk, 1), (1, other + 1));
    let [_, filled, _] = desk.placed(3, taking(IOC, Side::Bid, MARK, 5));
    assert_eq!((filled, counted(&mut desk, 1)), (5, (0, other + 1)));
}

#[test]
fn orders_of_one_market_die_and_those_of_another_live() {
    let mut desk = Desk::open();
    let elsewhere = zkperp_engine::Place {
        market: 1,
        ..gtt(Side::Ask, MARK, 5)
    };
    let [here, ..] = desk.placed(1, gtt(Side::Ask, MARK, 5));
    let [there, ..] = desk.placed(1, elsewhere);
    assert_eq!(desk.cancel_all(1, Some(0)).unwrap().0, [0, there + 1, 0, 0]);
    let event = Event::OrdersCleared {
        account: 1,
        market: Some(0),
        below: there + 1,
    };
    assert_eq!(desk.effects.events, [event]);
    assert_eq!(counted(&mut desk, 1), (0, there + 1));
    let orders = desk.state.account(1).unwrap().orders;
    assert_eq!(orders.len(), 1);
    assert_eq!(orders[0].order_id, there);
    // A dead order may be cancelled; it was not counted.
    desk.cancel(1, here).unwrap();
    assert_eq!(counted(&mut desk, 1), (0, there + 1));
}

#[test]
fn each_check_of_cancel_all_has_its_code() {
    let mut desk = Desk::open();
    let unknown = desk.cancel_all(1, Some(2));
    assert_eq!(unknown, Err(Refusal::UnknownMarket));
    let sender = desk.sender(1);
    let malformed = sender.cancel_all(CancelScope::Account, 1);
    assert_eq!(desk.user(malformed), Err(Refusal::Malformed));
    let mut malformed = sender.cancel_all(CancelScope::Account, 0);
    malformed.order_type = 2;
    assert_eq!(desk.user(malformed), Err(Refusal::Malformed));
}

#[test]
fn who_falls_silent_has_no_orders_from_the_deadline_on() {
    let mut desk = Desk::open();
    let [id, ..] = desk.placed(1, gtt(Side::Ask, MARK, 5));
    let deadline = desk.now_ms + 100;
    assert_eq!(
        desk.set_deadline(1, deadline).unwrap().0,
        [0, deadline, 0, 0]
    );
    let event = Event::DeadlineSet {
        account: 1,
        deadline_ms: deadline,
    };
    assert_eq!(desk.effects.events, [event]);
    desk.later(99);
    let [_, filled, _] = desk.placed(2, taking(IOC, Side::Bid, MARK, 2));
    assert_eq!(filled, 2);
    desk.later(1);
    let [_, filled, _] = desk.placed(2, taking(IOC, Side::Bid, MARK, 2));
    assert_eq!((filled, desk.removed()), (0, vec![(id, CLEARED)]));
    // The next order fires the switch first and is alive.
    let [id, ..] = desk.placed(1, gtt(Side::Ask, MARK, 5));
    let event = Event::OrdersCleared {
        account: 1,
        market: None,
        below: id,
    };
    assert_eq!(desk.effects.events[0], event);
    assert_eq!(terms(&mut desk, 1), [id, 0]);
    let [_, filled, _] = desk.placed(2, taking(IOC, Side::Bid, MARK, 5));
    assert_eq!(filled, 5);
}

#[test]
fn a_refusal_undoes_the_firing() {
    let mut desk = Desk::open();
    let [id, ..] = desk.placed(1, gtt(Side::Ask, MARK, 5));
    let deadline = desk.now_ms + 100;
    desk.set_deadline(1, deadline).unwrap();
    desk.later(100);
    let now = desk.now_ms;
    // The desk checks that nothing changes.
    let refused = desk.place(1, gtt(Side::Ask, 0, 5));
    assert_eq!(refused, Err(Refusal::BadPrice));
    assert_eq!(desk.amend(1, id, MARK, 4), Err(Refusal::OrderExpired));
    assert_eq!(desk.amend(1, 99, MARK, 4), Err(Refusal::UnknownOrder));
    assert_eq!(desk.set_deadline(1, now), Err(Refusal::BadExpiry));
    let unknown = desk.cancel_all(1, Some(2));
    assert_eq!(unknown, Err(Refusal::UnknownMarket));
    assert_eq!(terms(&mut desk, 1), [0, deadline]);
    // What is accepted fires.
    desk.set_deadline(1, 0).unwrap();
    assert_eq!(terms(&mut desk, 1), [id + 1, 0]);
    assert_eq!(desk.effects.events.len(), 2);
}

#[test]
fn cancel_all_fires_first() {
    let mut desk = Desk::open();
    let [id, ..] = desk.placed(1, gtt(Side::Ask, MARK, 5));
    desk.set_deadline(1, desk.now_ms + 1).unwrap();
    desk.later(1);
    desk.cancel_all(1, Some(1)).unwrap();
    let cleared = desk.effects.events.iter().map(|event| match event {
        Event::OrdersCleared { market, below, .. } => (*market, *below),
        other => panic!("{other:?}"),
    });
    let cleared: Vec<_> = cleared.collect();
    assert_eq!(cleared, [(None, id + 1), (Some(1), id + 1)]);
}

#[test]
fn a_reduce_only_order_sleeps_while_it_would_not_reduce() {
    let mut desk = Desk::open();
    desk.placed(1, gtt(Side::Ask, MARK, 10));
    desk.placed(2, taking(IOC, Side::Bid, MARK, 10));
    let [bid, ..] = desk.placed(1, reducing(gtt(Side::Bid, MARK - 1, 10)));
    let [more, ..] = desk.placed(1, reducing(gtt(Side::Bid, MARK - 1, 10)));
    assert_eq!(desk.state.account(1).unwrap().orders.len(), 2);
    // It is filled as far as there is a position; the rest of it and the other one are idle.
    let [_, filled, _] = desk.placed(3, taking(IOC, Side::Ask, MARK - 1, 4));
    assert_eq!(filled, 4);
    let [_, filled, _] = desk.placed(3, taking(IOC, Side::Ask, MARK - 1, 11));
    assert_eq!((filled, desk.stopped()), (6, Some((5, 0))));
    assert_eq!(desk.removed(), [(more, IDLE)]);
    assert_eq!(desk.state.position_lots(1, 0), 0);
    assert!(desk.state.resting_order(bid).is_none());
}

#[test]
fn what_is_left_of_a_maker_that_has_nothing_more_to_reduce_goes_when_met() {
    let mut desk = Desk::open();
    desk.placed(1, gtt(Side::Ask, MARK, 10));
    desk.placed(2, taking(IOC, Side::Bid, MARK, 10));
    let [bid, ..] = desk.placed(1, reducing(gtt(Side::Bid, MARK - 1, 30)));
    let [_, filled, _] = desk.placed(3, taking(IOC, Side::Ask, MARK - 1, 11));
    assert_eq!((filled, desk.removed()), (10, vec![(bid, IDLE)]));
    assert_eq!(desk.trades(), [(bid, MARK - 1, 10)]);
}

#[test]
fn an_idle_order_wakes_when_the_position_comes_back() {
    let mut desk = Desk::open();
    desk.placed(2, gtt(Side::Ask, MARK, 50));
    desk.placed(1, taking(IOC, Side::Bid, MARK, 10));
    let [ask, ..] = desk.placed(1, reducing(gtt(Side::Ask, MARK + 5, 10)));
    desk.placed(3, gtt(Side::Bid, MARK - 1, 10));
    desk.placed(1, taking(IOC, Side::Ask, MARK - 1, 10));
    assert_eq!(desk.state.account(1).unwrap().orders, []);
    desk.placed(1, taking(IOC, Side::Bid, MARK, 3));
    assert_eq!(desk.state.account(1).unwrap().orders.len(), 1);
    desk.cancel_all(2, None).unwrap();
    let [_, filled, _] = desk.placed(3, taking(IOC, Side::Bid, MARK + 5, 9));
    assert_eq!((filled, desk.trades()), (3, vec![(ask, MARK + 5, 3)]));
}

#[test]
fn dead_orders_leave_room_for_new_ones() {
    let mut desk = Desk::open();
    for _ in 0..256 {
        desk.placed(1, gtt(Side::Bid, 1, 1));
    }
    let full = Err(Refusal::TooManyOrders);
    assert_eq!(desk.place(1, gtt(Side::Bid, 1, 1)), full);
    desk.cancel_all(1, None).unwrap();
    let [last, ..] = desk.placed(1, gtt(Side::Bid, 1, 1));
    assert_eq!(counted(&mut desk, 1), (1, last));
    assert_eq!(desk.state.resting_orders(), 257);
    let [_, filled, _] = desk.placed(2, taking(IOC, Side::Ask, 1, 1));
    assert_eq!((filled, desk.removed().len()), (0, 64));
}

#[test]
fn impact_prices_pass_over_what_is_dead_or_reduces_only() {
    let thin = zkperp_engine::MarketParams {
        pricing: zkperp_engine::PricingParams {
            impact_quote: 10 * MARK,
            ..market().pricing
        },
        ..market()
    };
    let mut desk = Desk::open_at(&venue_of(vec![thin]));
    desk.placed(1, gtt(Side::Ask, MARK, 10));
    desk.placed(2, taking(IOC, Side::Bid, MARK, 10));
    desk.placed(1, reducing(gtt(Side::Bid, MARK - 1, 100)));
    desk.placed(3, gtt(Side::Bid, MARK - 2, 100));
    desk.cancel_all(3, None).unwrap();
    desk.placed(2, gtt(Side::Bid, MARK - 3, 100));
    desk.crossing(0, MARK);
    let bids = desk.effects.events.iter().find_map(|event| match event {
        Event::Mark { impact_bid, .. } => Some(*impact_bid),
        _ => None,
    });
    assert_eq!(bids, Some(MARK - 3));
}

#[test]
fn a_due_account_meets_no_dead_order_and_no_more_than_reduces() {
    let mut desk = leveraged(1);
    // 3 is short 100 lots, and would buy 500.
    desk.placed(3, gtt(Side::Ask, MARK, 100));
    desk.placed(4, taking(IOC, Side::Bid, MARK, 100));
    let price = MARK - 41_000;
    let [cleared, ..] = desk.placed(5, gtt(Side::Bid, price, 500));
    desk.cancel_all(5, None).unwrap();
    let [idle, ..] = desk.placed(4, gtt(Side::Bid, 1, 500));
    desk.cancel(4, idle).unwrap();
    let [reduces, ..] = desk.placed(3, reducing(gtt(Side::Bid, price, 500)));
    desk.mark(0, MARK - 40_000);
    assert_eq!(step(&mut desk), [0, 1, 0, 0]);
    assert_eq!(desk.removed(), [(cleared, CLEARED)]);
    let [.., lots] = step(&mut desk);
    assert_eq!(desk.trades(), [(reduces, price, lots)]);
    assert_eq!((lots, desk.state.position_lots(3, 0)), (100, 0));
    assert_eq!(step(&mut desk), [0, 1, 0, 0]);
    assert_eq!(desk.removed(), [(reduces, IDLE)]);
}
