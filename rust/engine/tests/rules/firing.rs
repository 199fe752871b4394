//! Conditional orders that fire, or can't: docs/spec/conditional.md § 4.

use zkperp_engine::{
    AccountType, Command, Conditional, Event, MarketParams, OrderType, Refusal, RemovalReason,
    Side, address, keeper,
};

use crate::desk::{Desk, MARK, gtt, market, venue_of};
use crate::rejections::rejected;
use crate::waiting::{buy, closing, long, partner_of, standing, stop, take_profit};

const IOC: OrderType = OrderType::Ioc;

/// Has the next triggered order fire; its outcome.
pub(crate) fn trigger(desk: &mut Desk) -> [u64; 4] {
    desk.command(Command::Trigger).unwrap().0
}

/// The markets whose bit is set.
fn crossed(desk: &mut Desk) -> u64 {
    let crossed = desk.state.leaf(address::CONDITIONALS)[2];
    assert_eq!(crossed, desk.state.crossed_markets().into());
    crossed
}

/// Fires all, and gives the outcomes but for those that find nothing more.
fn trigger_all(desk: &mut Desk) -> Vec<[u64; 4]> {
    let mut outcomes = Vec::new();
    while keeper::liquidation_step(&desk.state) == Some(Command::Trigger) {
        outcomes.push(trigger(desk));
    }
    let found = outcomes.into_iter();
    found.filter(|outcome| outcome[1] != 0).collect()
}

fn removed_waiting(desk: &Desk) -> Vec<(u64, RemovalReason)> {
    let removed = desk.effects.events.iter().filter_map(|event| match *event {
        Event::ConditionalRemoved {
            order_id, reason, ..
        } => Some((order_id, reason)),
        _ => None,
    });
    removed.collect()
}

#[test]
fn a_stop_fires_at_its_trigger_and_not_before() {
    let mut desk = long(10);
    let id = desk.waits(1, stop(Side::Ask, MARK - 20, 10));
    desk.placed(3, gtt(Side::Bid, MARK - 30, 15));
    desk.mark(0, MARK - 19);
    assert_eq!(crossed(&mut desk), 0);
    assert_eq!(
        desk.command(Command::Trigger),
        Err(Refusal::NothingTriggered)
    );
    desk.mark(0, MARK - 20);
    assert_eq!(crossed(&mut desk), 1);
    assert_eq!(
        keeper::liquidation_step(&desk.state),
        Some(Command::Trigger)
    );
    assert_eq!(trigger(&mut desk), [0, id, 10, 0]);
    assert_eq!(desk.effects.record.words(), [23]);
    let fired = Event::Triggered {
        order_id: id,
        account: 1,
        market: 0,
        side: Side::Ask,
        lots: 10,
        limit: 1,
    };
    assert_eq!(desk.effects.events[0], fired);
    assert_eq!(desk.state.position_lots(1, 0), 0);
    assert_eq!(standing(&mut desk, 1), [1, 0, 0]);
    assert_eq!(desk.state.leaf(address::conditional(1)), [0; 8]);
    assert_eq!(
        desk.state.leaf(address::CONDITIONALS),
        [1, 2, 1, 0, 0, 0, 0, 0]
    );
    // The bit falls when somebody has seen that nothing is left.
    assert_eq!(trigger(&mut desk), [0, 0, 0, 0]);
    assert_eq!((crossed(&mut desk), desk.effects.events.len()), (0, 0));
    assert_eq!(keeper::liquidation_step(&desk.state), None);
}

#[test]
fn while_an_order_has_to_fire_nothing_takes_risk() {
    let mut desk = long(10);
    let [resting, ..] = desk.placed(3, gtt(Side::Bid, 1, 1));
    let waiting = desk.waits(1, stop(Side::Bid, 2 * MARK, 1));
    desk.waits(1, stop(Side::Bid, MARK + 5, 1));
    desk.crossing(0, MARK + 5);
    let due = Err(Refusal::TriggerDue);
    let sender = desk.sender(3);
    // Before any other check of their own.
    assert_eq!(desk.place(3, gtt(Side::Bid, 3 * MARK, 1)), due);
    assert_eq!(desk.wait(3, stop(Side::Bid, 1, 1)), due);
    assert_eq!(desk.amend(3, resting, 2, 1), due);
    assert_eq!(desk.quote(3, &[zkperp_engine::Quoted::removal(1)]), due);
    assert_eq!(desk.withdraw(3, 1), due);
    assert_eq!(desk.user(sender.transfer(1, 1)), due);
    assert_eq!(desk.user(sender.set_leverage(0, 0)), due);
    let create = sender.create_account(AccountType::Cross, 0);
    assert_eq!(desk.user(create), due);
    assert_eq!(desk.tick(0), due);
    assert_eq!(desk.tick(9), due);
    assert_eq!(desk.command(Command::Fund), Err(Refusal::FundingNotDue));
    let now_ms = desk.now_ms;
    desk.now_ms = desk.state.funding_due_ms();
    assert_eq!(desk.command(Command::Fund), due);
    desk.now_ms = now_ms;
    // The fund's lock comes after.
    assert_eq!(desk.command(Command::Sweep), Err(Refusal::NothingDue));
    // All this runs.
    desk.request(crate::desk::deposit(3, 1)).unwrap();
    desk.user(desk.sender(3).burn_nonce()).unwrap();
    desk.give_up(1, waiting).unwrap();
    desk.cancel(3, resting).unwrap();
    desk.set_deadline(3, 0).unwrap();
    desk.cancel_all(3, None).unwrap();
    desk.later(1);
    desk.report(0, 0, MARK).unwrap();
    assert_eq!(trigger_all(&mut desk).len(), 1);
    desk.placed(3, gtt(Side::Bid, 1, 1));
    desk.fund();
}

