//! Refusals of liquidation forced into a batch, and places in its lists that lie.

use zkperp_engine::{AccountType, Command, OrderType, Place, Refusal, Side};
use zkperp_field::{F, PrimeCharacteristicRing};

use crate::desk::{Desk, MARK, order};
use crate::forced::{Forced, accepted, refused};
use crate::liquidation::{FUND, exposed, falls};
use crate::refusals::NONE;

const CALM: &str = "registers.assert_calm";
const SWEEP: &str = "sequencer_sweep.sequencer_sweep";
const LIQUIDATE: &str = "sequencer_liquidate.sequencer_liquidate";
const DELEVERAGE: &str = "sequencer_deleverage.deleverage_next";

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
            let is_amend = command.kind == 6;
            let unknown = desk.engine.state().first_due().is_some() && is_amend;
            if !unknown {
                let fault = (Refusal::LiquidationPending, CALM);
                refused(&desk, Command::User(command), NONE, fault);
            }
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
    desk.command(Command::Liquidate).unwrap();
    desk.engine.seal().unwrap();
    assert!(desk.engine.state().deleveraging().is_some());
    let running = (Refusal::DeleverageFirst, LIQUIDATE);
    refused(&desk, Command::Liquidate, NONE, running);
    let bad = (Refusal::BadCounterparty, DELEVERAGE);
    for account in [0, 1, 3, FUND] {
        refused(&desk, Command::Deleverage { account }, NONE, bad);
    }
    accepted(&desk, two);
}

#[test]
fn a_counterparty_gives_once_and_in_its_turn() {
    let mut desk = exposed();
    desk.rest(1, Side::Bid, MARK, 10);
    desk.rest(3, Side::Ask, MARK, 10);
    let mut desk = falls(desk, 170);
    while desk.engine.state().deleveraging().is_none() {
        let next = desk.liquidation().unwrap();
        desk.command(next).unwrap();
    }
    desk.engine.seal().unwrap();
    let [two, three] = [2, 3].map(|account| desk.envelope(Command::Deleverage { account }));
    let of = |envelopes: &[_]| {
        let commands: Vec<_> = envelopes
            .iter()
            .map(|&e: &&_| (Clone::clone(e), NONE))
            .collect();
        Forced::new(&desk, &commands, 0)
    };
    of(&[&two, &two]).breaks_off("twice", DELEVERAGE);
    of(&[&three, &two]).breaks_off("out of turn", DELEVERAGE);
    // Whoever was passed over is missing at the end: what follows can't be said.
    let liquidate = desk.envelope(Command::Liquidate);
    of(&[&three, &liquidate]).breaks_off("passed over", LIQUIDATE);
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
fn one_place_alone(good: &Forced, functions: &[&str]) {
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
    let due = [
        "due.link_due_before",
        "due.link_due_behind",
        "lists.assert_account",
    ];
    let mut places = 0;
    while desk.engine.state().pending() != 0 {
        desk.engine.seal().ok();
        let good = accepted(&desk, Command::Sweep);
        if let Ok(outcome) = desk.command(Command::Sweep) {
            if outcome.0[3] == 1 {
                places += 1;
                one_place_alone(&good, &due);
            }
        }
    }
    assert!(places >= 3, "{places} due");
}
