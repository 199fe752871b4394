//! Ends of matching and of requests that arbitrary flow does not reach: both writers, same roots.

use zkperp_engine::{Advice, Event, OrderType, Place, Side};
use zkperp_field::{F, PrimeCharacteristicRing};
use zkperp_schema as schema;

use crate::desk::{ACCOUNTS, Desk, FUNDS, MARK, TICK_MAX_MS, deposit, forced, order, owner, venue};
use crate::forced::Forced;

/// The codes with which takers were stopped in the desk's open batch, which the program then runs.
fn stops(desk: &mut Desk) -> Vec<u16> {
    let batch = desk.prove().batch;
    let events = batch.accepted.iter().flat_map(|accepted| &accepted.events);
    let stops = events.filter_map(|event| match event {
        Event::TakerStopped { code, .. } => Some(*code),
        _ => None,
    });
    stops.collect()
}

#[test]
fn a_taker_meets_64_makers_and_no_more() {
    let mut desk = Desk::sealed();
    for i in 0..65 {
        desk.rest(2 + i % 4, Side::Ask, MARK + u64::from(i) / 10, 1);
    }
    let taker = order(Side::Bid, OrderType::Gtt, MARK + 9, 70);
    assert_eq!(desk.place(1, taker).unwrap().0[2], 64);
    assert_eq!(stops(&mut desk), [3008]);
}

#[test]
fn a_post_only_order_behind_64_dead_makers_is_dropped() {
    let mut desk = Desk::sealed();
    let dies = desk.now_ms + 5;
    for i in 0..64 {
        let dying = Place {
            expiry_ms: dies,
            ..order(Side::Ask, OrderType::Gtt, MARK, 1)
        };
        desk.place(2 + i % 4, dying).unwrap();
    }
    desk.rest(2, Side::Ask, MARK + 1, 1);
    desk.now_ms = dies;
    let taker = order(Side::Bid, OrderType::PostOnly, MARK + 9, 70);
    assert_eq!(desk.place(1, taker).unwrap().0[2..], [0, 0]);
    assert_eq!(stops(&mut desk), [3008]);
}

#[test]
fn a_market_order_spends_what_it_saved() {
    let mut desk = Desk::sealed();
    for (price, lots) in [(MARK, 10), (MARK + 6, 100)] {
        desk.rest(2, Side::Ask, price, lots);
    }
    // 10 lots at 3 ticks less than the limit pay for 10 at 3 ticks more.
    let taker = order(Side::Bid, OrderType::Market, MARK + 3, 100);
    assert_eq!(desk.place(1, taker).unwrap().0[2], 20);
    for (price, lots) in [(MARK, 10), (MARK - 7, 100)] {
        desk.rest(2, Side::Bid, price, lots);
    }
    let taker = order(Side::Ask, OrderType::Market, MARK - 3, 100);
    assert_eq!(desk.place(1, taker).unwrap().0[2], 17);
    assert_eq!(stops(&mut desk), [0, 0]);
}

/// The order that goes makes room for the one that comes, and its position is written once.
#[test]
fn an_account_with_all_its_orders_amends_one() {
    let mut desk = Desk::sealed();
    let first = desk.rest(1, Side::Bid, MARK - 50, 1);
    for i in 1..schema::OPEN_ORDERS_MAX {
        desk.rest(1, Side::Bid, MARK - 5 - i % 7, 1);
    }
    let one_more = order(Side::Bid, OrderType::Gtt, MARK - 5, 1);
    assert!(desk.place(1, one_more).is_err());
    // It may still take.
    desk.rest(2, Side::Ask, MARK, 1);
    let taker = order(Side::Bid, OrderType::Ioc, MARK, 2);
    assert_eq!(desk.place(1, taker).unwrap().0[2..], [1, 0]);
    let amended = desk.user(desk.sender(1).amend(first, MARK - 6, 2));
    assert_eq!(amended.unwrap().0[2..], [0, 2]);
    desk.prove();
}