#[test]
fn liquidation_comes_first() {
    let mut desk = crate::liquidation::leveraged(1);
    let id = desk.waits(1, closing(stop(Side::Ask, MARK - 10, 0)));
    desk.crossing(0, MARK - 70_000);
    let pending = Err(Refusal::LiquidationPending);
    assert_eq!(desk.command(Command::Trigger), pending);
    assert_eq!(desk.place(3, gtt(Side::Bid, 1, 1)), pending);
    desk.sweep();
    assert_eq!(desk.command(Command::Trigger), pending);
    // What is liquidated closes the position, and orphans what was tied to it.
    while let Some(step) = keeper::liquidation_step(&desk.state) {
        if step == Command::Trigger {
            break;
        }
        desk.command(step).unwrap();
    }
    assert_eq!(
        desk.place(3, gtt(Side::Bid, 1, 1)),
        Err(Refusal::TriggerDue)
    );
    assert_eq!(trigger(&mut desk), [0, id, 0, 0]);
    let orphan = (id, RemovalReason::Orphaned);
    assert_eq!(removed_waiting(&desk), [orphan]);
}

#[test]
fn rising_ones_fire_first_then_falling_ones_of_the_lowest_market_first() {
    let mut desk = long(10);
    let elsewhere = |order| Conditional { market: 1, ..order };
    let there = desk.waits(3, elsewhere(stop(Side::Bid, MARK + 5, 1)));
    let third = desk.waits(3, stop(Side::Bid, MARK + 7, 1));
    let first = desk.waits(3, stop(Side::Bid, MARK + 5, 1));
    let second = desk.waits(1, take_profit(Side::Ask, MARK + 5, 1));
    let far = desk.waits(3, stop(Side::Bid, MARK + 9, 1));
    desk.crossing(1, MARK + 5);
    assert_eq!(crossed(&mut desk), 2);
    assert_eq!(desk.tick(0), Err(Refusal::TriggerDue));
    assert_eq!(trigger(&mut desk), [0, there, 0, 0]);
    assert_eq!(trigger(&mut desk), [0, 0, 1, 0]);
    desk.crossing(0, MARK + 8);
    let fired: Vec<u64> = trigger_all(&mut desk).iter().map(|of| of[1]).collect();
    assert_eq!(fired, [first, second, third]);
    let low = desk.waits(1, stop(Side::Ask, MARK + 2, 1));
    let high = desk.waits(1, stop(Side::Ask, MARK + 4, 1));
    desk.crossing(0, MARK);
    let fired: Vec<u64> = trigger_all(&mut desk).iter().map(|of| of[1]).collect();
    assert_eq!(fired, [high, low]);
    assert!(desk.state.waiting_order(far).is_some());
}

