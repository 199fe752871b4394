//! Conditional orders that wait: their lists, slots, counts and partners, in engine and program.

use zkperp_engine::{Command, Conditional, Options, OrderType, Outcome, Refusal, Side};
use zkperp_field::PrimeField64;
use zkperp_schema::{self as schema, CancelScope, Condition};

use crate::desk::{Desk, EXPIRY_MS, MARK};

/// What an account has of conditional orders beside its position in market 0.
pub(crate) const fn standing(account: u64) -> u64 {
    schema::ACCOUNT_BASE + schema::ACCOUNT_STRIDE * account + schema::STANDING_LEAF
}

/// A market order that waits in market 0.
pub(crate) fn stop(side: Side, trigger_ticks: u64, lots: u64) -> Conditional {
    Conditional {
        market: 0,
        side,
        order_type: OrderType::Market,
        price_ticks: trigger_ticks,
        lots,
        options: Options::NONE,
        expiry_ms: EXPIRY_MS,
        trigger_ticks,
        condition: Condition::Stop,
        partner: 0,
    }
}

pub(crate) fn take_profit(side: Side, trigger_ticks: u64, lots: u64) -> Conditional {
    Conditional {
        condition: Condition::TakeProfit,
        ..stop(side, trigger_ticks, lots)
    }
}

/// The order, reduce-only.
pub(crate) const fn closing(order: Conditional) -> Conditional {
    Conditional {
        options: Options {
            reduce_only: true,
            ..Options::NONE
        },
        ..order
    }
}

/// The order as the partner of another.
pub(crate) const fn beside(partner: u64, order: Conditional) -> Conditional {
    Conditional { partner, ..order }
}

pub(crate) fn waiting(desk: &Desk, account: u32, order: Conditional) -> Command {
    Command::User(desk.sender(account).place_conditional(order))
}

pub(crate) fn cancelled(desk: &Desk, account: u32, id: u64) -> Command {
    Command::User(desk.sender(account).cancel_conditional(id))
}

impl Desk {
    /// Places a conditional order that must be accepted; its id.
    pub(crate) fn waits(&mut self, account: u32, order: Conditional) -> u64 {
        self.command(waiting(self, account, order)).unwrap().0[1]
    }

    /// Takes a conditional order back that must be there.
    pub(crate) fn takes_back(&mut self, account: u32, id: u64) -> Outcome {
        self.command(cancelled(self, account, id)).unwrap()
    }

    /// A felt of a leaf as the engine has it now.
    pub(crate) fn felt(&self, addr: u64, index: usize) -> u64 {
        let mut engine = self.engine.clone();
        engine.seal().ok();
        engine.tree().get(addr).unwrap()[index].as_canonical_u64()
    }
}

/// Accounts 1 and 3 are long, 2 and 4 short, in both markets.
pub(crate) fn with_positions() -> Desk {
    let mut desk = Desk::open();
    for market in 0..2 {
        for (account, side) in [
            (1, Side::Bid),
            (2, Side::Ask),
            (3, Side::Bid),
            (4, Side::Ask),
        ] {
            let order = crate::desk::order(side, OrderType::Gtt, MARK, 20);
            desk.place(account, zkperp_engine::Place { market, ..order })
                .unwrap();
        }
    }
    desk
}

/// Orders in all four lists of both markets, of equal triggers too, in an order that is none.
fn crowd(desk: &mut Desk) -> Vec<(u32, u64)> {
    let mut placed = Vec::new();
    for market in 0..2 {
        for (step, account) in [
            (30, 1),
            (10, 2),
            (50, 3),
            (30, 4),
            (10, 1),
            (30, 2),
            (70, 5),
        ] {
            for order in [
                stop(Side::Bid, MARK + step, 5),
                take_profit(Side::Ask, MARK + step + 10, 5),
                stop(Side::Ask, MARK - step, 5),
                take_profit(Side::Bid, MARK - step - 10, 5),
            ] {
                let order = Conditional { market, ..order };
                placed.push((account, desk.waits(account, order)));
            }
        }
    }
    placed
}

