//! Refusals of liquidation forced into a batch, and places in its lists that lie.

use zkperp_engine::{AccountType, Command, OrderType, Place, Refusal, Side};
use zkperp_field::{F, PrimeCharacteristicRing};

use crate::desk::{Desk, MARK, order};
use crate::forced::{Forced, accepted, refused};
use crate::liquidation::{FUND, exposed, falls};
use crate::refusals::NONE;

const CALM: &str = "registers.assert_calm";
const SWEEP: &str = "sequencer_sweep.sequencer_sweep";
pub(crate) const LIQUIDATE: &str = "sequencer_liquidate.sequencer_liquidate";
pub(crate) const DELEVERAGE: &str = "sequencer_deleverage.deleverage_next";

/// Where a wrong place in the due list has no run.
pub(crate) const DUE_LIST: [&str; 3] = [
    "due.link_due_before",
    "due.link_due_behind",
    "lists.assert_account",
];

/// Account 1 is due, by so many ticks; sealed.
fn due(ticks: u64) -> Desk {
    let mut desk = falls(exposed(), ticks);
    while desk.engine.state().pending() != 0 {
        desk.command(Command::Sweep).unwrap();
    }
    desk.engine.seal().unwrap();
    desk.later()
}

#[test]
fn what_takes_risk_waits() {
    let mut desk = exposed();
    let id = desk.rest(2, Side::Bid, 500, 1);
    let pending = falls(desk, 150);
    for desk in [pending, due(150)] {
        let sender = desk.sender(3);
        let cross = AccountType::Cross;
        for command in [
            sender.place(order(Side::Bid, OrderType::Ioc, MARK - 150, 1)),
            desk.sender(2).amend(id, 501, 1),
            sender.withdraw(1),
            sender.create_account(cross, 0),
            sender.transfer(4, 1),
            sender.set_leverage(0, 500_000),
        ] {
            // A place asserts it in its own body.
            let function = match command.kind {
                4 => "l2_place.l2_place",
                _ => CALM,
            };
            let fault = (Refusal::LiquidationPending, function);
            refused(&desk, Command::User(command), NONE, fault);
        }
        let fault = (Refusal::LiquidationPending, CALM);
        refused(&desk, Command::Tick { market: 0 }, NONE, fault);
        let mut desk = desk;
        desk.now_ms = desk.engine.state().funding_due_ms();
        desk.command(Command::Time).unwrap();
        desk.engine.seal().unwrap();
        refused(&desk, Command::Fund, NONE, fault);
    }
}

#[test]
fn steps_that_are_not_due() {
    let mut calm = exposed();
    calm.engine.seal().unwrap();
    let nothing = |place| (Refusal::NothingDue, place);
    let two = Command::Deleverage { account: 2 };
    refused(&calm, Command::Sweep, NONE, nothing(SWEEP));
    refused(&calm, Command::Liquidate, NONE, nothing(LIQUIDATE));
    refused(&calm, two.clone(), NONE, nothing(DELEVERAGE));

    // The second market is pending when account 1 is due.
    let mut desk = exposed();
    for (account, side) in [(1, Side::Bid), (2, Side::Ask)] {
        let order = Place {
            market: 1,
            ..order(side, OrderType::Gtt, MARK, 10)
        };
        desk.place(account, order).unwrap();
    }
    let mut desk = falls(desk, 150);
    desk.command(Command::Sweep).unwrap();
    desk.engine.seal().unwrap();
    assert!(desk.engine.state().first_due().is_some());
    let first = (Refusal::SweepFirst, LIQUIDATE);
    refused(&desk, Command::Liquidate, NONE, first);

    let mut desk = due(170);
    desk.until_deleveraging();
    desk.engine.seal().unwrap();
    let running = (Refusal::DeleverageFirst, LIQUIDATE);
    refused(&desk, Command::Liquidate, NONE, running);
    accepted(&desk, two);
}

#[test]
fn the_fund_is_locked() {
    let mut desk = exposed();
    desk.user(desk.sender(3).transfer(FUND, 100)).unwrap();
    desk.engine.seal().unwrap();
    let fund = desk.sender(FUND);
    for (command, place) in [
        (fund.withdraw(1), "l2_withdraw.l2_withdraw"),
        (fund.transfer(1, 1), "l2_transfer.l2_transfer"),
        (
            fund.create_account(AccountType::Cross, 0),
            "l2_create_account.l2_create_account",
        ),
    ] {
        let fault = (Refusal::FundLocked, place);
        refused(&desk, Command::User(command), NONE, fault);
    }
}

/// Every other place than the right one has no run: none, any account, and what is no account.
pub(crate) fn one_place_alone(good: &Forced, functions: &[&str]) {
    assert_eq!(good.places.len(), 1);
    let accounts = (0..6)
        .chain([FUND.into(), FUND as u64 + 1])
        .map(F::from_u64);
    let wrong = [-F::ONE, F::from_u64(1 << 32), F::from_u64((1 << 32) + 2)];
    for place in accounts.chain(wrong).filter(|at| *at != good.places[0]) {
        let mut forced = good.clone();
        forced.places[0] = place;
        let error = forced.run().expect_err("a wrong place ran").to_string();
        let is_there = functions.iter().any(|function| error.contains(function));
        assert!(is_there, "{place}: {error}");
    }
}

/// Longs in the first market whose triggers differ.
fn longs() -> Desk {
    let mut desk = Desk::open();
    for (account, lots) in [(1, 1_000), (2, 2_000), (3, 1_500)] {
        desk.rest(account, Side::Bid, MARK, lots);
        desk.rest(5, Side::Ask, MARK, lots);
        if account == 2 {
            // The other side is not in their way.
            desk.rest(5, Side::Bid, MARK, 2_000);
            desk.rest(4, Side::Ask, MARK, 2_000);
        }
    }
    desk
}

#[test]
fn a_position_has_one_place_in_its_list() {
    let mut desk = longs();
    desk.engine.seal().unwrap();
    let lists = [
        "lists.link_before",
        "lists.link_behind",
        "lists.assert_account",
    ];
    // Account 2 withdraws so much that it is keyed anew, between the others or before them.
    for amount in [100_000, 250_000, 390_000] {
        let withdraw = Command::User(desk.sender(2).withdraw(amount));
        let good = accepted(&desk, withdraw);
        if good.places.len() == 1 {
            one_place_alone(&good, &lists);
        } else {
            assert!(amount < 390_000);
        }
    }
}

#[test]
fn a_due_account_has_one_place_among_the_due() {
    let mut desk = falls(longs(), 400);
    let mut places = 0;
    while desk.engine.state().pending() != 0 {
        desk.engine.seal().ok();
        let good = accepted(&desk, Command::Sweep);
        if desk.command(Command::Sweep).unwrap().0[3] == 1 {
            places += 1;
            one_place_alone(&good, &DUE_LIST);
        }
    }
    assert!(places >= 3, "{places} due");
}
