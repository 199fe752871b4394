//! What conditional orders that wait cost a batch (`cost` for the rest).

use zkperp_engine::{Conditional, Side};

use crate::conditionals::{beside, cancelled, closing, stop, take_profit, waiting};
use crate::cost::{book, cost, tick, within_bounds};
use crate::desk::Desk;

/// A reduce-only stop that sells.
fn ask_stop(trigger: u64) -> Conditional {
    closing(stop(Side::Ask, trigger, 5))
}

/// Id of the take-profit below, after the orders of `book`: 8 that traded, 6 that rest; and three stops.
const PROFIT: u64 = 18;

/// Account 2 has stops at 960, 950 and 930, and a take-profit.
fn with_stops(desk: &Desk) -> Desk {
    let mut desk = desk.clone();
    for trigger in [960, 950, 930] {
        desk.waits(2, ask_stop(trigger));
    }
    let profit = closing(take_profit(Side::Ask, 1_060, 5));
    assert_eq!(desk.waits(2, profit), PROFIT);
    desk.later()
}

/// A stop between two is the take-profit's partner.
fn with_pair(desk: &Desk) -> Desk {
    let mut desk = with_stops(desk);
    desk.waits(2, beside(PROFIT, ask_stop(940)));
    desk
}

#[test]
fn steps_of_waiting() {
    let desk = book();
    let place =
        |desk: &Desk, partner| cost(desk, |d| waiting(d, 2, beside(partner, ask_stop(940))));
    let cancel = |desk: &Desk, id| cost(desk, |d| cancelled(d, 2, id));
    within_bounds(&[
        (
            "place_conditional, alone in its list",
            place(&desk, 0),
            1_000,
        ),
        (
            "place_conditional, between two",
            place(&with_stops(&desk), 0),
            1_000,
        ),
        (
            "place_conditional, between two, with a partner",
            place(&with_stops(&desk), PROFIT),
            1_150,
        ),
        (
            "cancel_conditional, alone in its list",
            cancel(&with_stops(&desk), PROFIT),
            1_000,
        ),
        (
            "cancel_conditional, between two",
            cancel(&with_stops(&desk), PROFIT - 2),
            1_000,
        ),
        (
            "cancel_conditional, between two, with a partner",
            cancel(&with_pair(&desk), PROFIT + 1),
            1_000,
        ),
        (
            "tick, a book of six orders, two lists not crossed",
            cost(&with_stops(&desk), tick),
            3_500,
        ),
    ]);
}