#[test]
fn an_order_placed_keeps_its_id_and_rests_or_not_by_its_type() {
    let mut desk = long(10);
    let limit = |order_type, order: Conditional| Conditional {
        order_type,
        price_ticks: MARK - 25,
        ..order
    };
    let rests = limit(OrderType::Gtt, stop(Side::Ask, MARK - 20, 4));
    let rests = desk.waits(1, rests);
    let goes = limit(IOC, stop(Side::Ask, MARK - 20, 3));
    let goes = desk.waits(1, goes);
    let averages = limit(OrderType::Market, stop(Side::Ask, MARK - 20, 4));
    let averages = desk.waits(1, averages);
    desk.placed(3, gtt(Side::Bid, MARK - 25, 1));
    desk.crossing(0, MARK - 20);
    assert_eq!(trigger(&mut desk), [0, rests, 1, 3]);
    let rested = desk.effects.advice.rested;
    assert!(rested.is_some());
    let order = desk.state.resting_order(rests).unwrap();
    assert_eq!((order.lots, order.price_ticks), (3, MARK - 25));
    assert_eq!(order.expiry_ms, crate::waiting::EXPIRY_MS);
    assert_eq!(trigger(&mut desk), [0, goes, 0, 0]);
    assert_eq!(desk.stopped(), Some((3, 0)));
    assert_eq!(trigger(&mut desk), [0, averages, 0, 0]);
    trigger(&mut desk);
    // A market order takes below its limit what it saved above it.
    let averages = limit(OrderType::Market, stop(Side::Ask, MARK - 30, 4));
    let averages = desk.waits(1, averages);
    desk.cancel(1, rests).unwrap();
    desk.placed(3, gtt(Side::Bid, MARK - 23, 2));
    desk.placed(3, gtt(Side::Bid, MARK - 27, 2));
    desk.crossing(0, MARK - 30);
    assert_eq!(trigger(&mut desk), [0, averages, 4, 0]);
}

#[test]
fn its_limit_is_brought_within_the_bands() {
    let narrow = MarketParams {
        pricing: zkperp_engine::PricingParams {
            band_ppm: 100_000,
            ..market().pricing
        },
        ..market()
    };
    let mut desk = Desk::open_at(&venue_of(vec![narrow]));
    buy(&mut desk, 1, 2, 10);
    let sale = desk.waits(1, stop(Side::Ask, MARK - 10, 1));
    let purchase = desk.waits(1, stop(Side::Bid, MARK + 1000, 1));
    // Within the bands a limit stays as it is.
    let within = Conditional {
        price_ticks: MARK - 50,
        ..stop(Side::Ask, MARK - 10, 1)
    };
    let within = desk.waits(1, within);
    let limits = |desk: &Desk| match desk.effects.events[0] {
        Event::Triggered {
            order_id, limit, ..
        } => (order_id, limit),
        ref other => panic!("{other:?}"),
    };
    desk.crossing(0, MARK - 10);
    trigger(&mut desk);
    let low = desk.state.market(0).unwrap().terms.price_low;
    assert_eq!(limits(&desk), (sale, low));
    trigger(&mut desk);
    assert_eq!(limits(&desk), (within, MARK - 50));
    trigger(&mut desk);
    desk.crossing(0, MARK + 1000);
    trigger(&mut desk);
    let high = desk.state.market(0).unwrap().terms.price_high;
    assert_eq!(limits(&desk), (purchase, high));
}

#[test]
fn a_tied_order_has_the_lots_of_its_position_but_no_more_than_an_order_may() {
    let small = MarketParams {
        lots_max: 8,
        lots_min: 2,
        ..market()
    };
    let mut desk = Desk::open_at(&venue_of(vec![small]));
    for _ in 0..2 {
        buy(&mut desk, 1, 2, 5);
    }
    let id = desk.waits(1, closing(stop(Side::Ask, MARK - 10, 0)));
    // What is bought and sold meanwhile does not matter, as long as something is held.
    buy(&mut desk, 1, 2, 3);
    buy(&mut desk, 2, 1, 2);
    let second = desk.waits(1, closing(stop(Side::Ask, MARK - 10, 0)));
    for _ in 0..2 {
        desk.placed(3, gtt(Side::Bid, MARK - 10, 8));
    }
    desk.crossing(0, MARK - 10);
    assert_eq!(trigger(&mut desk), [0, id, 8, 0]);
    assert_eq!(trigger(&mut desk), [0, second, 3, 0]);
    assert_eq!(desk.state.position_lots(1, 0), 0);
}

