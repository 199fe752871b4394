//! Requests from L1: docs/spec/commands.md § 8.

use zkperp_engine::{
    Command, Event, OrderType, Refusal, Request, Side, Withdrawal, WithdrawalOrigin, address,
};
use zkperp_field::P;

use crate::desk::{Desk, FUNDS, MARK, TICK_MAX_MS, deposit, gtt, limbs, owner, taking};

const CUSTODY_MAX: u64 = 1 << 57;

fn forced(account: u32, amount: u64) -> [u64; 12] {
    let [o0, o1, o2] = owner(account);
    [2, account.into(), o0, o1, o2, amount, 0, 0, 0, 0, 0, 0]
}

#[test]
fn a_deposit_opens_the_account_credits_it_and_sets_its_key() {
    let mut desk = Desk::bare();
    assert_eq!(desk.request(deposit(1, FUNDS)).unwrap().0, [0, FUNDS, 0, 0]);
    let credited = Event::Deposit {
        request: 0,
        account: 1,
        credited: FUNDS,
        returned: 0,
        code: 0,
    };
    let key_set = Event::KeySet { account: 1, key: 0 };
    assert_eq!(desk.effects.events, [key_set, credited]);
    assert_eq!(desk.state.leaf(address::account(1))[..3], [1, FUNDS, 0]);
    assert_eq!(desk.state.leaf(address::owner(1))[..3], owner(1));
    assert_eq!(desk.state.leaf(address::key(1, 0))[..5], limbs(1));
    assert_eq!(
        (desk.state.custody(), desk.state.requests_done()),
        (FUNDS, 1)
    );
}

#[test]
fn a_later_deposit_replaces_a_key_and_keeps_its_nonce_or_keeps_the_key() {
    let mut desk = Desk::open();
    desk.placed(1, gtt(Side::Bid, MARK, 1));
    let mut replace = deposit(1, 5);
    replace[7..].copy_from_slice(&limbs(9));
    desk.request(replace).unwrap();
    let leaf = desk.state.leaf(address::key(1, 0));
    assert_eq!((leaf[..5].to_vec(), leaf[5]), (limbs(9).to_vec(), 1));
    let mut keep = deposit(1, 5);
    keep[7..].fill(0);
    // Without a key its index means nothing.
    keep[6] = 200;
    assert_eq!(desk.request(keep).unwrap().0, [0, 5, 0, 0]);
    assert_eq!(desk.effects.events.len(), 1);
    assert_eq!(desk.state.leaf(address::key(1, 0)), leaf);
    assert_eq!(desk.cash(1), FUNDS as i64 + 10);
    let mut second = deposit(1, 5);
    second[6] = 13;
    desk.request(second).unwrap();
    assert_eq!(desk.state.leaf(address::key(1, 13))[..5], limbs(1));
}

#[test]
fn a_deposit_to_another_s_account_goes_back() {
    let mut desk = Desk::open();
    let mut stranger = deposit(1, 77);
    stranger[2] += 1;
    assert_eq!(desk.request(stranger).unwrap().0, [5002, 0, 0, 0]);
    let [o0, o1, o2] = owner(1);
    let paid = Withdrawal {
        owner: [o0 + 1, o1, o2],
        amount: 77,
    };
    assert_eq!(desk.effects.withdrawals, [paid]);
    let returned = Event::Deposit {
        request: 5,
        account: 1,
        credited: 0,
        returned: 77,
        code: 5002,
    };
    let event = Event::Withdrawal {
        account: 1,
        amount: 77,
        origin: WithdrawalOrigin::Returned,
    };
    assert_eq!(desk.effects.events, [returned, event]);
    assert_eq!(desk.state.custody(), 5 * FUNDS);
}

#[test]
fn a_key_that_is_none_is_left_out_and_the_money_credited() {
    let mut desk = Desk::bare();
    for (account, index, key) in [
        (1, 14, limbs(1)),
        (2, 255, limbs(1)),
        // x = 1 encodes no element of the group, as the worked scenario says too.
        (3, 0, [1, 0, 0, 0, 0]),
        (4, 0, [P - 1, P - 1, P - 1, P - 1, P - 1]),
    ] {
        let mut words = deposit(account, FUNDS);
        words[6] = index;
        words[7..].copy_from_slice(&key);
        let code = desk.request(words).unwrap().0;
        if account < 4 {
            assert_eq!(code, [5003, FUNDS, 0, 0]);
            assert_eq!(desk.state.leaf(address::key(account, 0)), [0; 8]);
        }
        assert_eq!(desk.cash(account), FUNDS as i64);
    }
}

#[test]
fn what_custody_has_no_room_for_goes_back() {
    let mut desk = Desk::bare();
    desk.request(deposit(1, CUSTODY_MAX - 10)).unwrap();
    assert_eq!(desk.request(deposit(2, 11)).unwrap().0, [5004, 10, 0, 0]);
    assert_eq!(
        desk.effects
            .withdrawals
            .iter()
            .map(|w| w.amount)
            .collect::<Vec<_>>(),
        [1]
    );
    assert_eq!(desk.request(deposit(3, 11)).unwrap().0, [5004, 0, 0, 0]);
    assert_eq!(desk.state.custody(), CUSTODY_MAX);
    // A bad key speaks before the cap, and the rest goes back all the same.
    let mut bad_key = deposit(4, (1 << 58) - 1);
    bad_key[6] = 14;
    assert_eq!(desk.request(bad_key).unwrap().0, [5003, 0, 0, 0]);
    assert_eq!(desk.effects.withdrawals[0].amount, (1 << 58) - 1);
    // A deposit of nothing is possible in words, and nothing goes back.
    assert_eq!(desk.request(deposit(5, 0)).unwrap().0, [0, 0, 0, 0]);
    assert_eq!(desk.effects.withdrawals, []);
}

