//! As `refusals`, of the commands about accounts: sub-accounts, transfers, leverage.

use zkperp_engine::leaf::from_signed;
use zkperp_engine::{AccountType, Command, OrderType, Refusal, Side, UserCommand};
use zkperp_schema as schema;

use crate::desk::{Desk, FUNDS, MARK, TICK_MAX_MS, order};
use crate::forced::{accepted, refused, refused_upon};
use crate::refusals::{NONE, account};

const CREATE: &str = "l2_create_account.";
const TRANSFER: &str = "l2_transfer.l2_transfer";
const LEVERAGE: &str = "l2_set_leverage.";
/// The first sub-accounts.
const CROSS: u32 = schema::SUB_ACCOUNT_FIRST as u32 + 1;
const ISOLATED: u32 = CROSS + 1;

/// Account 1 has two sub-accounts, a cross and an isolated one, and is long 100 lots of market 0.
fn desk() -> Desk {
    let mut desk = Desk::sealed();
    let create = desk.sender(1).create_account(AccountType::Cross, 0);
    desk.user(create).unwrap();
    let create = desk.sender(1).create_account(AccountType::Isolated, 1);
    desk.user(create).unwrap();
    desk.rest(1, Side::Bid, MARK, 100);
    desk.rest(2, Side::Ask, MARK, 100);
    desk.engine.seal().unwrap();
    desk
}

fn user(command: UserCommand) -> Command {
    Command::User(command)
}

#[test]
fn the_same_commands_without_the_fault_run() {
    let mut desk = desk();
    let sender = desk.sender(1);
    accepted(&desk, user(sender.create_account(AccountType::Cross, 0)));
    accepted(&desk, user(sender.create_account(AccountType::Isolated, 1)));
    accepted(&desk, user(sender.transfer(CROSS, 10)));
    accepted(&desk, user(sender.set_leverage(0, 0)));
    accepted(&desk, user(sender.set_leverage(0, 100_000)));
    accepted(&desk, user(sender.set_leverage(1, 1_000_000)));
    desk.user(sender.transfer(ISOLATED, 500)).unwrap();
    desk.engine.seal().unwrap();
    accepted(&desk, user(desk.sender(ISOLATED).transfer(1, 500)));
    accepted(&desk, user(desk.sender(ISOLATED).transfer(CROSS, 500)));
}

#[test]
fn create_account() {
    let desk = desk();
    let sender = desk.sender(1);
    let malformed = (Refusal::Malformed, CREATE);
    for (market, order_type) in [(1, 0), (0, 2), (32, 1)] {
        let mut create = sender.create_account(AccountType::Cross, market);
        create.order_type = order_type;
        refused(&desk, user(create), NONE, malformed);
    }
    let from_sub = desk.sender(CROSS).create_account(AccountType::Cross, 0);
    refused(&desk, user(from_sub), NONE, (Refusal::NotMaster, CREATE));
    let nowhere = sender.create_account(AccountType::Isolated, 5);
    let fault = (Refusal::UnknownMarket, CREATE);
    refused(&desk, user(nowhere), NONE, fault);
    let last = [(schema::SCHEDULE_INDEX, 1, schema::SUB_ACCOUNT_END)];
    let create = user(sender.create_account(AccountType::Cross, 0));
    let fault = (Refusal::AccountsUsedUp, "execute_batch.seal");
    refused_upon(&desk, &last, create, NONE, fault);
}

#[test]
fn transfer() {
    let mut desk = desk();
    let sender = desk.sender(1);
    let case = |desk: &Desk, command: UserCommand, code| {
        refused(desk, user(command), NONE, (code, TRANSFER));
    };
    case(&desk, sender.transfer(CROSS, 0), Refusal::BadAmount);
    case(&desk, sender.transfer(CROSS, 1 << 58), Refusal::Malformed);
    let mut wide = sender.transfer(CROSS, 5);
    wide.words[0] = 1 << 32;
    case(&desk, wide, Refusal::Malformed);
    case(&desk, sender.transfer(1, 5), Refusal::BadReceiver);
    case(&desk, sender.transfer(2, 5), Refusal::BadReceiver);
    case(&desk, sender.transfer(9, 5), Refusal::BadReceiver);
    let free = Refusal::InsufficientFreeCollateral;
    case(&desk, sender.transfer(CROSS, FUNDS), free);
    let limit = (Refusal::BalanceLimit, TRANSFER);
    let rich = [(account(CROSS.into()), 1, schema::BALANCE_MAX)];
    let send = user(sender.transfer(CROSS, 1));
    refused_upon(&desk, &rich, send.clone(), NONE, limit);
    let poor = [
        (account(1), 1, from_signed(-(schema::BALANCE_MAX as i64))),
        (crate::refusals::margin(0, 0), 1, 1 << 54),
        (crate::refusals::margin(0, 0), 7, 1 << 56),
    ];
    refused_upon(&desk, &poor, send, NONE, limit);
    desk.wait(TICK_MAX_MS + 1);
    desk.engine.seal().unwrap();
    let late = user(desk.sender(1).transfer(CROSS, 1));
    let overdue = (Refusal::TickOverdue, "sums.sum_positions");
    refused(&desk, late, NONE, overdue);
}

#[test]
fn set_leverage() {
    let mut desk = desk();
    let sender = desk.sender(1);
    let case = |desk: &Desk, market, imf_ppm, code| {
        let set = sender.set_leverage(market, imf_ppm);
        refused(desk, user(set), NONE, (code, LEVERAGE));
    };
    case(&desk, 32, 0, Refusal::Malformed);
    case(&desk, 5, 0, Refusal::UnknownMarket);
    case(&desk, 0, 99_999, Refusal::BadLeverage);
    case(&desk, 0, 1_000_001, Refusal::BadLeverage);
    case(&desk, 0, 1 << 20, Refusal::Malformed);
    let poor = [(account(1), 1, from_signed(-200_000))];
    let set = user(sender.set_leverage(0, 500_000));
    let margin = (Refusal::InitialMargin, LEVERAGE);
    refused_upon(&desk, &poor, set, NONE, margin);
    desk.wait(TICK_MAX_MS + 1);
    desk.engine.seal().unwrap();
    let late = user(desk.sender(1).set_leverage(0, 500_000));
    let overdue = (Refusal::TickOverdue, "sums.sum_positions");
    refused(&desk, late, NONE, overdue);
    // Where it has no position the overdue tick does not matter.
    accepted(&desk, user(desk.sender(1).set_leverage(1, 500_000)));
}

/// An isolated account trades its market only, by proof.
#[test]
fn isolated_accounts() {
    let mut desk = desk();
    desk.user(desk.sender(1).transfer(ISOLATED, 100_000))
        .unwrap();
    desk.engine.seal().unwrap();
    let mut bid = order(Side::Bid, OrderType::Ioc, MARK, 10);
    let elsewhere = (Refusal::IsolatedElsewhere, "placement.assert_placement");
    let sender = desk.sender(ISOLATED);
    refused(&desk, user(sender.place(bid)), NONE, elsewhere);
    bid.market = 1;
    accepted(&desk, user(sender.place(bid)));
}
