//! An incoming order meets the book: docs/spec/matching.md.

use zkperp_engine::leaf::from_signed;
use zkperp_engine::{Event, OrderType, Place, Refusal, Side, address};

use crate::desk::{Desk, FUND, FUNDS, MARK, gtt, taking};

const IOC: OrderType = OrderType::Ioc;
const MARKET: OrderType = OrderType::Market;

#[test]
fn the_best_price_trades_first_and_the_oldest_order_of_it() {
    for (side, better) in [(Side::Bid, -1_i64), (Side::Ask, 1)] {
        let other = if side == Side::Bid {
            Side::Ask
        } else {
            Side::Bid
        };
        let at = |steps: i64| (MARK as i64 + better * steps) as u64;
        let mut desk = Desk::open();
        let orders = [(1, 0), (2, 1), (3, 1), (4, 2), (2, 0)];
        let ids = orders.map(|(who, steps)| desk.placed(who, gtt(other, at(steps), 10))[0]);
        let [_, filled, resting] = desk.placed(5, gtt(side, at(0), 45));
        assert_eq!((filled, resting), (45, 0));
        let order = [3, 1, 2, 0, 4].map(|i: usize| ids[i]);
        assert_eq!(desk.trades().iter().map(|t| t.0).collect::<Vec<_>>(), order);
        assert_eq!(
            desk.trades().iter().map(|t| t.2).collect::<Vec<_>>(),
            [10, 10, 10, 10, 5]
        );
        assert_eq!(desk.state.best_price(0, other), Some(at(0)));
        assert_eq!(desk.state.resting_orders(), 1);
    }
}

#[test]
fn cash_and_positions_move_to_the_last_micro_usdc() {
    let mut desk = Desk::open();
    desk.placed(1, gtt(Side::Ask, MARK + 7, 3));
    desk.placed(2, gtt(Side::Bid, MARK + 7, 5));
    // 1,800,021 µUSDC: taker fee 900.01 rounded up, rebate 180.0021 rounded down.
    let trade = *desk.trade_events().next().unwrap();
    assert_eq!(
        (trade.taker_fee, trade.maker_fee, trade.maker_lots_left),
        (901, -180, 0)
    );
    assert_eq!(desk.cash(1), FUNDS as i64 + 1_800_021 + 180);
    assert_eq!(desk.cash(2), FUNDS as i64 - 1_800_021 - 901);
    assert_eq!(desk.state.fees(), 721);
    assert_eq!(
        (
            desk.state.position_lots(1, 0),
            desk.state.position_lots(2, 0)
        ),
        (-3, 3)
    );
    assert_eq!(desk.state.leaf(address::account(1))[2], 1);
    // The rest of the bid is hit, and both are flat again: their bits go.
    desk.placed(1, taking(IOC, Side::Bid, MARK + 6, 1));
    desk.placed(2, gtt(Side::Ask, MARK + 8, 3));
    desk.placed(1, taking(IOC, Side::Bid, MARK + 8, 3));
    assert_eq!(desk.state.position_lots(1, 0), 0);
    assert_eq!(desk.state.leaf(address::account(1))[2], 0);
    assert_eq!(desk.state.leaf(address::account(2))[2], 0);
}

#[test]
fn a_maker_that_pays_a_fee_pays_it_rounded_up() {
    let mut desk = Desk::open();
    let other = |order: Place| Place { market: 1, ..order };
    desk.placed(1, other(gtt(Side::Bid, MARK, 1)));
    desk.placed(2, other(taking(IOC, Side::Ask, MARK, 1)));
    let trade = *desk.trade_events().next().unwrap();
    assert_eq!((trade.taker_fee, trade.maker_fee), (300, 60));
    assert_eq!(desk.state.leaf(address::account(2))[2], 2);
    desk.placed(1, other(gtt(Side::Bid, 1, 1)));
    desk.placed(2, other(taking(IOC, Side::Ask, 1, 1)));
    let trade = *desk.trade_events().next().unwrap();
    assert_eq!((trade.taker_fee, trade.maker_fee), (1, 1));
}

