//! Mass quotes: docs/spec/orders.md § 5.

use zkperp_engine::{Command, Options, OrderType, Quoted, Refusal, Side};

use crate::desk::{Desk, MARK, START_MS, gtt, named};

const REPLACED: u8 = 9;

fn bid(client_id: u64, price_ticks: u64, lots: u64) -> Quoted {
    Quoted {
        client_id,
        side: Side::Bid,
        price_ticks,
        lots,
        options: Options::NONE,
    }
}

fn ask(client_id: u64, price_ticks: u64, lots: u64) -> Quoted {
    Quoted {
        side: Side::Ask,
        ..bid(client_id, price_ticks, lots)
    }
}

#[test]
fn a_quote_places_replaces_and_removes_at_once() {
    let mut desk = Desk::open();
    let entries = [
        bid(1, MARK - 1, 5),
        ask(2, MARK + 1, 6),
        ask(3, MARK + 2, 7),
    ];
    let outcome = desk.quote(1, &entries).unwrap();
    assert_eq!(outcome.0, [0, 1, 3, 18]);
    let quoted = &desk.effects.advice.quoted;
    assert!(quoted.len() == 3 && quoted.iter().all(Option::is_some));
    assert_eq!(desk.effects.advice.rested, None);
    // 1 moves, 2 goes, 3 stays as it is, 4 is new; the second one of 1 replaces the first.
    let entries = [
        bid(1, MARK, 1),
        Quoted::removal(2),
        bid(4, MARK - 4, 2),
        Quoted::removal(5),
        bid(1, MARK - 2, 3),
    ];
    let outcome = desk.quote(1, &entries).unwrap();
    assert_eq!(outcome.0, [0, 4, 3, 6]);
    assert_eq!(
        desk.removed(),
        [(1, REPLACED), (2, REPLACED), (4, REPLACED)]
    );
    let orders = desk.state.account(1).unwrap().orders;
    let seen: Vec<_> = orders
        .iter()
        .map(|order| (order.order_id, order.client_id, order.price_ticks))
        .collect();
    assert_eq!(seen, [(3, 3, MARK + 2), (5, 4, MARK - 4), (6, 1, MARK - 2)]);
    assert_eq!(desk.cancel_named(1, 1).unwrap().0[1], 6);
}

#[test]
fn a_refused_entry_refuses_them_all() {
    let mut desk = Desk::open();
    desk.quote(1, &[bid(1, MARK - 1, 5)]).unwrap();
    desk.placed(2, gtt(Side::Ask, MARK + 5, 5));
    let good = [bid(1, MARK - 2, 5), bid(9, MARK - 3, 5)];
    let mut is = |last: Quoted, refusal| {
        let entries = [good[0], good[1], last];
        assert_eq!(desk.quote(1, &entries), Err(refusal), "{last:?}");
    };
    is(bid(3, 0, 5), Refusal::BadPrice);
    is(bid(3, MARK, 1 << 39), Refusal::BadLots);
    is(bid(3, 2 * MARK + 1, 5), Refusal::PriceBand);
    is(bid(9 + 4096, MARK, 5), Refusal::ClientIdUsed);
    is(bid(3, MARK, 1 << 28), Refusal::InitialMargin);
    is(bid(3, MARK + 5, 5), Refusal::WouldTake);
    let options = Options {
        reduce_only: true,
        ..Options::NONE
    };
    is(
        Quoted {
            options,
            ..bid(3, MARK, 5)
        },
        Refusal::WouldNotReduce,
    );
    // The old orders are where they were.
    let orders = desk.state.account(1).unwrap().orders;
    assert_eq!((orders.len(), orders[0].price_ticks), (1, MARK - 1));
}

#[test]
fn each_check_of_the_whole_has_its_code() {
    let mut desk = Desk::open();
    let elsewhere = zkperp_engine::Place {
        market: 1,
        ..named(7, gtt(Side::Bid, MARK, 5))
    };
    desk.placed(1, elsewhere);
    let sender = desk.sender(1);
    let (now, later) = (desk.now_ms, START_MS + 1_000_000);
    let entry = [bid(1, MARK, 5)];
    let mut is = |quote, refusal| {
        assert_eq!(desk.command(Command::Quote(quote)), Err(refusal));
    };
    let slide = OrderType::Slide;
    let unknown = Refusal::UnknownMarket;
    is(sender.quote(2, slide, now, &entry), unknown);
    is(sender.quote(0, slide, now, &entry), Refusal::BadExpiry);
    let malformed = Refusal::Malformed;
    is(sender.quote(0, OrderType::Gtt, later, &entry), malformed);
    is(sender.quote(0, slide, later, &[]), malformed);
    is(sender.quote(0, slide, later, &[bid(0, MARK, 5)]), malformed);
    is(sender.quote(0, slide, later, &[bid(1, MARK, 0)]), malformed);
    let used = Refusal::ClientIdUsed;
    is(sender.quote(0, slide, later, &[Quoted::removal(7)]), used);
    is(sender.quote(0, slide, later, &[bid(7, MARK, 5)]), used);
}

#[test]
fn a_quote_waits_for_liquidations_and_fires_the_switch() {
    let mut desk = Desk::open();
    desk.quote(1, &[bid(1, MARK - 1, 5)]).unwrap();
    desk.set_deadline(1, desk.now_ms + 1).unwrap();
    desk.later(1);
    // Refused: the switch has not been fired either.
    assert_eq!(desk.quote(1, &[bid(2, 0, 5)]), Err(Refusal::BadPrice));
    // The dead order is replaced where it is named, and the others just stay dead.
    desk.quote(1, &[bid(1, MARK - 2, 5)]).unwrap();
    assert_eq!(desk.effects.events.len(), 3);
    assert_eq!(desk.removed(), [(1, REPLACED)]);
    assert_eq!(desk.state.account(1).unwrap().orders.len(), 1);
    let mut desk = crate::liquidation::leveraged(1);
    desk.crossing(0, MARK - 13_000);
    assert_eq!(
        desk.quote(3, &[bid(1, MARK / 2, 1)]),
        Err(Refusal::LiquidationPending)
    );
}

#[test]
fn the_makers_met_count_through_the_whole_quote() {
    let mut desk = Desk::open();
    for _ in 0..70 {
        desk.placed(2, gtt(Side::Ask, MARK, 1));
    }
    desk.placed(3, gtt(Side::Ask, MARK, 1));
    desk.cancel_all(2, None).unwrap();
    // The first one meets 64 dead orders and is dropped, and so is what would have to meet more.
    let entries = [bid(1, MARK, 5), bid(2, MARK, 5), bid(3, MARK - 1, 5)];
    let outcome = desk.quote(1, &entries).unwrap();
    assert_eq!(outcome.0[2..], [3, 5]);
    assert_eq!(desk.removed().len(), 64);
    assert_eq!(desk.effects.advice.quoted[..2], [None, None]);
    // Six dead ones are left before the living.
    let refused = desk.quote(1, &[bid(1, MARK, 5)]);
    assert_eq!(refused, Err(Refusal::WouldTake));
    let outcome = desk.quote_as(1, OrderType::Slide, &[bid(1, MARK, 5)]);
    assert_eq!(outcome.unwrap().0[2..], [1, 5]);
    assert_eq!(desk.removed().len(), 6);
}
