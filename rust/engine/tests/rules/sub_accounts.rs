//! Sub-accounts, isolated margin, transfers: docs/spec/commands.md § 11.

use zkperp_engine::leaf::from_signed;
use zkperp_engine::{AccountType, Event, OrderType, Place, Refusal, Sender, Side, address};

use crate::desk::{Desk, FUND, FUNDS, MARK, Result, gtt, limbs, owner, taking};

const FIRST: u32 = (1 << 31) + 1;

fn create(desk: &mut Desk, account: u32, isolated: Option<u8>) -> Result {
    let sender = desk.sender(account);
    desk.user(match isolated {
        None => sender.create_account(AccountType::Cross, 0),
        Some(market) => sender.create_account(AccountType::Isolated, market),
    })
}

fn transfer(desk: &mut Desk, from: u32, to: u32, amount: u64) -> Result {
    desk.user(desk.sender(from).transfer(to, amount))
}

/// Account 1 with an isolated sub-account of market 1, funded with 100 USDC, and a cross one.
fn family() -> Desk {
    let mut desk = Desk::open();
    create(&mut desk, 1, Some(1)).unwrap();
    create(&mut desk, 1, None).unwrap();
    transfer(&mut desk, 1, FIRST, 100_000_000).unwrap();
    desk
}

#[test]
fn a_sub_account_has_its_master_s_owner_and_key() {
    let mut desk = Desk::open();
    let outcome = create(&mut desk, 3, Some(1)).unwrap();
    assert_eq!(outcome.0, [0, FIRST.into(), 2, 0]);
    let event = Event::AccountCreated {
        master: 3,
        account: FIRST,
        mode: 2,
    };
    assert_eq!(desk.effects.events, [event]);
    let head = 9 + (1 << 10) + (1 << 16) + (3 << 19);
    assert_eq!(desk.effects.record.words(), [head, 1]);
    assert_eq!(
        desk.state.leaf(address::account(FIRST)),
        [1, 0, 0, 2, 3, 0, 0, 0]
    );
    assert_eq!(desk.state.leaf(address::owner(FIRST))[..3], owner(3));
    let key = desk.state.leaf(address::key(FIRST, 0));
    assert_eq!((key[..5].to_vec(), key[5]), (limbs(3).to_vec(), 0));
    assert_eq!(desk.state.leaf(address::SCHEDULE)[1], u64::from(FIRST) + 1);
    let view = desk.state.account(FIRST).unwrap();
    assert_eq!((view.master, view.isolated), (Some(3), Some(1)));
    assert_eq!(
        create(&mut desk, 2, None).unwrap().0,
        [0, u64::from(FIRST) + 1, 0, 0]
    );
}

#[test]
fn each_check_of_create_account_has_its_code() {
    let mut desk = family();
    let sub = create(&mut desk, FIRST, None);
    assert_eq!(sub, Err(Refusal::NotMaster));
    assert_eq!(create(&mut desk, 1, Some(2)), Err(Refusal::UnknownMarket));
    assert_eq!(create(&mut desk, FIRST, Some(2)), Err(Refusal::NotMaster));
    let malformed = |change: fn(&mut zkperp_engine::UserCommand)| {
        let mut desk = Desk::open();
        let mut command = desk.sender(1).create_account(AccountType::Cross, 0);
        change(&mut command);
        assert_eq!(desk.user(command), Err(Refusal::Malformed));
    };
    malformed(|c| c.market = 1);
    malformed(|c| c.order_type = 2);
    malformed(|c| c.side = 1);
    malformed(|c| c.words[0] = 1);
    malformed(|c| {
        c.order_type = 1;
        c.market = 32;
    });
    let last = u64::from(u32::MAX);
    let mut schedule = desk.state.leaf(address::SCHEDULE);
    schedule[1] = last - 1;
    let mut desk = desk.with_leaves(&[(address::SCHEDULE, schedule)]);
    assert_eq!(create(&mut desk, 1, None).unwrap().0[1], last - 1);
    assert_eq!(create(&mut desk, 1, None), Err(Refusal::AccountsUsedUp));
}

