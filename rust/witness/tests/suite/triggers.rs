//! Triggered orders worked through by engine and program: fired, rejected with every code, dropped; and the
//! tenure of positions.

use zkperp_engine::{
    AccountType, Command, Conditional, Event, Options, OrderType, Outcome, Place, Side,
};
use zkperp_field::PrimeField64;
use zkperp_schema::{self as schema, CancelScope, Condition};

use crate::conditionals::standing;
use crate::desk::{Desk, EXPIRY_MS, MARK, TICK_MAX_MS, order};
use crate::liquidation::{exposed, falls, to_the_end};

/// By how many ticks the mark falls to the stops.
pub(crate) const FALL: u64 = 10;
/// An isolated account that may trade market 1 only.
const ISOLATED: u32 = schema::SUB_ACCOUNT_FIRST as u32 + 1;

/// A stop that sells at any price within the bands, and only reduces.
pub(crate) fn stop(lots: u64) -> Conditional {
    Conditional {
        market: 0,
        side: Side::Ask,
        order_type: OrderType::Ioc,
        price_ticks: 1,
        lots,
        options: Options {
            reduce_only: true,
            ..Options::NONE
        },
        expiry_ms: EXPIRY_MS,
        trigger_ticks: MARK - FALL,
        condition: Condition::Stop,
        partner: 0,
    }
}

/// A stop that also sells what its account does not have.
pub(crate) fn opening(order_type: OrderType, lots: u64) -> Conditional {
    Conditional {
        order_type,
        options: Options::NONE,
        ..stop(lots)
    }
}

/// Account `to` gets lots of `from` in a market.
pub(crate) fn trade(desk: &mut Desk, to: u32, from: u32, market: u8, lots: u64) {
    for (account, side) in [(to, Side::Bid), (from, Side::Ask)] {
        let order = Place {
            market,
            ..order(side, OrderType::Gtt, MARK, lots)
        };
        desk.place(account, order).unwrap();
    }
}

/// Account 1 is long 20 lots against account 2; account 3 bids for them a little below the stops.
pub(crate) fn long() -> Desk {
    let mut desk = Desk::open();
    trade(&mut desk, 1, 2, 0, 20);
    desk.rest(3, Side::Bid, MARK - FALL - 5, 30);
    desk
}

/// One trigger, proven: its outcome and events.
fn fire(desk: &mut Desk) -> (Outcome, Vec<Event>) {
    desk.command(Command::Trigger).unwrap();
    let accepted = desk.prove().batch.accepted.remove(0);
    assert_eq!(desk.engine.state().check(), Ok(()));
    (accepted.outcome, accepted.events)
}

/// How often the account's position in market 0 was closed or turned, by the last seal.
pub(crate) fn tenure(desk: &Desk, owner: u32) -> u64 {
    let leaf = desk.engine.tree().get(standing(owner.into())).unwrap();
    leaf[1].as_canonical_u64()
}

#[test]
fn a_tied_stop_closes_the_whole_position_in_its_turn() {
    let mut desk = long();
    let first = desk.waits(1, stop(0));
    let second = desk.waits(1, stop(5));
    let mut desk = falls(desk, FALL);
    let (outcome, events) = fire(&mut desk);
    assert_eq!(outcome.0, [0, first, 20, 0]);
    let expected = Event::Triggered {
        order_id: first,
        account: 1,
        market: 0,
        side: Side::Ask,
        lots: 20,
        // price_low, at a band of 60 %.
        limit: 396,
    };
    assert_eq!(events[0], expected);
    assert_eq!(tenure(&desk, 1), 1);
    // What is left has nothing to reduce; then the market is done.
    assert_eq!(fire(&mut desk).0.0, [2009, second, 0, 0]);
    assert_eq!(fire(&mut desk).0.0, [0; 4]);
    assert!(!desk.is_pending());
}

