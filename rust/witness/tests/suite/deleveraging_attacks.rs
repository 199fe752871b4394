//! What a prover could try with takeover, deleveraging and the fund's place in the due list: none of it has a
//! run.

use zkperp_engine::{Command, Refusal};
use zkperp_field::{F, PrimeCharacteristicRing};

use crate::deleveraging::with_fund;
use crate::desk::{Desk, FUNDS};
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

/// These commands as a batch, whatever the engine says of them. None of them inserts anything.
fn batch(desk: &Desk, commands: &[Command]) -> Forced {
    let commands: Vec<_> = commands
        .iter()
        .map(|command| (desk.envelope(command.clone()), NONE))
        .collect();
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
        let good = accepted(&desk.clone().later(), Command::Liquidate);
        let deleverage = batch(&desk, &[visit(2)]);
        deleverage.breaks_off("before anything", DELEVERAGE);
        let mut both = batch(&desk, &[Command::Liquidate, visit(2)]);
        both.places = good.places;
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
                let is_later = index == 1 && value == F::ONE;
                let is_other = is_visit && index == 2 && visits(&desk, value);
                let may_run = is_later || is_other;
                assert_eq!(forced.run().is_ok(), may_run, "felt {index} = {value}");
                steps += 1;
            }
        }
        desk.command(command).unwrap();
    }
    assert!(steps > 100, "{steps}");
}

/// Whether the engine lets a deleveraging visit this account.
fn visits(desk: &Desk, account: F) -> bool {
    (0..10).any(|number| {
        F::from_u32(number) == account && desk.clone().command(visit(number)).is_ok()
    })
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
            let was_due = is_due(&desk);
            desk.command(command).unwrap();
            if !was_due && is_due(&desk) && desk.engine.state().first_due() != Some(FUND) {
                places += 1;
                one_place_alone(&good, &DUE_LIST);
            }
        }
    }
    assert!(places >= 2, "{places}");

    // The fund takes, and stays healthy until the price falls on, when both are due: in either order.
    let mut orders = 0;
    for gift in [4 * FUNDS, 5 * FUNDS, 6 * FUNDS] {
        let mut desk = falls(with_fund(gift), 200);
        while desk.engine.state().position_lots(FUND, 0) == 0 {
            let next = desk.liquidation().unwrap();
            desk.command(next).unwrap();
        }
        desk.liquidate();
        orders += fall_on(desk);
    }
    assert!(orders > 0, "{orders}");
}

fn is_due(desk: &Desk) -> bool {
    let fund = desk.engine.state().account(FUND).unwrap();
    fund.is_due
}

/// The price falls on; how many places among others that are due were proven to be the only ones.
fn fall_on(desk: Desk) -> u32 {
    let mut desk = falls(desk, 900);
    let mut places = 0;
    while desk.engine.state().pending() != 0 {
        desk.engine.seal().ok();
        let others = desk.engine.state().due_accounts();
        let good = accepted(&desk, Command::Sweep);
        if desk.command(Command::Sweep).unwrap().0[3] == 1 && others > 0 {
            places += 1;
            one_place_alone(&good, &DUE_LIST);
        }
    }
    places
}