#[test]
fn money_moves_within_a_family_and_nowhere_else() {
    let mut desk = family();
    assert_eq!(desk.cash(FIRST), 100_000_000);
    assert_eq!(desk.cash(1), FUNDS as i64 - 100_000_000);
    assert_eq!(transfer(&mut desk, 1, FIRST, 0), Err(Refusal::BadAmount));
    let bad = Err(Refusal::BadReceiver);
    for to in [1, 2, 99, FIRST + 2] {
        assert_eq!(transfer(&mut desk, 1, to, 1), bad, "{to}");
    }
    assert_eq!(transfer(&mut desk, FIRST, 2, 1), bad);
    let too_much = Err(Refusal::InsufficientFreeCollateral);
    assert_eq!(transfer(&mut desk, FIRST, 1, 100_000_001), too_much);
    // From sub to sub, and back to the master.
    let outcome = transfer(&mut desk, FIRST, FIRST + 1, 7).unwrap();
    assert_eq!(outcome.0, [0, u64::from(FIRST) + 1, 7, 0]);
    let event = Event::Transfer {
        from: FIRST,
        to: FIRST + 1,
        amount: 7,
    };
    assert_eq!(desk.effects.events, [event]);
    let head = 10 + (u64::from(FIRST) << 19);
    assert_eq!(
        desk.effects.record.words(),
        [head, u64::from(FIRST) + 1 + (1 << 32), 7]
    );
    transfer(&mut desk, FIRST + 1, 1, 7).unwrap();
    assert_eq!(desk.cash(FIRST + 1), 0);
    // A sub-account may be paid out, to the same owner.
    desk.withdraw(FIRST, 5).unwrap();
    assert_eq!(desk.effects.withdrawals[0].owner, owner(1));
}

#[test]
fn a_balance_has_no_room_for_more_than_its_greatest() {
    let greatest = (1_i64 << 58) - 1;
    let mut desk = family();
    let mut sub = desk.state.leaf(address::account(FIRST + 1));
    sub[1] = (greatest - 3) as u64;
    let mut poor = desk.state.leaf(address::account(FUND));
    poor[1] = from_signed(-(greatest - 3));
    let changes = [
        (address::account(FIRST + 1), sub),
        (address::account(FUND), poor),
    ];
    let mut desk = desk.with_leaves(&changes);
    let full = Err(Refusal::BalanceLimit);
    assert_eq!(transfer(&mut desk, 1, FIRST + 1, 4), full);
    transfer(&mut desk, 1, FIRST + 1, 3).unwrap();
}

#[test]
fn an_isolated_account_trades_its_market_alone() {
    let mut desk = family();
    let other = |order: Place| Place { market: 1, ..order };
    let order = gtt(Side::Bid, MARK, 100);
    let elsewhere = Err(Refusal::IsolatedElsewhere);
    assert_eq!(desk.place(FIRST, order), elsewhere);
    desk.placed(FIRST, other(order));
    desk.placed(2, other(taking(OrderType::Ioc, Side::Ask, MARK, 100)));
    assert_eq!(desk.state.position_lots(FIRST, 1), 100);
    // The rule speaks before the position limit.
    let most = Place {
        lots: 1 << 28,
        ..order
    };
    assert_eq!(desk.place(FIRST, most), elsewhere);
    // Its loss is its own: the master's money does not stand behind it.
    desk.mark(1, MARK / 100);
    let view = desk.state.account(FIRST).unwrap();
    assert!(view.free() > 0 && view.tav() < 100_000_000 - 50_000_000);
    let too_much = Err(Refusal::InsufficientFreeCollateral);
    let all = view.free().cast_unsigned();
    assert_eq!(transfer(&mut desk, FIRST, 1, all + 1), too_much);
    transfer(&mut desk, FIRST, 1, all).unwrap();
    // Nor does it pay where a tick is overdue.
    transfer(&mut desk, 1, FIRST, all).unwrap();
    desk.later(20_001);
    assert_eq!(transfer(&mut desk, FIRST, 1, 1), Err(Refusal::TickOverdue));
    transfer(&mut desk, 1, FIRST, 1).unwrap();
}

#[test]
fn the_contract_knows_no_sub_accounts() {
    let mut desk = family();
    let [o0, o1, o2] = owner(1);
    let forced = [2, FIRST.into(), o0, o1, o2, 1, 0, 0, 0, 0, 0, 0];
    assert_eq!(desk.request(forced), Err(Refusal::Malformed));
    // The key that made it signs for it; others may be missing.
    let sender = Sender {
        key: 1,
        ..desk.sender(FIRST)
    };
    assert_eq!(desk.user(sender.burn_nonce()), Err(Refusal::UnknownKey));
}
