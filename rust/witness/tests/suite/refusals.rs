//! Every command that the rules refuse, forced into a batch: it has no run (soundness § 6).

use zkperp_engine::leaf::from_signed;
use zkperp_engine::{
    Advice, Command, LevelAdvice, OrderType, Place, Refusal, Rested, Sender, Side, UserCommand,
};
use zkperp_schema as schema;

use crate::desk::{Desk, FUNDS, MARK, TICK_MAX_MS, deposit, forced, order, owner};
use crate::forced::{accepted, refused, refused_envelope, refused_upon};

pub(crate) const NONE: Advice = Advice {
    named_order: None,
    rested: None,
    quoted: Vec::new(),
    inserted: Vec::new(),
};

fn named(slot: u32) -> Advice {
    Advice {
        named_order: Some(slot),
        ..NONE
    }
}

/// A level of its own, behind the head of market 0's bids.
pub(crate) fn bids() -> Advice {
    opens_behind(0)
}

fn opens_behind(before: u32) -> Advice {
    let level = LevelAdvice::New {
        level: 0,
        before,
        after: 0,
    };
    Advice {
        rested: Some(Rested { order: 0, level }),
        ..NONE
    }
}

fn gtt(price_ticks: u64, lots: u64) -> Place {
    order(Side::Bid, OrderType::Gtt, price_ticks, lots)
}

fn place(desk: &Desk, order: Place) -> Command {
    Command::User(desk.sender(1).place(order))
}

/// A good order of account 1, changed.
fn changed(desk: &Desk, change: impl FnOnce(&mut UserCommand)) -> Command {
    let mut command = desk.sender(1).place(gtt(MARK - 5, 10));
    change(&mut command);
    Command::User(command)
}

fn from(sender: Sender) -> Command {
    Command::User(sender.place(gtt(MARK - 5, 10)))
}

#[test]
fn the_same_commands_without_the_fault_run() {
    let mut desk = Desk::sealed();
    let id = desk.rest(1, Side::Bid, MARK - 5, 10);
    desk.engine.seal().unwrap();
    let sender = desk.sender(1);
    accepted(&desk, Command::Time);
    accepted(&desk, place(&desk, gtt(MARK - 5, 10)));
    accepted(&desk, place(&desk, gtt(MARK - 6, 10)));
    accepted(&desk, Command::User(sender.cancel(id)));
    accepted(&desk, Command::User(sender.amend(id, MARK - 5, 9)));
    accepted(&desk, Command::User(sender.amend(id, MARK - 5, 11)));
    accepted(&desk, Command::User(sender.withdraw(1)));
    accepted(&desk, Command::User(sender.burn_nonce()));
    accepted(&desk, desk.request_command(deposit(1, 5)));
    accepted(&desk, desk.request_command(forced(1, owner(1), 5)));
}

#[test]
fn time() {
    let desk = Desk::sealed();
    let advance = "admission.admit";
    let good = desk.envelope(place(&desk, gtt(MARK - 5, 10)));
    let at = |time_ms| zkperp_engine::Envelope {
        time_ms,
        ..good.clone()
    };
    let now = desk.now_ms;
    refused_envelope(
        &desk,
        at(now - 1),
        bids(),
        (Refusal::TimeBackwards, advance),
    );
    let late = (Refusal::TimeStepTooLarge, advance);
    refused_envelope(&desk, at(now + 4096), bids(), late);

    let tick = |time_ms| zkperp_engine::Envelope {
        time_ms,
        command: Command::Time,
        signature: None,
    };
    let place = "transactions.sequencer_time";
    refused_envelope(&desk, tick(now - 1), NONE, (Refusal::TimeBackwards, place));
    refused_envelope(&desk, tick(1 << 44), NONE, (Refusal::Malformed, place));

    let period = schema::FUNDING_PERIOD_MS;
    let due_ms = (schema::TIME_MAX / period + 1) * period;
    let mut last = desk.with_felts(&[
        (schema::CLOCK_INDEX, 1, schema::TIME_MAX),
        (schema::SCHEDULE_INDEX, 0, due_ms),
    ]);
    last.now_ms = schema::TIME_MAX + 1;
    let words = last.request_command(deposit(1, 5));
    refused(
        &last,
        words,
        NONE,
        (Refusal::Malformed, "execute_batch.seal"),
    );
}

