//! The fund gathers, stands last, and what it can't keep is closed against everybody:
//! docs/spec/liquidation.md § 4, § 5 and § 7.

use std::collections::BTreeMap;

use zkperp_engine::formulas::Health;
use zkperp_engine::keeper;
use zkperp_engine::{
    Command, Event, MarketParams, OrderType, Place, Refusal, Side, State, address,
};

use crate::desk::{Desk, FUND, FUNDS, MARK, deposit, gtt, taking, tier, venue, venue_of};
use crate::liquidation::{free_of_fees, health, leveraged, order_of, step};

const IOC: OrderType = OrderType::Ioc;

/// Account 1 is bankrupt; 2, 3 and 4 hold the other side with 1000, 500 and 1 lots, 5 is long. The
/// fund has nothing, took account 1's lots with its debt of 10 USDC, and is next.
fn bankrupt() -> Desk {
    let mut desk = leveraged(1);
    for (account, lots) in [(3, 500), (4, 1)] {
        desk.placed(5, gtt(Side::Bid, MARK, lots));
        desk.placed(account, taking(IOC, Side::Ask, MARK, lots));
    }
    desk.mark(0, MARK - 70_000);
    assert_eq!(step(&mut desk), [0, 1, 0, 1000]);
    let due = Event::LiquidationDue {
        account: FUND,
        tav: -10_000_000,
        mmr: 31_800_000,
    };
    assert_eq!(desk.effects.events[1..], [due]);
    assert_eq!(step(&mut desk), [0, 1, 0, 0]);
    assert_eq!(desk.effects.events, [Event::Recovered { account: 1 }]);
    desk
}

/// [`bankrupt`], of which the deleveraging has begun.
fn deleveraging() -> Desk {
    let mut desk = bankrupt();
    assert_eq!(step(&mut desk), [0, FUND.into(), 0, 0]);
    desk
}

fn deleverage(desk: &mut Desk, account: u32) -> Result<[u64; 4], Refusal> {
    let outcome = desk.command(Command::Deleverage { account })?;
    Ok(outcome.0)
}

#[test]
fn what_a_bankrupt_fund_holds_is_closed_against_all_pro_rata_below_the_mark() {
    let mut desk = bankrupt();
    let accounts = || (1..=5).chain([FUND]);
    let total_before: i64 = accounts().map(|account| desk.cash(account)).sum();
    assert_eq!(step(&mut desk), [0, FUND.into(), 0, 0]);
    // 530 USDC at the mark, and the 10 that it owes.
    let quote = 540_000_000;
    let begun = Event::Deleveraging {
        account: FUND,
        market: 0,
        lots: 1000,
        quote,
        total: 1501,
    };
    assert_eq!(desk.effects.events, [begun]);
    assert_eq!(desk.state.deleveragings(), 1);
    assert_eq!(
        desk.command(Command::Liquidate),
        Err(Refusal::DeleverageFirst)
    );
    assert_eq!(desk.command(Command::Sweep), Err(Refusal::NothingDue));
    for wrong in [1, 5, 7, FUND] {
        let result = deleverage(&mut desk, wrong);
        assert_eq!(result, Err(Refusal::BadCounterparty));
    }
    let shares = [
        (2, 666, 359_640_000),
        (3, 333, 179_820_000),
        (4, 1, 540_000),
    ];
    for (account, lots, pay) in shares {
        let next = keeper::liquidation_step(&desk.state);
        assert_eq!(next, Some(Command::Deleverage { account }));
        let share = deleverage(&mut desk, account);
        assert_eq!(share, Ok([0, account.into(), lots, 0]));
        assert_eq!(
            desk.effects.record.words(),
            [16 + (u64::from(account) << 19)]
        );
        let event = Event::Deleveraged {
            account: FUND,
            counterparty: account,
            market: 0,
            lots,
            quote: pay,
        };
        assert_eq!(desk.effects.events, [event]);
        let standing = desk.state.leaf(address::standing(account, 0));
        // Whose position was closed, its tenure has ended.
        let tenure = u64::from(account == 4);
        assert_eq!(standing, [1, tenure, 0, 0, 0, 0, 0, 0]);
    }
    assert_eq!(desk.state.deleveraging(), None);
    let leaf = desk.state.leaf(address::DELEVERAGING);
    assert_eq!(leaf, [0, 0, 0, 0, 0, 0, 0, 1]);
    assert_eq!((desk.cash(FUND), desk.state.position_lots(FUND, 0)), (0, 0));
    assert_eq!(desk.state.position_lots(3, 0), -167);
    let total: i64 = accounts().map(|account| desk.cash(account)).sum();
    assert_eq!(total, total_before);
    assert_eq!(desk.liquidate_all(), 1);
}