#[test]
fn what_an_ioc_order_does_not_get_is_dropped() {
    let mut desk = Desk::open();
    desk.placed(1, gtt(Side::Ask, MARK, 3));
    desk.placed(1, gtt(Side::Ask, MARK + 1, 3));
    let [_, filled, resting] = desk.placed(2, taking(IOC, Side::Bid, MARK, 5));
    assert_eq!((filled, resting, desk.stopped()), (3, 0, Some((2, 0))));
    let [_, filled, _] = desk.placed(2, taking(IOC, Side::Bid, MARK, 5));
    assert_eq!((filled, desk.stopped()), (0, Some((5, 0))));
    assert_eq!(desk.state.resting_orders(), 1);
}

#[test]
fn a_market_order_spends_what_it_saved_beyond_its_limit() {
    let mut desk = Desk::open();
    desk.placed(1, gtt(Side::Ask, MARK - 10, 6));
    desk.placed(1, gtt(Side::Ask, MARK, 1));
    desk.placed(1, gtt(Side::Ask, MARK + 7, 100));
    // 60 ticks·lots are saved; at 7 over the limit they buy 8 lots, and 4 ticks·lots are left.
    let [_, filled, _] = desk.placed(2, taking(MARKET, Side::Bid, MARK, 50));
    assert_eq!(filled, 15);
    assert_eq!(desk.stopped(), Some((35, 0)));
    let spent: u64 = desk
        .trades()
        .iter()
        .map(|(_, price, lots)| price * lots)
        .sum();
    assert!(spent <= MARK * filled && spent + 7 > MARK * filled);
    let [_, filled, _] = desk.placed(2, taking(MARKET, Side::Bid, MARK + 6, 50));
    assert_eq!((filled, desk.stopped()), (0, Some((50, 0))));
}

#[test]
fn a_market_sale_has_its_worst_average_from_below() {
    let mut desk = Desk::open();
    desk.placed(1, gtt(Side::Bid, MARK + 10, 6));
    desk.placed(1, gtt(Side::Bid, MARK - 7, 100));
    let [_, filled, _] = desk.placed(2, taking(MARKET, Side::Ask, MARK, 50));
    assert_eq!(filled, 14);
    let got: u64 = desk
        .trades()
        .iter()
        .map(|(_, price, lots)| price * lots)
        .sum();
    assert!(got >= MARK * filled);
}

#[test]
fn a_post_only_order_never_takes() {
    let mut desk = Desk::open();
    let expiry_ms = desk.now_ms + 10;
    let [dead, ..] = desk.placed(
        1,
        Place {
            expiry_ms,
            ..gtt(Side::Ask, MARK, 1)
        },
    );
    let [live, ..] = desk.placed(1, gtt(Side::Ask, MARK + 1, 1));
    let post_only = |price| Place {
        order_type: OrderType::PostOnly,
        ..gtt(Side::Bid, price, 1)
    };
    assert_eq!(desk.place(2, post_only(MARK)), Err(Refusal::WouldTake));
    // Its own orders count too, and so does one behind a dead one.
    assert_eq!(desk.place(1, post_only(MARK)), Err(Refusal::WouldTake));
    desk.later(10);
    assert_eq!(desk.place(2, post_only(MARK + 1)), Err(Refusal::WouldTake));
    // Only dead makers cross: they go, and the order rests.
    let [_, filled, resting] = desk.placed(2, post_only(MARK));
    assert_eq!((filled, resting), (0, 1));
    assert_eq!(desk.removed(), [(dead, 2)]);
    desk.cancel(1, live).unwrap();
}

#[test]
fn dead_makers_and_own_orders_are_removed_when_met() {
    let mut desk = Desk::open();
    let expiry_ms = desk.now_ms + 10;
    let [dead, ..] = desk.placed(
        1,
        Place {
            expiry_ms,
            ..gtt(Side::Ask, MARK, 1)
        },
    );
    let [own, ..] = desk.placed(2, gtt(Side::Ask, MARK, 1));
    let [good, ..] = desk.placed(3, gtt(Side::Ask, MARK, 1));
    let [behind, ..] = desk.placed(2, gtt(Side::Ask, MARK, 1));
    desk.later(10);
    let [_, filled, _] = desk.placed(2, gtt(Side::Bid, MARK, 1));
    assert_eq!(filled, 1);
    assert_eq!(desk.removed(), [(dead, 2), (own, 3)]);
    assert_eq!(desk.trades(), [(good, MARK, 1)]);
    assert!(desk.cancel(2, behind).is_ok());
}