#[test]
fn admission() {
    let desk = Desk::sealed();
    let admit = "admission.admit";
    let malformed = |change: fn(&mut UserCommand), place: &str| {
        refused(
            &desk,
            changed(&desk, change),
            bids(),
            (Refusal::Malformed, place),
        );
    };
    let placing = "transactions.l2_place";
    malformed(|c| c.key = 14, admit);
    malformed(|c| c.valid_until_ms = 1 << 44, admit);
    malformed(|c| c.market = 32, placing);
    malformed(|c| c.side = 2, placing);
    malformed(|c| c.order_type = 6, placing);
    malformed(|c| c.words[2] = 1 << 44, placing);
    malformed(|c| c.words[0] = 1 << 32, "matching.enter.enter_order");
    malformed(|c| c.words[1] = 1 << 40, "matching.enter.enter_order");

    let sender = desk.sender(1);
    let unknown = Sender {
        account: 9,
        nonce: 1,
        ..sender
    };
    refused(
        &desk,
        from(unknown),
        bids(),
        (Refusal::UnknownAccount, admit),
    );
    let unknown = Sender {
        key: 3,
        nonce: 1,
        ..sender
    };
    refused(&desk, from(unknown), bids(), (Refusal::UnknownKey, admit));
    let expired = Sender {
        valid_until_ms: desk.now_ms,
        ..sender
    };
    let fault = (Refusal::MessageExpired, admit);
    refused(&desk, from(expired), bids(), fault);
    let used = Sender {
        nonce: sender.nonce - 1,
        ..sender
    };
    refused(&desk, from(used), bids(), (Refusal::NonceUsed, admit));
    let far = Sender {
        nonce: sender.nonce + 16383,
        ..sender
    };
    refused(&desk, from(far), bids(), (Refusal::NonceTooFar, admit));

    let key = schema::ACCOUNT_BASE + schema::ACCOUNT_STRIDE + schema::KEY_LEAF;
    let last = desk.with_felts(&[(key, 5, schema::NONCE_MAX)]);
    let burn = Command::User(last.sender(1).burn_nonce());
    refused(&last, burn, NONE, (Refusal::Malformed, admit));

    // A key is missing when all its limbs are zero, not when the first one is.
    let limbs: Vec<_> = (0..5).map(|limb| (key, limb, 0)).collect();
    let missing = (Refusal::UnknownKey, "admission.assert_is_key");
    let other = (Refusal::BadSignature, "schnorr");
    for (zeros, fault) in [(5, missing), (1, other), (4, other)] {
        let order = place(&desk, gtt(MARK - 5, 10));
        refused_upon(&desk, &limbs[..zeros], order, bids(), fault);
    }

    let mut forged = desk.envelope(place(&desk, gtt(MARK - 5, 10)));
    forged.signature.as_mut().unwrap()[40] ^= 1;
    refused_envelope(&desk, forged, bids(), (Refusal::BadSignature, "schnorr"));
}

#[test]
fn placement() {
    let desk = Desk::sealed();
    let enter = "matching.enter.enter_order";
    let check = |order: Place, fault: (Refusal, &str)| {
        refused(&desk, place(&desk, order), bids(), fault);
    };
    check(
        Place {
            market: 5,
            ..gtt(MARK, 10)
        },
        (Refusal::UnknownMarket, enter),
    );
    check(gtt(1_601, 10), (Refusal::PriceBand, enter));
    let low = order(Side::Ask, OrderType::Ioc, 399, 10);
    check(low, (Refusal::PriceBand, enter));
    check(gtt(0, 10), (Refusal::BadPrice, enter));
    check(gtt(100_001, 10), (Refusal::BadPrice, enter));
    check(gtt(MARK, 0), (Refusal::BadLots, enter));
    check(gtt(MARK, 10_001), (Refusal::BadLots, enter));
    let expiry = (Refusal::BadExpiry, "l2_place.l2_place");
    check(
        Place {
            expiry_ms: desk.now_ms,
            ..gtt(MARK, 10)
        },
        expiry,
    );
    let ioc = order(Side::Bid, OrderType::Ioc, MARK, 10);
    check(
        Place {
            expiry_ms: desk.now_ms + 9,
            ..ioc
        },
        expiry,
    );
    check(
        gtt(MARK, 9_000),
        (Refusal::InitialMargin, "placement.assert_placement"),
    );
    let limit = (Refusal::PositionLimit, "placement.assert_placement");
    let long = [(position(1), 0, 7_000), (account(1), 2, 1)];
    refused_upon(&desk, &long, place(&desk, gtt(400, 5_001)), bids(), limit);
    let short = [(position(1), 0, from_signed(-7_000)), (account(1), 2, 1)];
    let sale = order(Side::Ask, OrderType::Ioc, 1_600, 5_001);
    refused_upon(&desk, &short, place(&desk, sale), bids(), limit);
    let elsewhere = (Refusal::IsolatedElsewhere, "placement.assert_placement");
    let isolated = [(account(1), 3, 2)];
    let here = place(&desk, gtt(MARK - 5, 10));
    refused_upon(&desk, &isolated, here, bids(), elsewhere);

    let mut unpriced = Desk::bare();
    unpriced.request(deposit(1, FUNDS)).unwrap();
    unpriced.engine.seal().unwrap();
    let fault = (Refusal::NoPrice, enter);
    refused(&unpriced, place(&unpriced, gtt(MARK, 10)), bids(), fault);

    let mut book = Desk::sealed();
    book.rest(2, Side::Ask, MARK + 3, 10);
    book.engine.seal().unwrap();
    let post_only = order(Side::Bid, OrderType::PostOnly, MARK + 3, 5);
    let fault = (Refusal::WouldTake, "loop.meet_level");
    refused(&book, place(&book, post_only), bids(), fault);
}

