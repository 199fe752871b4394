//! What a prover could try with takeover, deleveraging and the fund's place in the due list: none of it has a
//! run.

use std::collections::BTreeSet;

use zkperp_engine::{Command, Event, OrderType, Refusal, Side, Verify};
use zkperp_field::{F, PrimeCharacteristicRing};

use crate::deleveraging::with_fund;
use crate::desk::{Desk, FUNDS, MARK, deposit, order};
use crate::forced::{Forced, accepted, refused};
use crate::liquidation::{FUND, exposed, falls};
use crate::liquidation_attacks::{DELEVERAGE, DUE_LIST, LIQUIDATE, one_place_alone};
use crate::refusals::NONE;

/// The deleveraging of a full fund begins; sealed.
fn running(gift: u64) -> Desk {
    let mut desk = falls(with_fund(gift), 200);
    desk.until_deleveraging();
    desk.engine.seal().unwrap();
    desk.later()
}

fn visit(account: u32) -> Command {
    Command::Deleverage { account }
}

/// These commands as a batch, whatever the engine says of them; with its advice where it accepts them.
fn batch(desk: &Desk, commands: &[Command]) -> Forced {
    let mut engine = desk.engine.clone();
    let mut advised = |command: &Command| {
        let envelope = desk.envelope(command.clone());
        let accepted = engine.apply(&envelope, &Verify);
        let advice = accepted.map_or(NONE, |(_, effects)| effects.advice.clone());
        (envelope, advice)
    };
    let commands: Vec<_> = commands.iter().map(&mut advised).collect();
    Forced::new(desk, &commands, 0)
}

#[test]
fn a_counterparty_is_of_the_other_side() {
    let desk = running(9 * FUNDS);
    let bad = (Refusal::BadCounterparty, DELEVERAGE);
    // The other long, who is none any more, nobody, and the fund itself.
    for account in [3, 1, 0, 6, FUND, FUND + 1] {
        refused(&desk, visit(account), NONE, bad);
    }
    for account in [2, 4, 5] {
        accepted(&desk, visit(account));
    }
}

#[test]
fn a_counterparty_gives_once() {
    let mut desk = running(0);
    batch(&desk, &[visit(4), visit(4)]).breaks_off("twice", DELEVERAGE);
    batch(&desk, &[visit(4), visit(2), visit(4)]).breaks_off("again later", DELEVERAGE);
    // Whoever is skipped is missing until it is visited.
    for all in [[2, 4, 5], [5, 2, 4]] {
        let all = all.map(visit);
        for last in 0..all.len() {
            let some = [&all[..last], &[Command::Liquidate]].concat();
            batch(&desk, &some).breaks_off("skipped", LIQUIDATE);
        }
        batch(&desk, &all).run().unwrap();
    }
    let over = batch(&desk, &[visit(2), visit(4), visit(5), visit(2)]);
    over.breaks_off("it is over", DELEVERAGE);

    desk.command(visit(5)).unwrap();
    desk.engine.seal().unwrap();
    let bad = (Refusal::BadCounterparty, DELEVERAGE);
    refused(&desk, visit(5), NONE, bad);
    accepted(&desk, visit(2));
}

/// A fund that has room takes: nobody can be deleveraged in its place, neither its victim nor itself.
#[test]
fn a_takeover_that_fits_is_not_refused() {
    for gift in [0, 900_000] {
        let mut desk = exposed();
        if gift > 0 {
            desk.user(desk.sender(3).transfer(FUND, gift)).unwrap();
        }
        let mut desk = falls(desk, 120);
        while desk.engine.state().pending() != 0 {
            desk.command(Command::Sweep).unwrap();
        }
        desk.engine.seal().unwrap();
        let deleverage = batch(&desk, &[visit(2)]);
        deleverage.breaks_off("before anything", DELEVERAGE);
        let both = batch(&desk, &[Command::Liquidate, visit(2)]);
        both.breaks_off("in place of a takeover", DELEVERAGE);
    }
}

/// Nothing in these records is the prover's to choose but the time and who gives next.
#[test]
fn a_changed_felt_of_a_step_has_no_run() {
    let mut desk = falls(with_fund(0), 300);
    let mut steps = 0;
    while let Some(command) = desk.liquidation() {
        desk.engine.seal().ok();
        let is_visit = matches!(command, Command::Deleverage { .. });
        let good = accepted(&desk, command.clone());
        for index in 0..good.advice.len() {
            for value in [good.advice[index] + F::ONE, -F::ONE, F::from_u64(1 << 62)] {
                let mut forced = good.clone();
                forced.advice[index] = value;
                // Another counterparty, whose lists may have other places.
                if is_visit && index == 2 && visits(&desk, value) {
                    continue;
                }
                let is_later = index == 1 && value == good.advice[1] + F::ONE;
                assert_eq!(forced.run().is_ok(), is_later, "felt {index} = {value}");
                steps += 1;
            }
        }
        desk.command(command).unwrap();
    }
    assert!(steps > 100, "{steps}");
}

/// Whether the engine lets a deleveraging visit this account.
fn visits(desk: &Desk, account: F) -> bool {
    (0..10)
        .any(|number| F::from_u32(number) == account && desk.clone().command(visit(number)).is_ok())
}

/// The fund becomes due behind all others, and all others before it, whatever they are worth.
#[test]
fn the_fund_has_one_place_among_the_due() {
    let mut places = 0;
    for ticks in [200, 300] {
        let mut desk = falls(with_fund(0), ticks);
        while let Some(command) = desk.liquidation() {
            desk.engine.seal().ok();
            let good = accepted(&desk, command.clone());
            desk.command(command).unwrap();
            let batch = desk.prove().batch;
            let mut events = batch.accepted[0].events.iter();
            let is_fund = events.any(
                |event| matches!(event, Event::LiquidationDue { account, .. } if *account == FUND),
            );
            if is_fund && desk.engine.state().first_due() != Some(FUND) {
                places += 1;
                one_place_alone(&good, &DUE_LIST);
            }
        }
    }
    assert!(places >= 2, "{places}");

    // A healthy fund that holds lots falls below beside account 1: before it or after it, by what it has.
    let mut orders = BTreeSet::new();
    for gift in [4 * FUNDS, 12 * FUNDS] {
        let mut desk = falls(with_fund(gift), 200);
        desk.liquidate();
        desk.request(deposit(1, 5 * FUNDS)).unwrap();
        for (account, side) in [(1, Side::Bid), (5, Side::Ask)] {
            let place = order(side, OrderType::Gtt, MARK - 200, 4_500);
            desk.place(account, place).unwrap();
        }
        orders.insert(fall_on(desk));
    }
    assert_eq!(orders, [vec![1, FUND], vec![FUND, 1]].into());
}

/// The price falls on; the accounts that become due, each of which has one place.
fn fall_on(desk: Desk) -> Vec<u32> {
    let mut desk = falls(desk, 900);
    let mut due = Vec::new();
    while desk.engine.state().pending() != 0 {
        let good = accepted(&desk, Command::Sweep);
        let [_, account, _, is_due] = desk.command(Command::Sweep).unwrap().0;
        if is_due == 1 {
            due.push(account as u32);
            one_place_alone(&good, &DUE_LIST);
        }
        desk.engine.seal().unwrap();
    }
    due
}