#[test]
fn an_order_lives_until_its_expiry_and_not_at_it() {
    let mut desk = Desk::open();
    let expiry_ms = desk.now_ms + 10;
    desk.placed(
        1,
        Place {
            expiry_ms,
            ..gtt(Side::Ask, MARK, 2)
        },
    );
    desk.later(9);
    assert_eq!(desk.placed(2, taking(IOC, Side::Bid, MARK, 1))[1], 1);
    desk.later(1);
    assert_eq!(desk.placed(2, taking(IOC, Side::Bid, MARK, 1))[1], 0);
}

#[test]
fn one_command_meets_at_most_64_makers() {
    let mut desk = Desk::open();
    for _ in 0..64 {
        desk.placed(1, gtt(Side::Ask, MARK, 1));
    }
    desk.placed(2, gtt(Side::Ask, MARK, 1));
    let full = desk.clone_state();
    let [_, filled, resting] = desk.placed(3, gtt(Side::Bid, MARK, 66));
    assert_eq!((filled, resting, desk.stopped()), (64, 0, Some((2, 3008))));
    assert_eq!(desk.state.resting_orders(), 1);
    // Exactly 64 are enough for an order of 64.
    let mut desk = full;
    assert_eq!(desk.placed(3, gtt(Side::Bid, MARK, 64)), [66, 64, 0]);
    assert_eq!(desk.stopped(), None);
}

#[test]
fn a_post_only_order_behind_64_dead_makers_is_dropped_and_one_behind_63_refused() {
    let mut desk = Desk::open();
    let expiry_ms = desk.now_ms + 10;
    for _ in 0..63 {
        desk.placed(
            1,
            Place {
                expiry_ms,
                ..gtt(Side::Ask, MARK, 1)
            },
        );
    }
    let mut other = desk.clone_state();
    let post_only = Place {
        order_type: OrderType::PostOnly,
        ..gtt(Side::Bid, MARK, 1)
    };
    desk.placed(2, gtt(Side::Ask, MARK, 1));
    desk.later(10);
    assert_eq!(desk.place(3, post_only), Err(Refusal::WouldTake));
    other.placed(
        2,
        Place {
            expiry_ms,
            ..gtt(Side::Ask, MARK, 1)
        },
    );
    other.placed(2, gtt(Side::Ask, MARK, 1));
    other.later(10);
    let [_, filled, resting] = other.placed(3, post_only);
    assert_eq!((filled, resting, other.stopped()), (0, 0, Some((1, 3008))));
    assert_eq!(other.removed().len(), 64);
}

/// Leaves account `account` with `left` micro-USDC.
fn drain(desk: &mut Desk, account: u32, left: u64) {
    desk.withdraw(account, FUNDS - left).unwrap();
}

#[test]
fn a_maker_that_fails_is_removed_and_matching_goes_on() {
    let mut desk = Desk::open();
    let [poor, ..] = desk.placed(1, gtt(Side::Ask, MARK, 1000));
    drain(&mut desk, 1, 50_000_000);
    let [rich, ..] = desk.placed(2, gtt(Side::Ask, MARK, 1000));
    let [_, filled, _] = desk.placed(3, gtt(Side::Bid, MARK, 1000));
    assert_eq!(filled, 1000);
    assert_eq!(desk.removed(), [(poor, 4)]);
    assert_eq!(desk.trades(), [(rich, MARK, 1000)]);
}

/// Account 2 holds 1000 lots of the other market with all its money, and lost 5.6 USDC there.
fn short_of_margin() -> Desk {
    let mut desk = Desk::open();
    let other = |order: Place| Place { market: 1, ..order };
    desk.placed(4, other(gtt(Side::Ask, MARK, 1000)));
    desk.placed(2, other(gtt(Side::Bid, MARK, 1000)));
    let free = desk.state.account(2).unwrap().free();
    desk.withdraw(2, free.cast_unsigned()).unwrap();
    desk.mark(1, MARK - 5_556);
    assert_eq!(desk.state.account(2).unwrap().free(), -5_000_400);
    desk
}