pub(crate) fn account(account: u64) -> u64 {
    schema::ACCOUNT_BASE + schema::ACCOUNT_STRIDE * account
}

/// The position in market 0.
fn position(owner: u64) -> u64 {
    account(owner) + schema::POSITION_LEAF
}

#[test]
fn room() {
    let desk = Desk::sealed();
    let clock = |index, value| [(schema::CLOCK_INDEX, index, value)];
    let case = |changes: &[(u64, usize, u64)], fault| {
        let good = place(&desk, gtt(MARK - 5, 10));
        refused_upon(&desk, changes, good, bids(), fault);
    };
    let full = (Refusal::BookFull, "resting.assert_room");
    case(&clock(5, schema::ORDER_SLOTS_MAX), full);
    case(&clock(7, schema::LEVEL_SLOTS_MAX), full);
    let count = [(position(1), 1, schema::OPEN_ORDERS_MAX)];
    case(&count, (Refusal::TooManyOrders, "resting.assert_room"));
    let used_up = (Refusal::OrderIdsUsedUp, "execute_batch.seal");
    case(&clock(2, schema::ORDER_ID_MAX), used_up);
}

fn with_order() -> (Desk, u64) {
    let mut desk = Desk::sealed();
    let id = desk.rest(1, Side::Bid, MARK - 5, 10);
    desk.rest(2, Side::Bid, MARK - 6, 10);
    desk.engine.seal().unwrap();
    (desk, id)
}

#[test]
fn cancel_and_amend() {
    let (mut desk, id) = with_order();
    let sender = desk.sender(1);
    let slot = || named(1);
    let cancel = "l2_cancel.l2_cancel";
    let amend = "l2_amend.l2_amend";
    let unknown = |place| (Refusal::UnknownOrder, place);
    let user = Command::User;
    refused(&desk, user(sender.cancel(77)), slot(), unknown(cancel));
    refused(&desk, user(sender.cancel(0)), named(3), unknown(cancel));
    refused(
        &desk,
        user(sender.amend(77, MARK, 5)),
        slot(),
        unknown(amend),
    );
    refused(
        &desk,
        user(sender.amend(0, MARK, 5)),
        named(3),
        unknown(amend),
    );
    let other = desk.sender(2);
    refused(
        &desk,
        user(other.cancel(id)),
        slot(),
        (Refusal::NotOwner, cancel),
    );
    refused(
        &desk,
        user(other.amend(id, MARK, 5)),
        slot(),
        (Refusal::NotOwner, amend),
    );

    let enter = "enter.enter_order";
    let checks = "placement.assert_placement";
    let opens = || Advice {
        named_order: Some(1),
        ..bids()
    };
    let case = |price, lots, fault| {
        refused(&desk, user(sender.amend(id, price, lots)), opens(), fault);
    };
    case(0, 5, (Refusal::BadPrice, enter));
    case(100_001, 5, (Refusal::BadPrice, enter));
    case(MARK - 5, 0, (Refusal::BadLots, "l2_amend.change_order"));
    case(MARK - 5, 10_001, (Refusal::BadLots, enter));
    case(MARK - 5, 9_000, (Refusal::InitialMargin, checks));

    desk.rest(1, Side::Bid, MARK - 5, 10);
    desk.engine.seal().unwrap();
    let full = [(schema::CLOCK_INDEX, 7, schema::LEVEL_SLOTS_MAX)];
    let more = user(desk.sender(1).amend(id, MARK - 5, 11));
    let fault = (Refusal::BookFull, "resting.assert_room");
    refused_upon(&desk, &full, more, opens(), fault);

    desk.now_ms = crate::desk::EXPIRY_MS;
    desk.command(Command::Time).unwrap();
    desk.engine.seal().unwrap();
    let late = desk.sender(1).amend(id, MARK - 5, 5);
    refused(&desk, user(late), slot(), (Refusal::OrderExpired, amend));
}