/// On its way an amended order meets one of its own account and another's, and then rests.
#[test]
fn an_amended_order_takes_and_rests() {
    let mut desk = Desk::sealed();
    let id = desk.rest(1, Side::Bid, MARK - 5, 10);
    desk.rest(1, Side::Ask, MARK + 1, 4);
    desk.rest(2, Side::Ask, MARK + 2, 3);
    desk.rest(2, Side::Ask, MARK + 9, 3);
    let amended = desk.user(desk.sender(1).amend(id, MARK + 5, 10));
    assert_eq!(amended.unwrap().0[2..], [3, 7]);
    let again = desk.user(desk.sender(1).amend(id, MARK + 4, 7));
    assert_eq!(again.unwrap().0[2..], [0, 7]);
    let sender = desk.sender(1);
    desk.user(sender.cancel(id)).unwrap();
    desk.prove();
}

/// Account 1 is long 2,000 lots (margin 600,000 of 1,000,000) when the price falls by so many ticks.
fn fallen(ticks: u64) -> Desk {
    let mut desk = Desk::sealed();
    desk.rest(1, Side::Bid, MARK, 2_000);
    desk.rest(2, Side::Ask, MARK, 2_000);
    desk.mark(0, MARK - ticks).unwrap();
    desk
}

/// Account 1 sells 5 of 2,000 lots at each price; how many it sells, and how it is stopped.
fn closing(mut desk: Desk, prices: [u64; 2]) -> u64 {
    for price in prices {
        desk.rest(2, Side::Bid, price, 5);
    }
    let sale = order(Side::Ask, OrderType::Ioc, prices[1], 10);
    let sold = desk.place(1, sale).unwrap().0[2];
    assert_eq!(stops(&mut desk), [2006]);
    sold
}

/// With TAV 400,000 on 2,000 lots, between maintenance and initial margin, a lot may lose 200, the fee
/// counted: 66 ticks of 3.
#[test]
fn a_taker_closes_at_its_zero_price_and_not_below() {
    let mut desk = fallen(100);
    desk.liquidate();
    assert_eq!(closing(desk, [MARK - 166, MARK - 167]), 5);
}

/// Open interest counts both sides; what closes passes above the bound.
#[test]
fn open_interest_does_not_grow_past_its_bound() {
    let mut venue = venue();
    venue.markets[0].oi_max = 20;
    let mut desk = Desk::of(&venue).opened();
    desk.rest(2, Side::Ask, MARK, 10);
    desk.rest(2, Side::Ask, MARK + 1, 10);
    let bid = |lots| order(Side::Bid, OrderType::Ioc, MARK + 1, lots);
    assert_eq!(desk.place(1, bid(11)).unwrap().0[2], 10);
    assert_eq!(stops(&mut desk), [2007]);
    // From one account to another nothing grows, and back to none it falls.
    let ask = |lots| order(Side::Ask, OrderType::Gtt, MARK - 1, lots);
    desk.place(1, ask(10)).unwrap();
    assert_eq!(desk.place(3, bid(10)).unwrap().0[2], 10);
    desk.place(3, ask(4)).unwrap();
    assert_eq!(desk.place(2, bid(4)).unwrap().0[2], 4);
    assert!(stops(&mut desk).is_empty());
    let interest = desk.engine.state().market(0).unwrap().interest;
    assert_eq!(interest.open_interest, 12);
}

/// Tiers by the whole position, an own fraction above the tier's, and a position that turns over.
#[test]
fn positions_go_through_the_tiers() {
    let mut desk = Desk::open();
    for account in 1..=2 {
        desk.request(deposit(account, 20 * FUNDS)).unwrap();
    }
    desk.user(desk.sender(1).set_leverage(0, 300_000)).unwrap();
    for (lots, taker, maker) in [
        (4_000, 1, 2),
        (1, 1, 2),
        (6_000, 1, 2),
        (10_000, 2, 1),
        (10_000, 2, 1),
        (1_999, 2, 1),
    ] {
        desk.rest(maker, Side::Ask, MARK, lots);
        let order = order(Side::Bid, OrderType::Ioc, MARK, lots);
        assert_eq!(desk.place(taker, order).unwrap().0[2], lots);
    }
    assert_eq!(desk.engine.state().position_lots(1, 0), -11_998);
    desk.user(desk.sender(1).withdraw(1)).unwrap();
    desk.prove();
}