#[test]
fn a_taker_that_fails_stops_and_its_fills_stand() {
    // It lacks 5 USDC of initial margin. Selling 1000 lots at 100,000 ticks above the mark would win 100 and need 60, so
    // placement lets it pass; the first 10 lots win 1 and would leave it below zero.
    let mut desk = short_of_margin();
    desk.placed(3, gtt(Side::Bid, 700_000, 10));
    let [_, filled, resting] = desk.placed(2, gtt(Side::Ask, 700_000, 1000));
    assert_eq!(
        (filled, resting, desk.stopped()),
        (0, 0, Some((1000, 2002)))
    );
    // A first fill that is large enough passes and stands, though the next one fails.
    let mut desk = short_of_margin();
    desk.placed(3, gtt(Side::Bid, 690_000, 500));
    desk.placed(3, gtt(Side::Bid, 605_000, 2000));
    let order = taking(MARKET, Side::Ask, 665_400, 1000);
    let [_, filled, _] = desk.placed(2, order);
    // 500 at 690,000 win 45 USDC and need 30; 203 more at 605,000 win 1 and need 12.
    assert_eq!(filled, 500);
    assert_eq!(desk.stopped(), Some((500, 2002)));
}

#[test]
fn a_maker_that_only_reduced_when_placed_is_asked_for_margin_where_it_would_turn() {
    let mut desk = Desk::open();
    desk.placed(2, gtt(Side::Ask, MARK, 1000));
    desk.placed(1, gtt(Side::Bid, MARK, 1000));
    let [first, ..] = desk.placed(1, gtt(Side::Ask, MARK, 1000));
    let [second, ..] = desk.placed(1, gtt(Side::Ask, MARK, 1000));
    desk.withdraw(1, FUNDS - 300_000 - 60_000_000).unwrap();
    desk.mark(0, MARK - 1000);
    // The first brings the account to zero, the second would turn it short by all it is worth.
    let [_, filled, resting] = desk.placed(3, gtt(Side::Bid, MARK, 2000));
    assert_eq!((filled, resting), (2000, 0));
    let mut desk = Desk::open();
    desk.placed(2, gtt(Side::Ask, MARK, 1000));
    desk.placed(1, gtt(Side::Bid, MARK, 1000));
    let orders = [1, 2].map(|_| desk.placed(1, gtt(Side::Ask, MARK - 2000, 1000))[0]);
    desk.withdraw(1, FUNDS - 300_000 - 60_000_000).unwrap();
    let [_, filled, resting] = desk.placed(3, gtt(Side::Bid, MARK, 2000));
    assert_eq!((filled, resting), (1000, 1000));
    assert_eq!(desk.removed(), [(orders[1], 4)]);
    assert!(first < second);
}

#[test]
fn no_balance_passes_its_bound() {
    let greatest = (1_i64 << 58) - 1;
    let funds = FUNDS as i64;
    let account = |cash: i64| [1, from_signed(cash), 0, 0, 0, 0, 0, 0];
    let rich = |number: u32| {
        Desk::open().with_leaves(&[
            (address::account(number), account(greatest)),
            (address::account(FUND), account(funds - greatest)),
        ])
    };
    // A taker whose cash would pass it stops; a maker is removed.
    let mut desk = rich(1);
    desk.placed(2, gtt(Side::Bid, MARK, 10));
    let [_, filled, _] = desk.placed(1, taking(IOC, Side::Ask, MARK, 10));
    assert_eq!((filled, desk.stopped()), (0, Some((10, 2005))));
    let mut desk = rich(1);
    let [maker, ..] = desk.placed(1, gtt(Side::Ask, MARK, 10));
    let [_, filled, _] = desk.placed(2, gtt(Side::Bid, MARK, 10));
    assert_eq!((filled, desk.removed()), (0, vec![(maker, 4)]));
    // Fees that would pass it stop the taker.
    let fees = [5 * FUNDS, (1 << 58) - 1, 0, 0, 0, 0, 0, 0];
    let mut desk = Desk::open().with_leaves(&[
        (address::MONEY, fees),
        (address::account(FUND), account(-greatest)),
    ]);
    desk.placed(2, gtt(Side::Bid, MARK, 10));
    let [_, filled, _] = desk.placed(1, taking(IOC, Side::Ask, MARK, 10));
    assert_eq!((filled, desk.stopped()), (0, Some((10, 2005))));
}