#[test]
fn a_position_above_the_greatest_order_is_closed_by_that_much() {
    let mut desk = Desk::open();
    for (account, leverage) in [(1, 300_000), (4, 300_000)] {
        let more = crate::desk::deposit(account, 50_000_000);
        desk.request(more).unwrap();
        let own = desk.sender(account).set_leverage(0, leverage);
        desk.user(own).unwrap();
    }
    trade(&mut desk, 1, 4, 0, 6_000);
    trade(&mut desk, 1, 4, 0, 5_000);
    let id = desk.waits(1, stop(0));
    desk.rest(4, Side::Bid, MARK - FALL, 10_000);
    desk.rest(4, Side::Bid, MARK - FALL, 1_000);
    let mut desk = falls(desk, FALL);
    assert_eq!(fire(&mut desk).0.0, [0, id, 10_000, 0]);
    assert_eq!(tenure(&desk, 1), 0);
}

#[test]
fn a_fired_order_rests_with_its_own_id() {
    let mut desk = long();
    let gtt = Conditional {
        order_type: OrderType::Gtt,
        price_ticks: MARK - FALL - 5,
        ..opening(OrderType::Gtt, 40)
    };
    let id = desk.waits(5, gtt);
    // A take-profit that buys: its limit is above the band.
    let dear = Conditional {
        side: Side::Bid,
        price_ticks: 90_000,
        condition: Condition::TakeProfit,
        ..opening(OrderType::Market, 10)
    };
    let other = desk.waits(4, dear);
    let mut desk = falls(desk, FALL);
    assert_eq!(fire(&mut desk).0.0, [0, id, 30, 10]);
    let (outcome, events) = fire(&mut desk);
    assert_eq!(outcome.0, [0, other, 10, 0]);
    // price_high, at a band of 60 %.
    assert!(matches!(events[0], Event::Triggered { limit: 1_584, .. }));
}

#[test]
fn rising_fires_before_falling_and_a_partner_goes() {
    let mut desk = long();
    let profit = Conditional {
        trigger_ticks: MARK + FALL,
        condition: Condition::TakeProfit,
        ..stop(0)
    };
    let one = desk.waits(1, stop(0));
    let paired = Conditional {
        partner: one,
        ..profit
    };
    let other = desk.waits(1, paired);
    desk.rest(3, Side::Bid, MARK + FALL - 1, 30);
    desk.mark(0, MARK + FALL).unwrap();
    desk.engine.seal().unwrap();
    let (outcome, events) = fire(&mut desk);
    assert_eq!(outcome.0, [0, other, 20, 0]);
    let removed = &events[0];
    assert!(
        matches!(removed, Event::ConditionalRemoved { order_id, .. } if *order_id == one),
        "{removed:?}"
    );
    assert_eq!(fire(&mut desk).0.0, [0; 4]);
}

/// A stop that is dead when its turn comes.
pub(crate) fn dead(how: &str) -> (Desk, u64) {
    let mut desk = long();
    let mut order = stop(0);
    if how == "expired" {
        order.expiry_ms = desk.now_ms + 2;
    }
    let id = desk.waits(1, order);
    let sender = desk.sender(1);
    match how {
        "expired" => {}
        "cleared" => {
            desk.user(sender.cancel_all(CancelScope::Account, 0))
                .unwrap();
        }
        "cleared in the market" => {
            desk.user(sender.cancel_all(CancelScope::Market, 0))
                .unwrap();
        }
        "silent" => {
            desk.user(sender.set_deadline(desk.now_ms + 1)).unwrap();
        }
        "closed" => trade(&mut desk, 4, 1, 0, 20),
        "closed and opened" => {
            trade(&mut desk, 4, 1, 0, 20);
            trade(&mut desk, 1, 4, 0, 20);
        }
        _ => trade(&mut desk, 4, 1, 0, 30),
    }
    (falls(desk, FALL), id)
}

pub(crate) const DEATHS: [&str; 7] = [
    "expired",
    "cleared",
    "cleared in the market",
    "silent",
    "closed",
    "closed and opened",
    "turned",
];

#[test]
fn dead_ones_are_dropped() {
    for how in DEATHS {
        let (mut desk, id) = dead(how);
        let (outcome, events) = fire(&mut desk);
        assert_eq!(outcome.0, [0, id, 0, 0], "{how}");
        assert!(
            matches!(events[0], Event::ConditionalRemoved { .. }),
            "{how}"
        );
        assert_eq!(fire(&mut desk).0.0, [0; 4], "{how}");
    }
}