/// A position that has not paid for hours pays with its next fill, whoever the taker is.
#[test]
fn funding_is_paid_when_a_size_changes() {
    let mut desk = Desk::sealed();
    desk.rest(1, Side::Bid, MARK, 1_000);
    desk.rest(2, Side::Ask, MARK, 1_000);
    for _ in 0..2 {
        desk.fund().unwrap();
        desk.mark(0, MARK).unwrap();
    }
    let close = Place {
        expiry_ms: desk.now_ms + 1_000,
        ..order(Side::Ask, OrderType::Gtt, MARK, 400)
    };
    desk.place(1, close).unwrap();
    let bid = order(Side::Bid, OrderType::Ioc, MARK, 400);
    assert_eq!(desk.place(2, bid).unwrap().0[2], 400);
    let batch = desk.prove().batch;
    let events = batch.accepted.iter().flat_map(|accepted| &accepted.events);
    let paid: Vec<i64> = events
        .filter_map(|event| match event {
            Event::FundingPaid { amount, .. } => Some(*amount),
            _ => None,
        })
        .collect();
    // 12 ppm an hour, of 1,000 lots at 3,000.
    assert_eq!(paid, [72, -72]);
}

#[test]
fn a_maker_without_margin_goes_and_matching_goes_on() {
    let mut desk = Desk::sealed();
    desk.rest(1, Side::Bid, MARK - 300, 100);
    desk.rest(3, Side::Bid, MARK - 300, 100);
    desk.rest(1, Side::Bid, MARK, 2_000);
    desk.rest(2, Side::Ask, MARK, 2_000);
    desk.mark(0, MARK - 100).unwrap();
    desk.liquidate();
    let sale = order(Side::Ask, OrderType::Ioc, MARK - 300, 50);
    assert_eq!(desk.place(4, sale).unwrap().0[2], 50);
    let removed = desk.prove().batch.accepted.last().unwrap().events[0];
    assert!(matches!(removed, Event::OrderRemoved { account: 1, .. }));
}

/// Placement counts one fee for the whole order; two fills round up twice.
#[test]
fn a_taker_stops_at_the_fill_that_its_margin_does_not_cover() {
    let mut desk = Desk::sealed();
    let [account, other] = [1, 2].map(|i| schema::ACCOUNT_BASE + i * schema::ACCOUNT_STRIDE);
    // 2 lots at 1,000: margin 600, fee 3 in one fill, 2 + 2 in two.
    desk = desk.with_felts(&[(account, 1, 603), (other, 1, 2 * FUNDS - 603)]);
    desk.rest(2, Side::Ask, MARK, 1);
    desk.rest(2, Side::Ask, MARK, 1);
    let taker = order(Side::Bid, OrderType::Gtt, MARK, 2);
    assert_eq!(desk.place(1, taker).unwrap().0[2..], [1, 0]);
    assert_eq!(stops(&mut desk), [2002]);
}

#[test]
fn a_maker_beyond_its_position_limit_goes() {
    let mut desk = Desk::sealed();
    desk.mark(0, 10).unwrap();
    desk.rest(1, Side::Bid, 10, 10_000);
    desk.rest(1, Side::Bid, 10, 10_000);
    let sale = |lots| order(Side::Ask, OrderType::Ioc, 10, lots);
    assert_eq!(desk.place(2, sale(10_000)).unwrap().0[2], 10_000);
    assert_eq!(desk.place(3, sale(2_001)).unwrap().0[2], 0);
    let removed = desk.prove().batch.accepted.last().unwrap().events[0];
    assert!(matches!(removed, Event::OrderRemoved { account: 1, .. }));
}

#[test]
fn forced_withdrawals_have_one_outcome_each() {
    let mut desk = fallen(200);
    let codes: Vec<u64> = [
        forced(9, owner(9), 5),
        forced(3, owner(4), 5),
        forced(1, owner(1), 0),
        forced(1, owner(1), 1),
        forced(3, owner(3), 1_000_001),
        forced(3, owner(3), 400_000),
        forced(3, owner(3), 0),
        forced(3, owner(3), 0),
    ]
    .map(|words| desk.request(words).unwrap().0[0])
    .to_vec();
    assert_eq!(codes, [1002, 5002, 2003, 2003, 2003, 0, 0, 2003]);
    desk.wait(TICK_MAX_MS + 1);
    assert_eq!(desk.request(forced(2, owner(2), 5)).unwrap().0[0], 4102);
    assert_eq!(desk.request(forced(4, owner(4), 5)).unwrap().0[0], 0);
    desk.prove();
}