#[test]
fn who_is_skipped_is_visited_later_and_nobody_is_visited_twice() {
    let mut desk = deleveraging();
    let twice = Err(Refusal::BadCounterparty);
    // One lot of 1501 is no whole one of 1000: it gives nothing, and is visited all the same.
    assert_eq!(deleverage(&mut desk, 4), Ok([0, 4, 0, 0]));
    assert_eq!(desk.effects.events, []);
    assert_eq!(deleverage(&mut desk, 4), twice);
    assert_eq!(desk.state.next_counterparty(), Some(2));
    // What is undone is to be visited again, and a restored state knows who was.
    let _ = desk.state.seal();
    let mut copy = Desk::of(State::from_leaves(venue().domain, desk.state.leaves()).unwrap());
    assert_eq!(copy.state.next_counterparty(), Some(2));
    assert_eq!(deleverage(&mut copy, 2), Ok([0, 2, 666, 0]));
    assert_eq!(copy.state.next_counterparty(), Some(3));
    copy.state.rollback();
    assert_eq!(copy.state.next_counterparty(), Some(2));
    assert_eq!(copy.state.leaves(), desk.state.leaves());
    for desk in [&mut desk, &mut copy] {
        assert_eq!(deleverage(desk, 3), Ok([0, 3, 333, 0]));
        assert_eq!(deleverage(desk, 4), twice);
        assert_eq!(deleverage(desk, 2), Ok([0, 2, 667, 0]));
        assert_eq!(deleverage(desk, 2), Err(Refusal::NothingDue));
        assert_eq!(desk.cash(FUND), 0);
        assert_eq!(desk.liquidate_all(), 1);
    }
    assert_eq!(copy.state.leaves(), desk.state.leaves());
}

#[test]
fn a_deleveraging_that_ends_in_another_batch_is_undone_to_where_it_stood() {
    let mut desk = deleveraging();
    let _ = desk.state.seal();
    desk.liquidate_all();
    assert_eq!(desk.state.deleveraging(), None);
    desk.state.rollback();
    assert_eq!(desk.state.next_counterparty(), Some(2));
    desk.state.check().unwrap();
    desk.liquidate_all();
}

#[test]
fn the_fund_is_last_and_takes_over_while_it_is_due() {
    let mut desk = leveraged(1);
    desk.placed(2, gtt(Side::Ask, MARK, 1000));
    desk.placed(3, gtt(Side::Bid, MARK, 1000));
    desk.withdraw(3, FUNDS - 80_000_000).unwrap();
    desk.mark(0, MARK - 70_000);
    // Account 1 owes 10 USDC, 3 has 10: the fund, which then owes 10, waits for it.
    assert_eq!(step(&mut desk), [0, 1, 0, 1000]);
    assert_eq!(step(&mut desk), [0, 1, 0, 0]);
    assert_eq!(
        (desk.state.due_accounts(), desk.state.first_due()),
        (2, Some(3))
    );
    assert_eq!(step(&mut desk), [0, 3, 0, 1000]);
    assert_eq!(desk.effects.events.len(), 1);
    assert_eq!(desk.state.position_lots(FUND, 0), 2000);
    assert_eq!(step(&mut desk), [0, 3, 0, 0]);
    assert_eq!(desk.state.first_due(), Some(FUND));
    // All of it is closed at the mark: nothing is left, nothing is owed.
    assert_eq!(step(&mut desk), [0, FUND.into(), 0, 0]);
    let begun = desk.state.deleveraging().unwrap();
    let quote = 2000 * (MARK - 70_000).cast_signed();
    assert_eq!(
        (begun.account, begun.lots, begun.quote),
        (FUND, 2000, quote)
    );
    assert_eq!(desk.liquidate_all(), 2);
    assert_eq!((desk.cash(FUND), desk.state.position_lots(2, 0)), (0, 0));
}