#[test]
fn what_the_account_has_no_room_for_goes_back_and_a_debt_makes_room() {
    let greatest = (1_i64 << 58) - 1;
    let account = |cash| [1, zkperp_engine::leaf::from_signed(cash), 0, 0, 0, 0, 0, 0];
    let funds = FUNDS as i64;
    let mut desk = Desk::open().with_leaves(&[
        (address::account(1), account(greatest - 3)),
        (address::account(2), account(2 * funds + 3 - greatest)),
    ]);
    assert_eq!(desk.request(deposit(1, 5)).unwrap().0, [5004, 3, 0, 0]);
    let room = CUSTODY_MAX - desk.state.custody();
    assert_eq!(
        desk.request(deposit(2, (1 << 58) - 1)).unwrap().0,
        [5004, room, 0, 0]
    );
}

#[test]
fn requests_come_in_order_and_only_as_the_contract_admits_them() {
    let mut desk = Desk::open();
    for number in [0, 4, 6] {
        let request = Request {
            number,
            words: deposit(1, 1),
        };
        let result = desk.command(Command::Request(request));
        assert_eq!(result, Err(Refusal::RequestOutOfOrder));
    }
    for (at, value) in [
        (0, 0),
        (0, 3),
        (1, 0),
        (1, 1 << 31),
        (2, 1 << 56),
        (3, 1 << 56),
        (4, 1 << 48),
        (5, 1 << 58),
        (6, 256),
        (7, P),
        (11, u64::MAX),
    ] {
        let mut words = deposit(1, 1);
        words[at] = value;
        assert_eq!(desk.request(words), Err(Refusal::Malformed), "{at} {value}");
    }
    for at in 6..12 {
        let mut words = forced(1, 1);
        words[at] = 1;
        assert_eq!(desk.request(words), Err(Refusal::Malformed));
    }
    desk.request(deposit((1 << 31) - 1, 1)).unwrap();
}

#[test]
fn a_forced_withdrawal_pays_or_is_proven_impossible() {
    let mut desk = Desk::open();
    desk.placed(2, gtt(Side::Ask, MARK, 1000));
    desk.placed(1, taking(OrderType::Ioc, Side::Bid, MARK, 1000));
    let free = FUNDS - 300_000 - 60_000_000;
    let rejected = |desk: &mut Desk, words: [u64; 12], code: u16| {
        let number = desk.state.requests_done();
        assert_eq!(desk.request(words).unwrap().0, [code.into(), 0, 0, 0]);
        let event = Event::RequestRejected {
            request: number,
            account: words[1] as u32,
            code,
        };
        assert_eq!(desk.effects.events, [event]);
        assert_eq!(desk.effects.withdrawals, []);
    };
    rejected(&mut desk, forced(99, 1), 1002);
    let mut stranger = forced(1, 1);
    stranger[4] += 1;
    rejected(&mut desk, stranger, 5002);
    rejected(&mut desk, forced(1, free + 1), 2003);
    assert_eq!(desk.request(forced(1, 5)).unwrap().0, [0, 5, 0, 0]);
    let event = Event::Withdrawal {
        account: 1,
        amount: 5,
        origin: WithdrawalOrigin::Forced,
    };
    assert_eq!(desk.effects.events, [event]);
    // Nothing named: all that is free.
    assert_eq!(desk.request(forced(1, 0)).unwrap().0, [0, free - 5, 0, 0]);
    rejected(&mut desk, forced(1, 0), 2003);
    desk.later(TICK_MAX_MS + 2);
    rejected(&mut desk, forced(1, 1), 4102);
    desk.request(forced(3, 0)).unwrap();
    assert_eq!(desk.cash(3), 0);
    rejected(&mut desk, forced(3, 0), 2003);
}

#[test]
fn a_forced_withdrawal_is_bounded_by_custody() {
    let funds = FUNDS as i64;
    let account = |cash| [1, zkperp_engine::leaf::from_signed(cash), 0, 0, 0, 0, 0, 0];
    let mut desk = Desk::open().with_leaves(&[
        (address::account(1), account(7 * funds)),
        (address::account(2), account(-5 * funds)),
    ]);
    assert_eq!(
        desk.request(forced(1, 6 * FUNDS)).unwrap().0,
        [2004, 0, 0, 0]
    );
    assert_eq!(desk.request(forced(1, 0)).unwrap().0, [0, 5 * FUNDS, 0, 0]);
    // Nothing is held any more: all that can be paid is nothing.
    assert_eq!(desk.request(forced(1, 0)).unwrap().0, [2003, 0, 0, 0]);
    assert_eq!(desk.request(forced(2, 0)).unwrap().0, [2003, 0, 0, 0]);
}