/// Money that came from nowhere else than another's loss: more free than the venue holds.
#[test]
fn more_than_custody_is_refused_by_proof() {
    let mut desk = Desk::sealed();
    // Who may owe.
    let loser = schema::ACCOUNT_BASE + schema::FUND_ACCOUNT * schema::ACCOUNT_STRIDE;
    let rich = schema::ACCOUNT_BASE + 2 * schema::ACCOUNT_STRIDE;
    let all = 5_000_000;
    desk = desk.with_felts(&[
        (loser, 1, zkperp_engine::leaf::from_signed(-10_000_000)),
        (rich, 1, 11_000_000),
    ]);
    let asked = desk.request(forced(2, owner(2), all + 1)).unwrap();
    assert_eq!(asked.0[0], 2004);
    assert_eq!(desk.request(forced(2, owner(2), 0)).unwrap().0[1], all);
    desk.prove();
}

/// Gains can take a collateral above what deposits may; no state that the engine opens has one.
#[test]
fn a_deposit_takes_nothing_from_who_has_more_than_deposits_may_reach() {
    let desk = Desk::sealed();
    let account = schema::ACCOUNT_BASE + schema::ACCOUNT_STRIDE;
    let envelope = desk.envelope(desk.request_command(deposit(1, 7)));
    for (collateral, withdrawals, credited) in [
        (schema::BALANCE_MAX - 9, 0, 7),
        (schema::BALANCE_MAX - 5, 1, 5),
        (schema::BALANCE_MAX, 1, 0),
        (schema::BALANCE_MAX + 5, 1, 0),
        (2 * schema::BALANCE_MAX, 1, 0),
    ] {
        let command = (envelope.clone(), Advice::default());
        let mut forced = Forced::new(&desk, &[command], withdrawals);
        forced.set(&[(account, 1, collateral)]);
        forced.run().unwrap_or_else(|error| panic!("{error}"));
        let after = F::from_u64(collateral + credited);
        assert_eq!(forced.leaf_after(account)[1], after, "{collateral}");
        let money = forced.leaf_after(schema::SYSTEM_BASE + schema::MONEY_INDEX);
        let custody = u64::from(ACCOUNTS) * FUNDS + credited;
        assert_eq!(money[0], F::from_u64(custody), "{collateral}");
    }
}

/// Amounts at their bounds go through both writers alike.
#[test]
fn greatest_values() {
    let mut venue = venue();
    for market in &mut venue.markets {
        market.pricing.band_ppm = schema::PPM;
    }
    let mut desk = Desk::of(&venue);
    let cap = schema::CUSTODY_MAX;
    let huge = deposit(1, (1 << 58) - 1);
    assert_eq!(desk.request(huge).unwrap().0[..2], [5004, cap]);
    assert_eq!(desk.request(huge).unwrap().0[..2], [5004, 0]);
    for account in 2..4 {
        desk.request(deposit(account, 5)).unwrap();
    }
    desk.mark(0, 100_000).unwrap();
    desk.mark(1, 1).unwrap();
    let prices = [100_000, 2];
    desk.prove();
    let rich = desk.with_felts(&[
        (schema::ACCOUNT_BASE + schema::ACCOUNT_STRIDE, 1, cap / 2),
        (
            schema::ACCOUNT_BASE + 2 * schema::ACCOUNT_STRIDE,
            1,
            cap / 2,
        ),
    ]);
    let mut desk = rich;
    for market in 0..2 {
        for (account, side) in [(1, Side::Bid), (2, Side::Ask)] {
            let most = Place {
                market,
                ..order(side, OrderType::Gtt, prices[usize::from(market)], 10_000)
            };
            desk.place(account, most).unwrap();
        }
    }
    desk.user(desk.sender(2).withdraw(1 << 50)).unwrap();
    desk.prove();
}
