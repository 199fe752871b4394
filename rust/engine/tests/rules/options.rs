//! Order types and options: reduce-only, fill or kill, slide, the least size: docs/spec/orders.md
//! § 1 and § 2.

use zkperp_engine::{Event, MarketParams, OrderType, Place, Refusal, Side, address};

use crate::desk::{Desk, LIMIT, MARK, gtt, market, reducing, taking, venue_of};

const IOC: OrderType = OrderType::Ioc;
const FOK: OrderType = OrderType::Fok;

fn sliding(side: Side, price_ticks: u64, lots: u64) -> Place {
    Place {
        order_type: OrderType::Slide,
        ..gtt(side, price_ticks, lots)
    }
}

/// Account 1 is long 10 lots, 2 short.
fn long() -> Desk {
    let mut desk = Desk::open();
    desk.placed(1, gtt(Side::Bid, MARK, 10));
    desk.placed(2, taking(IOC, Side::Ask, MARK, 10));
    desk
}

#[test]
fn a_reduce_only_order_needs_something_to_reduce() {
    let mut desk = long();
    let refused = Err(Refusal::WouldNotReduce);
    assert_eq!(desk.place(1, reducing(gtt(Side::Bid, MARK, 1))), refused);
    assert_eq!(desk.place(2, reducing(gtt(Side::Ask, MARK, 1))), refused);
    assert_eq!(desk.place(3, reducing(gtt(Side::Ask, MARK, 1))), refused);
    // It passes whatever its lots and the account's margin, but not the checks before.
    desk.placed(1, reducing(gtt(Side::Ask, MARK, LIMIT)));
    let refused = desk.place(1, reducing(gtt(Side::Ask, MARK, LIMIT + 1)));
    assert_eq!(refused, Err(Refusal::BadLots));
}

#[test]
fn a_reduce_only_taker_stops_where_its_position_ends() {
    let mut desk = long();
    desk.placed(3, gtt(Side::Bid, MARK, 4));
    desk.placed(3, gtt(Side::Bid, MARK, 40));
    let order = reducing(gtt(Side::Ask, MARK, 25));
    let [_, filled, resting] = desk.placed(1, order);
    assert_eq!((filled, resting), (10, 0));
    assert_eq!(desk.stopped(), Some((15, Refusal::WouldNotReduce.code())));
    let lots: Vec<_> = desk.trades().into_iter().map(|trade| trade.2).collect();
    assert_eq!(lots, [4, 6]);
    assert_eq!(desk.state.position_lots(1, 0), 0);
}

#[test]
fn amending_asks_again_whether_it_reduces() {
    let mut desk = long();
    let [id, ..] = desk.placed(1, reducing(gtt(Side::Ask, MARK + 5, 10)));
    assert_eq!(desk.state.leaf(address::order(1))[7], 4);
    desk.amend(1, id, MARK + 6, 30).unwrap();
    desk.placed(3, gtt(Side::Bid, MARK, 10));
    desk.placed(1, taking(IOC, Side::Ask, MARK, 10));
    // Smaller at its price: nothing is asked. Elsewhere: it is.
    desk.amend(1, id, MARK + 6, 20).unwrap();
    let refused = desk.amend(1, id, MARK + 7, 20);
    assert_eq!(refused, Err(Refusal::WouldNotReduce));
}

#[test]
fn orders_have_a_least_size_unless_they_reduce() {
    let coarse = MarketParams {
        lots_min: 5,
        ..market()
    };
    let mut desk = Desk::open_at(&venue_of(vec![coarse]));
    let small = Err(Refusal::BadLots);
    assert_eq!(desk.place(1, gtt(Side::Bid, MARK, 4)), small);
    let [id, ..] = desk.placed(1, gtt(Side::Bid, MARK, 5));
    assert_eq!(desk.amend(1, id, MARK, 4), small);
    // A fill may leave less.
    desk.placed(2, taking(IOC, Side::Ask, MARK, 5));
    let [id, ..] = desk.placed(1, reducing(gtt(Side::Ask, MARK + 1, 3)));
    desk.amend(1, id, MARK + 1, 1).unwrap();
    assert_eq!(desk.place(1, reducing(gtt(Side::Ask, MARK + 1, 0))), small);
}