#[test]
fn dead_ones_are_dropped_when_their_turn_comes() {
    let mut desk = long(10);
    let order = closing(stop(Side::Ask, MARK - 10, 0));
    let short_lived = |desk: &Desk, order| Conditional {
        expiry_ms: desk.now_ms + 3,
        ..order
    };
    // Cleared goes before expired, and that before orphaned.
    let cleared = desk.waits(1, short_lived(&desk, order));
    desk.cancel_all(1, Some(0)).unwrap();
    let expired = desk.waits(1, short_lived(&desk, order));
    let orphaned = desk.waits(1, order);
    buy(&mut desk, 2, 1, 10);
    buy(&mut desk, 1, 2, 10);
    assert_eq!(standing(&mut desk, 1)[0], 1);
    let loose = desk.waits(1, closing(stop(Side::Ask, MARK - 10, 4)));
    let silent = desk.waits(4, stop(Side::Ask, MARK - 10, 1));
    desk.set_deadline(4, desk.now_ms + 4).unwrap();
    desk.later(4);
    desk.crossing(0, MARK - 10);
    for (id, reason) in [
        (cleared, RemovalReason::Cleared),
        (expired, RemovalReason::Expired),
        (orphaned, RemovalReason::Orphaned),
    ] {
        assert_eq!(trigger(&mut desk), [0, id, 0, 0]);
        assert_eq!(removed_waiting(&desk), [(id, reason)]);
        assert_eq!(desk.effects.events.len(), 1);
    }
    // One with lots of its own fires: it was not tied.
    assert_eq!(trigger(&mut desk), [0, loose, 0, 0]);
    assert_eq!(removed_waiting(&desk), []);
    assert_eq!(trigger(&mut desk), [0, silent, 0, 0]);
    assert_eq!(removed_waiting(&desk), [(silent, RemovalReason::Cleared)]);
    // Of a market above the first the outcome says which.
    let elsewhere = Conditional {
        market: 1,
        ..stop(Side::Bid, MARK + 1, 1)
    };
    trigger(&mut desk);
    let id = desk.waits(1, elsewhere);
    desk.cancel_all(1, None).unwrap();
    desk.crossing(1, MARK + 1);
    assert_eq!(trigger(&mut desk), [0, id, 1, 0]);
    assert_eq!(trigger(&mut desk), [0, 0, 1, 0]);
}

#[test]
fn an_order_that_fires_takes_its_partner_with_it_even_if_it_is_rejected() {
    let mut desk = long(10);
    let pair = |desk: &mut Desk| {
        let id = desk.waits(1, closing(stop(Side::Ask, MARK - 10, 0)));
        let profit = partner_of(id, closing(take_profit(Side::Ask, MARK + 10, 6)));
        (id, desk.waits(1, profit))
    };
    let (id, profit) = pair(&mut desk);
    desk.placed(3, gtt(Side::Bid, MARK - 10, 4));
    desk.crossing(0, MARK - 10);
    assert_eq!(trigger(&mut desk), [0, id, 4, 0]);
    let gone = Event::ConditionalRemoved {
        order_id: profit,
        account: 1,
        market: 0,
        reason: RemovalReason::Partner,
    };
    assert_eq!(desk.effects.events[0], gone);
    assert!(matches!(desk.effects.events[1], Event::Triggered { .. }));
    assert_eq!(standing(&mut desk, 1), [0, 0, 0]);
    trigger(&mut desk);
    desk.mark(0, MARK);
    // The other side of a pair, after the position was closed: not tied, so it is rejected.
    let (id, profit) = pair(&mut desk);
    buy(&mut desk, 2, 1, 6);
    desk.crossing(0, MARK + 10);
    assert_eq!(rejected(&mut desk, profit), Refusal::WouldNotReduce);
    assert_eq!(removed_waiting(&desk), [(id, RemovalReason::Partner)]);
    trigger(&mut desk);
    desk.mark(0, MARK);
    // A dead one that is dropped leaves its partner waiting.
    buy(&mut desk, 1, 2, 6);
    let (id, profit) = pair(&mut desk);
    buy(&mut desk, 2, 1, 6);
    desk.crossing(0, MARK - 10);
    assert_eq!(trigger(&mut desk), [0, id, 0, 0]);
    assert_eq!(removed_waiting(&desk), [(id, RemovalReason::Orphaned)]);
    assert_eq!(desk.state.waiting_order(profit).unwrap().partner, 0);
}

#[test]
fn a_position_s_tenure_ends_when_it_is_closed_or_turned() {
    let tenures = |desk: &mut Desk| [1, 2].map(|account| standing(desk, account)[0]);
    let mut desk = Desk::open();
    buy(&mut desk, 1, 2, 10);
    buy(&mut desk, 1, 2, 5);
    buy(&mut desk, 2, 1, 5);
    assert_eq!(tenures(&mut desk), [0, 0]);
    // Turned on both sides of a fill: maker and taker.
    buy(&mut desk, 2, 1, 12);
    assert_eq!(tenures(&mut desk), [1, 1]);
    buy(&mut desk, 1, 3, 2);
    assert_eq!(tenures(&mut desk), [2, 1]);
    // Opened anew: no tenure ends.
    buy(&mut desk, 1, 3, 2);
    assert_eq!(tenures(&mut desk), [2, 1]);
}

#[test]
fn takeovers_and_deleveragings_end_tenures() {
    let mut desk = crate::liquidation::leveraged(1);
    desk.mark(0, MARK - 70_000);
    // The fund takes all 1000 lots; account 2 holds the other side.
    desk.liquidate_all();
    assert_eq!(desk.state.position_lots(1, 0), 0);
    assert_eq!(desk.state.position_lots(2, 0), 0);
    let tenures = [1, 2, crate::desk::FUND].map(|account| standing(&mut desk, account)[0]);
    assert_eq!(tenures, [1, 1, 1]);
}
