//! Withdrawals: docs/spec/commands.md § 6.

use zkperp_engine::{Event, Refusal, Side, Withdrawal, WithdrawalOrigin, address, leaf};

use crate::desk::{Desk, FUNDS, MARK, TICK_MAX_MS, gtt, owner};

/// Account 1 is long 1000 lots from account 2 at the mark.
fn with_position() -> Desk {
    let mut desk = Desk::open();
    desk.placed(2, gtt(Side::Ask, MARK, 1000));
    assert_eq!(desk.placed(1, gtt(Side::Bid, MARK, 1000))[1], 1000);
    desk
}

/// 10,000 USDC − fee 0.3 USDC − margin 60 USDC.
const FREE: u64 = FUNDS - 300_000 - 60_000_000;

#[test]
fn what_is_free_can_be_withdrawn_to_the_last_micro_usdc() {
    let mut desk = with_position();
    assert_eq!(desk.withdraw(1, 0), Err(Refusal::BadAmount));
    let too_much = Err(Refusal::InsufficientFreeCollateral);
    assert_eq!(desk.withdraw(1, FREE + 1), too_much);
    let custody = desk.state.custody();
    assert_eq!(desk.withdraw(1, FREE).unwrap().0, [0, FREE, 0, 0]);
    let paid = Withdrawal {
        owner: owner(1),
        amount: FREE,
    };
    assert_eq!(desk.effects.withdrawals, [paid]);
    let event = Event::Withdrawal {
        account: 1,
        amount: FREE,
        origin: WithdrawalOrigin::User,
    };
    assert_eq!(desk.effects.events, [event]);
    assert_eq!(desk.state.custody(), custody - FREE);
    assert_eq!(desk.withdraw(1, 1), too_much);
}

#[test]
fn no_market_of_a_position_may_be_overdue_and_no_other_market_matters() {
    let mut desk = with_position();
    desk.now_ms = desk.state.market(0).unwrap().mark.tick_ms + TICK_MAX_MS;
    desk.later(0);
    desk.withdraw(1, 1).unwrap();
    desk.now_ms += 1;
    assert_eq!(desk.withdraw(1, 1), Err(Refusal::TickOverdue));
    desk.withdraw(3, FUNDS).unwrap();
    desk.mark(0, MARK);
    desk.withdraw(1, 1).unwrap();
}

#[test]
fn nothing_is_paid_that_the_venue_does_not_hold() {
    // As if account 1 had won what account 2 had and the fund does not have.
    let funds = FUNDS.cast_signed();
    let cash = |cash: i64| [1, leaf::from_signed(cash), 0, 0, 0, 0, 0, 0];
    let mut desk = Desk::open().with_leaves(&[
        (address::account(1), cash(4 * funds)),
        (address::account(2), cash(0)),
        (address::account(crate::desk::FUND), cash(-2 * funds)),
    ]);
    desk.withdraw(3, FUNDS).unwrap();
    desk.withdraw(4, FUNDS).unwrap();
    desk.withdraw(5, FUNDS).unwrap();
    assert_eq!(desk.state.custody(), 2 * FUNDS);
    assert_eq!(
        desk.withdraw(1, 2 * FUNDS + 1),
        Err(Refusal::InsufficientCustody)
    );
    desk.withdraw(1, 2 * FUNDS).unwrap();
}
