//! Deleveraging by engine and program: of a full fund, of the fund at the list's head, of an account that
//! the fund can't pay for; counterparties in any order.

use std::collections::BTreeSet;

use zkperp_engine::leaf::from_signed;
use zkperp_engine::{Command, OrderType, Place, Side};
use zkperp_schema as schema;

use crate::desk::{Desk, FUNDS, MARK, deposit, order};
use crate::liquidation::{FUND, falls, name, names, to_the_end};

/// The market limit is 12,000 lots. Accounts 1 and 3 are long 7,000 each with 5,000,000, which is below
/// maintenance at 135 ticks, below close-out at 172 and gone at 238; accounts 2, 4 and 5 have the other side,
/// and money. Account 1 is long 700 lots of the second market, too.
pub(crate) fn two_longs() -> Desk {
    let mut desk = Desk::open();
    for (account, amount) in [(1, 5), (2, 10), (3, 5), (4, 10), (5, 30)] {
        let amount = (amount - 1) * FUNDS;
        desk.request(deposit(account, amount)).unwrap();
    }
    for (market, long, short, lots) in [
        (0, 1, 4, 2_500),
        (0, 1, 2, 4_500),
        (0, 3, 5, 6_999),
        (0, 3, 4, 1),
        (1, 1, 5, 700),
    ] {
        for (account, side) in [(long, Side::Bid), (short, Side::Ask)] {
            let place = Place {
                market,
                ..order(side, OrderType::Gtt, MARK, lots)
            };
            desk.place(account, place).unwrap();
        }
    }
    desk
}

/// The same with so much given to the fund by account 5.
pub(crate) fn with_fund(amount: u64) -> Desk {
    let mut desk = two_longs();
    if amount > 0 {
        desk.user(desk.sender(5).transfer(FUND, amount)).unwrap();
    }
    desk
}

/// Ticks by which the price falls, what the fund has, whether it is due when it is full, and the sign of what
/// it is worth then.
const FALLS: [(u64, u64, bool, i64); 4] = [
    (200, 0, true, 1),
    (200, 9 * FUNDS, false, 1),
    (300, 0, true, -1),
    (300, 10 * FUNDS, false, 1),
];

#[test]
fn a_full_fund_is_deleveraged_before_the_account() {
    for (ticks, gift, is_due, sign) in FALLS {
        let mut desk = falls(with_fund(gift), ticks);
        desk.until_deleveraging();
        let state = desk.engine.state();
        let running = *state.deleveraging().unwrap();
        assert_eq!(running.account, FUND);
        assert_ne!(state.first_due(), Some(FUND));
        assert_eq!(running.lots, 7_000);
        assert_eq!(running.total, 14_000);
        let at_the_mark = 7_000 * 3 * (MARK - ticks).cast_signed();
        let loss = at_the_mark - running.quote;
        assert_eq!(loss.signum(), sign.min(0), "{ticks} {gift}: {loss}");
        desk.prove();

        let (desk, seen) = to_the_end(desk);
        let expected = ["takeover", "deleveraged", "recovered"];
        assert!(seen.is_superset(&names(expected)), "{seen:?}");
        assert!(!desk.is_pending());
        // A fund that was due has nothing left; the other keeps what it took last.
        let kept = desk.engine.state().position_lots(FUND, 0);
        assert_eq!(kept == 0, is_due, "{kept}");
    }
}

/// Visits the counterparties in this order again and again, whoever may be; the accounts visited.
fn visit(desk: &mut Desk, order: &[u32], is_proven: bool) -> Vec<u32> {
    let mut visited = Vec::new();
    while desk.engine.state().deleveraging().is_some() {
        let before = visited.len();
        for &account in order {
            let is_running = desk.engine.state().deleveraging().is_some();
            let command = Command::Deleverage { account };
            if is_running && desk.command(command).is_ok() {
                visited.push(account);
                if is_proven {
                    desk.prove();
                }
            }
        }
        assert!(visited.len() > before, "nobody is left to visit");
    }
    visited
}

/// Nobody is taken twice and nobody is lost, whoever comes first; the books are the same in the end but for
/// odd lots.
#[test]
fn counterparties_are_visited_in_any_order() {
    for (ticks, gift, _, _) in FALLS {
        let mut desk = falls(with_fund(gift), ticks);
        desk.until_deleveraging();
        desk.prove();
        let mut shares = BTreeSet::new();
        for order in [[2, 4, 5], [5, 4, 2], [4, 2, 5], [2, 5, 4]] {
            for is_proven in [false, true] {
                let mut desk = desk.clone();
                let visited = visit(&mut desk, &order, is_proven);
                assert_eq!(visited, order);
                if !is_proven {
                    desk.prove();
                }
                let lots =
                    order.map(|account| (account, desk.engine.state().position_lots(account, 0)));
                let lots: BTreeSet<_> = lots.into();
                shares.insert(lots);
                assert_eq!(desk.engine.state().check(), Ok(()));
                to_the_end(desk);
            }
        }
        assert!(shares.len() <= 3, "{shares:?}");
    }
}

/// What is closed of an account itself: the fund can't hold the money.
#[test]
fn an_account_is_deleveraged_that_the_fund_cant_pay() {
    let mut desk = Desk::open();
    for (account, side) in [(1, Side::Ask), (2, Side::Bid)] {
        desk.rest(account, side, MARK, 1_000);
        desk.rest(account, side, MARK, 1_000);
    }
    desk.engine.seal().unwrap();
    let fund = schema::ACCOUNT_BASE + schema::FUND_ACCOUNT * schema::ACCOUNT_STRIDE;
    let clearing = schema::MARKET_BASE + schema::MARKET_STRIDE + schema::INTEREST_LEAF;
    // Who takes a short gets its price: more than the fund may have. The other market's funding owes that.
    let all = schema::BALANCE_MAX - 1_000_000;
    let mut desk = desk.with_felts(&[
        (fund, 1, all),
        (
            clearing,
            schema::interest::CLEARING,
            from_signed(-all.cast_signed()),
        ),
    ]);
    desk.now_ms += 1;
    desk.mark(0, MARK + 150).unwrap();
    desk.until_deleveraging();
    let running = desk.engine.state().deleveraging().unwrap();
    assert_eq!(running.account, 1);
    desk.prove();
    let (desk, _) = to_the_end(desk);
    assert!(!desk.is_pending());
}

/// A batch may hold a whole crash, and the next one another: numbers go on, stamps stay.
#[test]
fn a_position_is_visited_by_one_deleveraging_after_the_other() {
    let mut desk = falls(with_fund(0), 300);
    let mut begun = 0;
    let mut seen = BTreeSet::new();
    while let Some(command) = desk.liquidation() {
        desk.command(command).unwrap();
        let number = desk.engine.state().deleveragings();
        if number != begun {
            begun = number;
            let batch = desk.prove().batch;
            let events = batch.accepted.iter().flat_map(|one| &one.events);
            seen.extend(events.map(name));
        }
    }
    desk.prove();
    assert!(begun >= 3, "{begun} deleveragings");
    assert!(seen.contains("deleveraged"));
}