#[test]
fn a_full_fund_is_deleveraged_at_the_mark_without_being_due() {
    let small = MarketParams {
        lots_max: 1000,
        lots_min: 1,
        tiers: vec![tier(1000, 100_000)],
        ..free_of_fees()
    };
    let mut desk = Desk::open_at(&venue_of(vec![small]));
    for (long, short) in [(1, 2), (3, 4)] {
        desk.placed(short, gtt(Side::Ask, MARK, 1000));
        desk.placed(long, taking(IOC, Side::Bid, MARK, 1000));
        desk.withdraw(long, FUNDS - 60_000_000).unwrap();
    }
    let give = desk.sender(5).transfer(FUND, 1_000_000_000);
    desk.user(give).unwrap();
    desk.mark(0, MARK - 70_000);
    assert_eq!(step(&mut desk), [0, 1, 0, 1000]);
    assert_eq!(step(&mut desk), [0, 1, 0, 0]);
    // The fund holds all it may and is healthy: what it holds is closed, not what account 3 does.
    let placed = order_of(&mut desk, FUND);
    assert_eq!(step(&mut desk), [0, 3, 0, 0]);
    let quote = 530_000_000;
    let begun = Event::Deleveraging {
        account: FUND,
        market: 0,
        lots: 1000,
        quote,
        total: 2000,
    };
    assert_eq!(desk.effects.events, [begun]);
    assert_eq!(deleverage(&mut desk, 2), Ok([0, 2, 500, 0]));
    assert_eq!(order_of(&mut desk, FUND), placed);
    assert_eq!(deleverage(&mut desk, 4), Ok([0, 4, 500, 0]));
    assert_eq!(order_of(&mut desk, FUND), [0; 4]);
    assert_eq!(desk.cash(FUND), 990_000_000);
    // Now there is room.
    assert_eq!(step(&mut desk), [0, 3, 0, 1000]);
    assert_eq!(desk.liquidate_all(), 1);
    assert_eq!(desk.state.account(FUND).unwrap().tav(), 980_000_000);
    assert_eq!(health(&desk, FUND), Health::Healthy);
}

#[test]
fn a_deleveraging_that_runs_is_checked_when_it_is_restored() {
    let mut desk = deleveraging();
    deleverage(&mut desk, 3).unwrap();
    let saved = desk.state.leaves();
    let with = |addr, felt: usize, value| {
        let mut leaves: BTreeMap<_, _> = saved.iter().copied().collect();
        leaves.entry(addr).or_insert([0; 8])[felt] = value;
        State::from_leaves(venue().domain, leaves).is_ok()
    };
    assert!(with(address::standing(3, 0), 0, 1));
    let (mark, run) = (address::standing, address::DELEVERAGING);
    // Visited by one that never began, by none, by this one, and what a leaf can't hold.
    for (addr, felt, value) in [
        (mark(3, 0), 0, 2),
        (mark(3, 0), 0, 0),
        (mark(2, 0), 0, 1),
        (mark(3, 0), 3, 1),
        (mark(9, 0), 0, 1),
        (run, 7, 0),
        (run, 7, 2),
        (run, 7, 1 << 48),
        (run, 0, 0),
        (run, 4, 501),
    ] {
        assert!(!with(addr, felt, value), "{addr} {felt} {value}");
    }
}

#[test]
fn a_deleveraged_account_that_loses_by_it_may_become_due_and_its_debt_goes_to_the_fund() {
    // Account 1 loses in market 1 alone; market 0, closed last, bears two fifths of it, though account
    // 3, short there, has won nothing.
    let mut desk = leveraged(1);
    let other = |order| Place { market: 1, ..order };
    desk.request(deposit(1, 180_000_000)).unwrap();
    desk.placed(2, other(gtt(Side::Ask, MARK, 3000)));
    desk.placed(1, other(gtt(Side::Bid, MARK, 3000)));
    desk.placed(3, gtt(Side::Ask, MARK, 1000));
    desk.placed(2, taking(IOC, Side::Bid, MARK, 1000));
    desk.withdraw(3, FUNDS - 60_000_000).unwrap();
    desk.mark(0, MARK - 1);
    desk.mark(1, MARK - 300_000);
    let steps = desk.liquidate_all();
    assert!(steps > 5, "{steps}");
    let debt = desk.cash(FUND);
    assert!((-204_010_000..-203_990_000).contains(&debt), "{debt}");
    assert_eq!((desk.cash(1), desk.cash(3)), (0, 0));
    assert_eq!(desk.state.due_accounts(), 0);
    // Who has no position may go on; the fund's debt is seen.
    assert_eq!(health(&desk, FUND), Health::Bankrupt);
    desk.withdraw(4, 1).unwrap();
}