#[test]
fn a_maker_past_the_greatest_position_is_removed_and_a_taker_stops() {
    let mut desk = Desk::open();
    let greatest = 1 << 28;
    // One lot short of the greatest position, at a price of one tick.
    let [first, ..] = desk.placed(1, gtt(Side::Bid, 1, 5));
    let position = |size: i64, orders| [from_signed(size), orders, 0, 0, 0, 0, 0, 0];
    let account = |bits| [1, 1 << 56, bits, 0, 0, 0, 0, 0];
    let size = greatest - 4;
    let rest = [
        1,
        from_signed(5 * FUNDS as i64 - (1 << 57)),
        0,
        0,
        0,
        0,
        0,
        0,
    ];
    let empty = [1, 0, 0, 0, 0, 0, 0, 0];
    let mut interest = desk.state.leaf(address::market(0) + 1);
    interest[0] = 2 * size as u64;
    let mut desk = desk.with_leaves(&[
        (address::market(0) + 1, interest),
        (address::account(1), account(1)),
        (address::position(1, 0), position(size, 1)),
        (address::account(2), account(1)),
        (address::position(2, 0), position(-size, 0)),
        (address::account(FUND), rest),
        (address::account(3), empty),
        (address::account(4), empty),
        (address::account(5), empty),
    ]);
    // The taker sells what would bring it past −greatest, but placement already says so.
    let result = desk.place(2, taking(IOC, Side::Ask, 1, 5));
    assert_eq!(result, Err(Refusal::PositionLimit));
    // The maker would pass it too.
    let mut fund = desk.state.leaf(address::account(FUND));
    fund[1] = from_signed(5 * FUNDS as i64 - (1 << 57) - (1 << 40));
    let mut desk = desk.with_leaves(&[
        (address::account(FUND), fund),
        (address::account(4), [1, 1 << 40, 0, 0, 0, 0, 0, 0]),
    ]);
    let [_, filled, _] = desk.placed(4, taking(IOC, Side::Ask, 1, 5));
    assert_eq!((filled, desk.removed()), (0, vec![(first, 4)]));
}

#[test]
fn every_margin_of_every_market_is_asked_for() {
    let mut desk = Desk::open();
    let other = |order: Place| Place { market: 1, ..order };
    desk.placed(2, other(gtt(Side::Ask, MARK, 100_000)));
    desk.placed(1, other(gtt(Side::Bid, MARK, 100_000)));
    // 60,000 USDC long with 10,000: 6,000 margin; 4,000 free carry 40,000 more, not 41,000.
    let order = |lots| gtt(Side::Bid, MARK, lots);
    assert_eq!(desk.place(1, order(66_667)), Err(Refusal::InitialMargin));
    desk.placed(1, order(65_000));
    // A loss in one market is missing in the other.
    desk.mark(1, MARK - 10_000);
    assert_eq!(desk.place(1, order(65_000)), Err(Refusal::InitialMargin));
    assert_eq!(desk.effects.events, [] as [Event; 0]);
}

impl Desk {
    fn clone_state(&self) -> Self {
        let mut desk = Self::of(self.state.clone());
        desk.now_ms = self.now_ms;
        desk
    }
}

#[test]
fn the_longest_entry_of_the_event_log_fits_a_frame() {
    let mut desk = Desk::open();
    for _ in 0..64 {
        desk.placed(1, gtt(Side::Ask, MARK, 1));
    }
    let [id, ..] = desk.placed(2, gtt(Side::Bid, MARK - 1, 1));
    // Removed, 64 fills, and the rest rests.
    let outcome = desk.amend(2, id, MARK, 65).unwrap();
    assert_eq!(outcome.0, [0, id, 64, 1]);
    assert_eq!(desk.effects.events.len(), 66);
    let mut bytes = Vec::new();
    let events = &desk.effects.events;
    zkperp_engine::log::events::push(0, Ok(outcome), events, &mut Vec::new(), &mut bytes);
    assert!(bytes.len() > 4096);
}