#[test]
fn orders_wait_in_their_lists() {
    let mut desk = with_positions();
    let placed = crowd(&mut desk);
    desk.prove();
    // Heads, last ones, those between, in a mixed order, until the lists are empty; the slots are used again.
    for part in 0..4 {
        for (account, id) in placed.iter().skip(part).step_by(4) {
            assert_eq!(desk.takes_back(*account, *id).0, [0, *id, 0, 5]);
        }
        desk.prove();
    }
    assert_eq!(desk.felt(standing(1), 2), 0);
    crowd(&mut desk);
    desk.prove();
}

#[test]
fn a_tick_shows_each_market_whose_list_is_crossed() {
    let crossed = schema::SYSTEM_BASE + schema::CONDITIONALS_INDEX;
    for (mark, is_crossed) in [
        (MARK + 9, false),
        (MARK + 10, true),
        (MARK + 60, true),
        (MARK - 9, false),
        (MARK - 10, true),
    ] {
        for market in 0..2 {
            let mut desk = with_positions();
            crowd(&mut desk);
            desk.engine.seal().unwrap();
            desk.mark(market, mark).unwrap();
            desk.prove();
            let expected = u64::from(is_crossed) << market;
            assert_eq!(desk.felt(crossed, 2), expected, "{mark} {market}");
            let withdraw = desk.sender(5).withdraw(1);
            let result = desk.user(withdraw).map(|_| ());
            let refused = is_crossed.then_some(Refusal::TriggerDue);
            assert_eq!(result.err(), refused, "{mark} {market}");
        }
    }
}

#[test]
fn partners_know_each_other_until_one_goes() {
    let mut desk = with_positions();
    for (gone, left) in [(0, 1), (1, 0)] {
        let first = desk.waits(1, closing(stop(Side::Ask, MARK - 10, 0)));
        let second = take_profit(Side::Ask, MARK + 10, 7);
        let second = desk.waits(1, beside(first, closing(second)));
        desk.prove();
        let pair = [first, second];
        desk.takes_back(1, pair[gone]);
        desk.prove();
        // The other one finds a new partner.
        let side = Side::Ask;
        let third = match left {
            0 => take_profit(side, MARK + 20, 3),
            _ => stop(side, MARK - 20, 3),
        };
        let third = desk.waits(1, beside(pair[left], closing(third)));
        desk.prove();
        desk.takes_back(1, third);
        desk.takes_back(1, pair[left]);
        desk.prove();
    }
}

#[test]
fn what_is_cleared_is_counted_no_more() {
    for scope in [CancelScope::Account, CancelScope::Market] {
        let mut desk = with_positions();
        let dead: Vec<_> = (0..5)
            .map(|i| desk.waits(1, stop(Side::Ask, MARK - 10 - i, 5)))
            .collect();
        assert_eq!(desk.felt(standing(1), 2), 5);
        desk.user(desk.sender(1).cancel_all(scope, 0)).unwrap();
        desk.prove();
        // One goes before the count begins anew, the others after.
        desk.takes_back(1, dead[1]);
        let alive = desk.waits(1, stop(Side::Ask, MARK - 12, 5));
        desk.prove();
        desk.takes_back(1, dead[0]);
        desk.takes_back(1, alive);
        desk.takes_back(1, dead[4]);
        assert_eq!(desk.felt(standing(1), 2) % schema::ORDERS_CLEARED_SHIFT, 0);
        desk.prove();
    }
}

#[test]
fn a_deadline_that_has_passed_is_fired_first() {
    let mut desk = with_positions();
    desk.waits(1, stop(Side::Ask, MARK - 10, 5));
    desk.user(desk.sender(1).set_deadline(desk.now_ms + 5))
        .unwrap();
    desk.prove();
    desk.now_ms += 5;
    desk.waits(1, stop(Side::Ask, MARK - 11, 5));
    desk.prove();
    assert_eq!(desk.felt(standing(1), 2) % schema::ORDERS_CLEARED_SHIFT, 1);
}