#[test]
fn post_only_stays_so_when_amended() {
    let mut desk = Desk::sealed();
    desk.rest(2, Side::Ask, MARK + 3, 10);
    let post_only = order(Side::Bid, OrderType::PostOnly, MARK - 5, 5);
    let id = desk.place(1, post_only).unwrap().0[1];
    desk.engine.seal().unwrap();
    let crossing = Command::User(desk.sender(1).amend(id, MARK + 3, 5));
    let advice = Advice {
        named_order: Some(2),
        ..bids()
    };
    refused(
        &desk,
        crossing,
        advice,
        (Refusal::WouldTake, "loop.meet_level"),
    );
}

#[test]
fn withdrawal() {
    let mut desk = Desk::sealed();
    desk.rest(1, Side::Ask, MARK, 100);
    desk.rest(2, Side::Bid, MARK, 100);
    desk.engine.seal().unwrap();
    let withdraw = "l2_withdraw.l2_withdraw";
    let sender = desk.sender(1);
    let take = |sender: Sender, amount| Command::User(sender.withdraw(amount));
    refused(&desk, take(sender, 0), NONE, (Refusal::BadAmount, withdraw));
    refused(
        &desk,
        take(sender, 1 << 58),
        NONE,
        (Refusal::Malformed, withdraw),
    );
    let fault = (Refusal::InsufficientFreeCollateral, withdraw);
    refused(&desk, take(sender, FUNDS), NONE, fault);
    // Position and margin leave less than the cash.
    let free = free_of(&desk, 1);
    refused(&desk, take(sender, free + 1), NONE, fault);
    accepted(&desk, take(sender, free));

    let poor = [(schema::MONEY_INDEX, 0, 10)];
    let fault = (Refusal::InsufficientCustody, withdraw);
    refused_upon(&desk, &poor, take(sender, 11), NONE, fault);

    let deep = [
        (account(1), 1, from_signed(-(schema::BALANCE_MAX as i64))),
        (position(1), 0, 10_000),
        (margin(0, 1), 1, 1 << 50),
        (margin(0, 1), 7, 1 << 60),
        (schema::MONEY_INDEX, 0, schema::CUSTODY_MAX),
    ];
    let fault = (Refusal::BalanceLimit, withdraw);
    refused_upon(&desk, &deep, take(sender, 1), NONE, fault);

    desk.wait(TICK_MAX_MS + 1);
    desk.engine.seal().unwrap();
    let late = desk.sender(1);
    let overdue = (Refusal::TickOverdue, "sums.sum_positions");
    refused(&desk, take(late, 1), NONE, overdue);
    let sale = late.place(order(Side::Ask, OrderType::Ioc, MARK, 5));
    let fault = (Refusal::TickOverdue, "placement.assert_placement");
    refused(&desk, Command::User(sale), NONE, fault);
    // What only reduces goes on.
    let reducing = late.place(order(Side::Bid, OrderType::Ioc, MARK, 5));
    accepted(&desk, Command::User(reducing));
}

/// A tier's leaf.
pub(crate) fn margin(market: u64, tier: u64) -> u64 {
    schema::MARKET_BASE + schema::MARKET_STRIDE * market + schema::MARGIN_LEAF + tier
}

/// The greatest withdrawal that the engine accepts.
fn free_of(desk: &Desk, account: u32) -> u64 {
    let takes = |amount: u64| {
        let mut desk = desk.clone();
        desk.user(desk.sender(account).withdraw(amount)).is_ok()
    };
    let (mut low, mut high) = (1, FUNDS);
    while low + 1 < high {
        let middle = u64::midpoint(low, high);
        if takes(middle) {
            low = middle
        } else {
            high = middle
        }
    }
    low
}

#[test]
fn request_words_that_no_contract_admits() {
    let desk = Desk::sealed();
    let admitted = "requests.";
    let case = |words: [u64; 12], place| {
        refused(
            &desk,
            desk.request_command(words),
            NONE,
            (Refusal::Malformed, place),
        );
    };
    let with = |index: usize, value| {
        let mut words = deposit(1, 5);
        words[index] = value;
        words
    };
    case(with(0, 3), admitted);
    case(with(1, 0), admitted);
    case(with(1, u64::from(u32::MAX)), admitted);
    case(with(2, 1 << 56), admitted);
    case(with(3, 1 << 56), admitted);
    case(with(4, 1 << 48), admitted);
    case(with(5, 1 << 58), admitted);
    case(with(6, 1 << 8), admitted);
    for index in 6..12 {
        let mut words = forced(1, owner(1), 5);
        words[index] = 1;
        case(words, "l1_forced_withdrawal");
    }
}
