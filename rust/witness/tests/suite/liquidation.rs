//! Liquidations worked through by engine and program: fills, dead orders, the fund, deleveraging, debts; and
//! batches that end in their middle.

use std::collections::BTreeSet;

use zkperp_engine::{Command, Event, OrderType, Place, Side};
use zkperp_schema as schema;

use crate::desk::{ACCOUNTS, Desk, MARK, order};

pub(crate) const FUND: u32 = schema::FUND_ACCOUNT as u32;

/// Account 1 is long 2,000 lots against account 2; with 1,000,000 it falls below its maintenance margin
/// at 114 ticks, and below 0 at 167.
pub(crate) fn exposed() -> Desk {
    let mut desk = Desk::open();
    desk.rest(1, Side::Bid, MARK, 2_000);
    desk.rest(2, Side::Ask, MARK, 2_000);
    desk
}

/// The price falls; the batch is sealed.
pub(crate) fn falls(mut desk: Desk, ticks: u64) -> Desk {
    desk.mark(0, MARK - ticks).unwrap();
    desk.engine.seal().unwrap();
    desk.later()
}

/// Liquidates to the end, a batch for each step; the names of all events.
pub(crate) fn to_the_end(mut desk: Desk) -> (Desk, BTreeSet<String>) {
    let mut seen = BTreeSet::new();
    while let Some(command) = desk.liquidation() {
        desk.command(command).unwrap();
        let events = desk.prove().batch.accepted.remove(0).events;
        seen.extend(events.iter().map(name));
        assert_eq!(desk.engine.state().check(), Ok(()));
    }
    (desk, seen)
}

pub(crate) fn name(event: &Event) -> String {
    match event {
        Event::OrderRemoved { reason, .. } => format!("removed {}", reason.name()),
        _ => event.event_type().name().to_owned(),
    }
}

pub(crate) fn names<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

/// The best bids are expired, its own, of an account that is due too, and of one without margin.
#[test]
fn a_due_account_meets_the_book() {
    let mut desk = exposed();
    desk.rest(5, Side::Bid, MARK, 2_000);
    desk.rest(3, Side::Ask, MARK, 2_000);
    let bid = |price, lots| order(Side::Bid, OrderType::Gtt, price, lots);
    let dying = Place {
        expiry_ms: desk.now_ms + 2,
        ..bid(MARK - 151, 10)
    };
    desk.place(3, dying).unwrap();
    for (account, price, lots) in [
        (1, MARK - 152, 10),
        (5, MARK - 153, 10),
        (4, MARK - 154, 3_500),
        (3, MARK - 155, 500),
        (3, MARK - 156, 2_000),
    ] {
        desk.place(account, bid(price, lots)).unwrap();
    }
    // Nearly all that account 4 has, so that its order has no margin.
    desk.user(desk.sender(4).transfer(FUND, 999_000)).unwrap();
    desk.now_ms += 5;
    let (desk, seen) = to_the_end(falls(desk, 150));
    for event in [
        "removed expired",
        "removed self_trade",
        "removed liquidation",
        "removed margin",
        "liquidation",
        "trade",
    ] {
        assert!(seen.contains(event), "{event}: {seen:?}");
    }
    assert!(!desk.is_pending());
}

#[test]
fn the_fund_takes_what_the_book_does_not() {
    for ticks in [120, 160, 170] {
        let mut desk = exposed();
        for account in 3..=ACCOUNTS {
            let gift = desk.sender(account).transfer(FUND, 900_000);
            desk.user(gift).unwrap();
        }
        let (desk, seen) = to_the_end(falls(desk, ticks));
        let expected = ["liquidation_due", "takeover", "recovered"];
        assert!(seen.is_superset(&names(expected)), "{seen:?}");
        assert!(desk.engine.state().position_lots(FUND, 0) > 0);
    }
}

#[test]
fn what_the_book_does_not_take_of_the_fund_is_deleveraged_pro_rata() {
    for ticks in [120, 170, 400] {
        let mut desk = exposed();
        for (account, lots) in [(3, 7), (4, 1), (5, 700)] {
            desk.rest(2, Side::Bid, MARK, lots);
            desk.rest(account, Side::Ask, MARK, lots);
        }
        let (desk, seen) = to_the_end(falls(desk, ticks));
        let expected = [
            "liquidation_due",
            "takeover",
            "deleveraging",
            "deleveraged",
            "recovered",
        ];
        assert!(seen.is_superset(&names(expected)), "{seen:?}");
        assert!(!desk.is_pending());
        assert_eq!(desk.engine.state().position_lots(FUND, 0), 0);
    }
}

/// Account 1 loses all in the second market and more; that is shared with account 2, its counterparty in
/// the first, which then owes more than it had.
#[test]
fn the_fund_pays_a_debt_without_positions() {
    let mut desk = Desk::open();
    let mut both = |market, account, other, lots| {
        for (account, side) in [(account, Side::Bid), (other, Side::Ask)] {
            let order = Place {
                market,
                ..order(side, OrderType::Gtt, MARK, lots)
            };
            desk.place(account, order).unwrap();
        }
    };
    both(0, 1, 2, 2_000);
    both(1, 1, 3, 1_000);
    desk.mark(1, 10).unwrap();
    desk.engine.seal().unwrap();
    let (desk, seen) = to_the_end(desk.later());
    assert!(seen.contains("debt_covered"), "{seen:?}");
    assert!(!desk.is_pending());
}

#[test]
fn a_tick_shows_each_market_whose_trigger_is_crossed() {
    let mut desk = exposed();
    desk.engine.seal().unwrap();
    desk.mark(0, MARK - 10).unwrap();
    assert_eq!(desk.engine.state().pending(), 0);
    desk.mark(0, MARK - 90).unwrap();
    assert_eq!(desk.engine.state().pending(), 1);
    desk.command(Command::Sweep).unwrap();
    desk.command(Command::Sweep).unwrap();
    assert_eq!(desk.engine.state().pending(), 0);
    assert_eq!(desk.engine.state().first_due(), None);
    desk.prove();
}