#[test]
fn a_fok_is_filled_whole_or_nothing_ever_happened() {
    let mut desk = long();
    let [own, ..] = desk.placed(3, gtt(Side::Bid, MARK, 2));
    desk.placed(4, gtt(Side::Bid, MARK - 1, 6));
    desk.cancel_all(4, None).unwrap();
    let [good, ..] = desk.placed(5, gtt(Side::Bid, MARK - 2, 6));
    let missing = Err(Refusal::NotFilled);
    // It would remove its own order and the cleared one, turn the account's position and key it.
    assert_eq!(desk.place(3, taking(FOK, Side::Ask, MARK - 2, 7)), missing);
    // At its limit, never averaging.
    assert_eq!(desk.place(1, taking(FOK, Side::Ask, MARK - 1, 3)), missing);
    assert_eq!(desk.place(1, taking(FOK, Side::Ask, MARK + 1, 1)), missing);
    assert!(desk.state.resting_order(own).is_some());
    let [_, filled, resting] = desk.placed(1, taking(FOK, Side::Ask, MARK - 2, 8));
    assert_eq!((filled, resting, desk.stopped()), (8, 0, None));
    assert_eq!(desk.trades(), [(own, MARK, 2), (good, MARK - 2, 6)]);
    let with_expiry = Place {
        order_type: FOK,
        ..gtt(Side::Bid, MARK, 1)
    };
    assert_eq!(desk.place(1, with_expiry), Err(Refusal::BadExpiry));
}

#[test]
fn a_fok_that_is_refused_leaves_triggers_and_the_batch_as_they_were() {
    let mut desk = long();
    let sealed = desk.state.leaves();
    let _ = desk.state.seal();
    desk.placed(3, gtt(Side::Ask, MARK, 100));
    desk.placed(4, gtt(Side::Bid, MARK - 1, 5));
    // Deep into its slack, so that both accounts are keyed anew, then refused.
    let refused = desk.place(2, taking(FOK, Side::Bid, MARK, 1000));
    assert_eq!(refused, Err(Refusal::NotFilled));
    // The same slots are used by what comes next, and rolled back.
    desk.placed(5, gtt(Side::Bid, MARK - 2, 5));
    desk.placed(2, taking(IOC, Side::Bid, MARK, 60));
    desk.state.rollback();
    let mut leaves = desk.state.leaves();
    leaves[0].1[0] = 0;
    assert_eq!(leaves, sealed);
    desk.state.check().unwrap();
}

#[test]
fn a_sliding_order_rests_one_tick_behind_what_it_would_take() {
    let mut desk = Desk::open();
    desk.placed(2, gtt(Side::Ask, MARK + 3, 5));
    desk.cancel_all(2, None).unwrap();
    desk.placed(3, gtt(Side::Ask, MARK + 5, 5));
    let [id, filled, resting] = desk.placed(1, sliding(Side::Bid, MARK + 9, 7));
    assert_eq!((filled, resting), (0, 7));
    // The dead one before has gone.
    assert_eq!(desk.removed().len(), 1);
    assert_eq!(desk.state.best_price(0, Side::Bid), Some(MARK + 4));
    let rested = desk
        .effects
        .events
        .iter()
        .any(|event| matches!(event, Event::OrderRested { price, .. } if *price == MARK + 4));
    assert!(rested);
    let resting = desk.state.resting_order(id).unwrap();
    assert!(resting.is_post_only && resting.is_slide);
    // Where it takes nothing it stays at its limit; the other side likewise.
    desk.placed(1, sliding(Side::Bid, MARK - 9, 7));
    desk.placed(4, sliding(Side::Ask, MARK - 20, 7));
    assert_eq!(desk.state.best_price(0, Side::Ask), Some(MARK + 5));
    // Amended, it slides again.
    desk.amend(1, id, MARK + 50, 7).unwrap();
    assert_eq!(desk.state.best_price(0, Side::Bid), Some(MARK + 4));
    let view = desk.state.resting_order(id).unwrap();
    assert_eq!((view.price_ticks, view.is_slide), (MARK + 4, true));
}

#[test]
fn a_sliding_order_without_a_price_to_go_to_is_refused() {
    let mut desk = Desk::open();
    desk.placed(2, gtt(Side::Ask, 1, 5));
    let refused = desk.place(1, sliding(Side::Bid, 1, 5));
    assert_eq!(refused, Err(Refusal::WouldTake));
    let post_only = Place {
        order_type: OrderType::PostOnly,
        ..gtt(Side::Bid, 1, 5)
    };
    assert_eq!(desk.place(1, post_only), Err(Refusal::WouldTake));
    // An order of its own is in the way like any other.
    assert_eq!(
        desk.place(2, sliding(Side::Bid, 1, 5)),
        Err(Refusal::WouldTake)
    );
}

#[test]
fn a_sliding_order_behind_64_dead_ones_is_dropped() {
    let mut desk = Desk::open();
    for _ in 0..65 {
        desk.placed(2, gtt(Side::Ask, MARK, 1));
    }
    desk.placed(3, gtt(Side::Ask, MARK, 1));
    desk.cancel_all(2, None).unwrap();
    let [_, _, resting] = desk.placed(1, sliding(Side::Bid, MARK, 5));
    assert_eq!((resting, desk.removed().len()), (0, 64));
    assert_eq!(desk.stopped(), Some((5, Refusal::MatchLimit.code())));
    desk.placed(1, sliding(Side::Bid, MARK, 5));
    assert_eq!(desk.state.best_price(0, Side::Bid), Some(MARK - 1));
}