/// A stop of account 5, or of the isolated one, that is rejected with this code; crossed and sealed.
pub(crate) fn rejected(code: u64) -> (Desk, u64) {
    let mut desk = long();
    let id = match code {
        1108 => {
            let create = desk.sender(5).create_account(AccountType::Isolated, 1);
            desk.user(create).unwrap();
            desk.waits(ISOLATED, opening(OrderType::Ioc, 5))
        }
        2001 => {
            trade(&mut desk, 4, 5, 0, 3_000);
            desk.waits(5, opening(OrderType::Ioc, 10_000))
        }
        2002 => desk.waits(5, opening(OrderType::Market, 4_000)),
        2009 => {
            trade(&mut desk, 5, 4, 0, 10);
            let id = desk.waits(5, stop(5));
            trade(&mut desk, 4, 5, 0, 10);
            id
        }
        3001 => {
            let full = schema::OPEN_ORDERS_MAX;
            for i in 0..full {
                desk.rest(5, Side::Bid, MARK - 100 - i % 20, 1);
            }
            desk.waits(5, opening(OrderType::Gtt, 5))
        }
        _ => {
            trade(&mut desk, 5, 4, 1, 10);
            desk.waits(5, opening(OrderType::Ioc, 5))
        }
    };
    let mut desk = falls(desk, FALL);
    if code == 4102 {
        desk.wait(TICK_MAX_MS + 1);
        desk.engine.seal().unwrap();
    }
    (desk, id)
}

/// The codes that a state without the greatest slots can give.
pub(crate) const CODES: [u64; 6] = [3001, 2009, 1108, 2001, 4102, 2002];

#[test]
fn every_code_of_placing_is_proven() {
    for code in CODES {
        let (mut desk, id) = rejected(code);
        let (outcome, events) = fire(&mut desk);
        assert_eq!(outcome.0, [code, id, 0, 0]);
        assert!(matches!(
            events.last(),
            Some(Event::ConditionalRejected { .. })
        ));
    }
}

/// Only the other market, where the account has a position, is overdue.
#[test]
fn a_tick_of_any_position_may_be_overdue() {
    let mut desk = long();
    trade(&mut desk, 5, 4, 1, 10);
    let id = desk.waits(5, opening(OrderType::Ioc, 5));
    desk.wait(TICK_MAX_MS + 1);
    let mut desk = falls(desk, FALL);
    assert_eq!(fire(&mut desk).0.0, [4102, id, 0, 0]);
}

#[test]
fn a_tenure_ends_where_a_position_is_closed_or_turned() {
    let mut desk = long();
    // (from, to, lots), then the tenures of both: taker and maker close, turn, open, grow, and shrink.
    for (to, from, lots, tenures) in [
        (4, 1, 5, (0, 0)),
        (4, 1, 15, (0, 1)),
        (1, 4, 10, (1, 0)),
        (5, 1, 20, (0, 2)),
        (1, 5, 30, (3, 1)),
        (1, 5, 3, (3, 1)),
        (2, 1, 4, (0, 3)),
        (2, 3, 30, (1, 0)),
    ] {
        trade(&mut desk, to, from, 0, lots);
        desk.prove();
        let found = (tenure(&desk, to), tenure(&desk, from));
        assert_eq!(found, tenures, "{lots} from {from} to {to}");
    }
}

#[test]
fn liquidation_ends_tenures() {
    // A fill, takeover, and deleveraging of all that accounts 1 and 2 have against each other.
    for (bids, gift) in [(true, false), (false, true), (false, false)] {
        let mut desk = exposed();
        if bids {
            desk.rest(3, Side::Bid, MARK - 160, 2_000);
        }
        if gift {
            for account in 3..=5 {
                let gift = desk
                    .sender(account)
                    .transfer(crate::liquidation::FUND, 900_000);
                desk.user(gift).unwrap();
            }
        }
        let (desk, _) = to_the_end(falls(desk, 170));
        assert_eq!(desk.engine.state().position_lots(1, 0), 0);
        assert_eq!(tenure(&desk, 1), 1);
        let closes = desk.engine.state().position_lots(2, 0) == 0;
        assert_eq!(tenure(&desk, 2), u64::from(closes));
    }
}
