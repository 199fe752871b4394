//! What triggered orders cost a batch (`cost` for the rest).

use zkperp_engine::{Command, Conditional, OrderType};
use zkperp_schema::Condition;

use crate::cost::{Cost, cost, within_bounds};
use crate::desk::{Desk, MARK};
use crate::liquidation::falls;
use crate::triggers::{FALL, dead, long, opening, rejected, stop};

fn trigger(desk: &Desk) -> Cost {
    cost(desk, |_| Command::Trigger)
}

/// Account 1's order is triggered.
fn waiting(order: Conditional) -> Desk {
    let mut desk = long();
    desk.waits(1, order);
    falls(desk, FALL)
}

/// A tied stop with a take-profit beside it.
fn paired() -> Desk {
    let mut desk = long();
    let one = desk.waits(1, stop(0));
    desk.waits(
        1,
        Conditional {
            trigger_ticks: MARK + FALL,
            condition: Condition::TakeProfit,
            partner: one,
            ..stop(0)
        },
    );
    falls(desk, FALL)
}

/// The last triggered order has fired.
fn done() -> Desk {
    let mut desk = waiting(stop(0));
    desk.command(Command::Trigger).unwrap();
    desk.later()
}

#[test]
fn steps_of_firing() {
    let resting = Conditional {
        price_ticks: MARK,
        ..opening(OrderType::Gtt, 5)
    };
    let failing = |code| trigger(&rejected(code).0);
    within_bounds(&[
        ("trigger, nothing crossed", trigger(&done()), 500),
        ("trigger, an orphan goes", trigger(&dead("closed").0), 900),
        ("trigger, rests", trigger(&waiting(resting)), 1_600),
        (
            "trigger, takes, part of a position",
            trigger(&waiting(stop(5))),
            3_500,
        ),
        (
            "trigger, takes, closes a tied position",
            trigger(&waiting(stop(0))),
            3_500,
        ),
        (
            "trigger, takes, closes a tied position, with a partner",
            trigger(&paired()),
            3_800,
        ),
        ("trigger, rejected by 2009", failing(2009), 1_100),
        ("trigger, rejected by 2002", failing(2002), 1_300),
        ("trigger, rejected by 3001", failing(3001), 1_100),
    ]);
}
