//! Orders by client id, cleared orders, deadlines and mass quotes: engine and program agree, and what the
//! rules refuse has no run.

use zkperp_engine::{
    Command, Options, OrderType, Outcome, Place, Quoted, Refusal, Side, UserCommand,
};
use zkperp_schema::{self as schema, CancelScope};

use crate::desk::{Desk, EXPIRY_MS, MARK, order};
use crate::forced::{accepted, refused, refused_upon};
use crate::liquidation::{exposed, falls};
use crate::refusals::{NONE, account, bids};

/// Client ids whose places in a page are 7.
const LOW: u64 = 7;
const SAME_LOW: u64 = LOW + (1 << schema::NAMES_LOW_BITS);

/// The function in which a check of client ids breaks off.
const NOT_OPEN: &str = "client_orders.assert_not_open";

pub(crate) fn named(client_id: u64, price_ticks: u64) -> Place {
    Place {
        client_id,
        ..order(Side::Bid, OrderType::Gtt, price_ticks, 10)
    }
}

/// A named order that expires in so many ms.
fn brief(desk: &Desk, client_id: u64, span_ms: u64) -> Place {
    Place {
        expiry_ms: desk.now_ms + span_ms,
        ..named(client_id, MARK - 5)
    }
}

pub(crate) fn quoted(client_id: u64, side: Side, price_ticks: u64, lots: u64) -> Quoted {
    Quoted {
        client_id,
        side,
        price_ticks,
        lots,
        options: Options::NONE,
    }
}

pub(crate) fn quote(desk: &Desk, account: u32, entries: &[Quoted]) -> Command {
    quote_of(desk, account, OrderType::PostOnly, entries)
}

fn quote_of(desk: &Desk, account: u32, order_type: OrderType, entries: &[Quoted]) -> Command {
    let sender = desk.sender(account);
    Command::Quote(sender.quote(0, order_type, EXPIRY_MS, entries))
}

/// The whole of a leaf after the last seal.
fn felt(desk: &Desk, addr: u64, index: usize) -> u64 {
    use zkperp_field::PrimeField64;
    desk.engine.tree().get(addr).unwrap()[index].as_canonical_u64()
}

fn done(first: u64, second: u64, third: u64) -> Result<Outcome, Refusal> {
    Ok(Outcome([0, first, second, third]))
}

#[test]
fn an_order_goes_by_its_client_id() {
    let mut desk = Desk::sealed();
    for (owner, price) in [(1, MARK - 5), (2, MARK - 5), (1, MARK - 6)] {
        let client_id = LOW + u64::from(price == MARK - 6);
        desk.place(owner, named(client_id, price)).unwrap();
    }
    desk.prove();
    // The first account that named an order has the first page, the second the next.
    assert_eq!(felt(&desk, account(1), 7), 1);
    assert_eq!(felt(&desk, account(2), 7), 2);
    assert_eq!(felt(&desk, schema::SCHEDULE_INDEX, 2), 2);

    desk.user(desk.sender(1).amend(1, MARK - 7, 12)).unwrap();
    assert_eq!(desk.user(desk.sender(1).cancel_named(LOW)), done(1, 0, 12));
    assert_eq!(desk.user(desk.sender(2).cancel_named(LOW)), done(2, 0, 10));
    // The id is free again, and so is one with the same low bits.
    desk.place(1, named(SAME_LOW, MARK - 5)).unwrap();
    desk.place(2, named(LOW, MARK - 5)).unwrap();
    desk.prove();
    let cancel = desk.sender(1).cancel_named(SAME_LOW);
    assert_eq!(desk.user(cancel), done(4, 0, 10));
    desk.prove();
}

#[test]
fn a_client_id_is_free_when_its_order_is_filled_expired_or_cleared() {
    let mut desk = Desk::sealed();
    desk.place(1, named(LOW, MARK)).unwrap();
    desk.rest(2, Side::Ask, MARK, 10);
    desk.place(1, brief(&desk, SAME_LOW, 50)).unwrap();
    desk.prove();
    desk.now_ms += 50;
    desk.place(1, named(LOW, MARK - 5)).unwrap();
    desk.prove();
    // Of the expired order no entry is left, but its id cancels it.
    let gone = desk.user(desk.sender(1).cancel_named(SAME_LOW));
    assert_eq!(gone, Err(Refusal::UnknownOrder));
    assert_eq!(desk.user(desk.sender(1).cancel(3)), done(3, 0, 10));

    // Cleared by its account, in its market, and by its deadline.
    let all = desk.sender(1).cancel_all(CancelScope::Account, 0);
    desk.user(all).unwrap();
    desk.place(1, named(SAME_LOW, MARK - 6)).unwrap();
    desk.prove();
    let market = desk.sender(1).cancel_all(CancelScope::Market, 0);
    desk.user(market).unwrap();
    desk.place(1, named(LOW, MARK - 7)).unwrap();
    let deadline = desk.sender(1).set_deadline(desk.now_ms + 20);
    desk.user(deadline).unwrap();
    desk.prove();
    desk.now_ms += 20;
    // A cleared order is present: its client id still cancels it.
    let cancelled = desk.user(desk.sender(1).cancel_named(LOW)).unwrap();
    assert_eq!(cancelled.0[3], 10);
    desk.place(1, named(SAME_LOW, MARK - 8)).unwrap();
    desk.prove();
    assert_eq!(felt(&desk, account(1), 6), 0);
}

#[test]
fn one_command_clears_all_orders() {
    let mut desk = Desk::sealed();
    for market in [0, 0, 1] {
        let order = Place {
            market,
            ..order(Side::Bid, OrderType::Gtt, MARK - 5, 10)
        };
        desk.place(1, order).unwrap();
    }
    desk.prove();
    let market = desk.sender(1).cancel_all(CancelScope::Market, 0);
    assert_eq!(desk.user(market), done(4, 0, 0));
    desk.prove();
    // Those of the market don't count any more; dead ones may go, and make way to who meets them.
    desk.user(desk.sender(1).cancel(1)).unwrap();
    desk.rest(2, Side::Ask, MARK - 5, 5);
    desk.rest(1, Side::Bid, MARK - 5, 5);
    desk.prove();
    let all = desk.sender(1).cancel_all(CancelScope::Account, 0);
    desk.user(all).unwrap();
    desk.mark(0, MARK).unwrap();
    desk.rest(1, Side::Bid, MARK - 5, 5);
    desk.user(desk.sender(1).cancel(3)).unwrap();
    desk.prove();
}

#[test]
fn a_deadline_that_has_passed_is_fired_by_the_next_command() {
    type Step = fn(&Desk) -> Command;
    let steps: [Step; 6] = [
        |desk| Command::User(desk.sender(1).place(named(LOW, MARK - 5))),
        |desk| Command::User(desk.sender(1).cancel_all(CancelScope::Account, 0)),
        |desk| Command::User(desk.sender(1).cancel_all(CancelScope::Market, 0)),
        |desk| Command::User(desk.sender(1).set_deadline(desk.now_ms + 5)),
        |desk| Command::User(desk.sender(1).set_deadline(0)),
        |desk| {
            quote(
                desk,
                1,
                &[Quoted::removal(LOW), quoted(9, Side::Bid, 990, 5)],
            )
        },
    ];
    let mut quiet = Desk::sealed();
    quiet.place(1, named(LOW, MARK - 5)).unwrap();
    quiet.rest(1, Side::Bid, MARK - 6, 5);
    let deadline = quiet.sender(1).set_deadline(quiet.now_ms + 20);
    quiet.user(deadline).unwrap();
    quiet.engine.seal().unwrap();
    for (late, fired) in [(19, false), (20, true), (500, true)] {
        for step in steps {
            let mut desk = quiet.clone();
            desk.now_ms += late;
            let command = step(&desk);
            let is_named = matches!(&command, Command::User(user) if user.kind == 4);
            if is_named && !fired {
                refused(&desk, command, bids(), (Refusal::ClientIdUsed, NOT_OPEN));
                continue;
            }
            desk.command(command).unwrap();
            desk.prove();
            let cleared = felt(&desk, account(1), 5);
            assert!(cleared == 3 || !fired);
        }
        // An amendment finds the order dead; nothing of it is left.
        let mut desk = quiet.clone();
        desk.now_ms += late;
        let amended = desk.user(desk.sender(1).amend(2, MARK - 6, 4));
        assert_eq!(amended.err(), fired.then_some(Refusal::OrderExpired));
        desk.user(desk.sender(1).cancel(2)).unwrap();
        desk.prove();
        assert_eq!(felt(&desk, account(1), 5), 0);
    }
}

#[test]
fn a_quote_replaces_many_orders() {
    let mut desk = Desk::sealed();
    let first = [
        quoted(1, Side::Bid, 995, 10),
        quoted(2, Side::Bid, 990, 20),
        quoted(3, Side::Ask, 1_005, 10),
    ];
    assert_eq!(desk.command(quote(&desk, 1, &first)), done(1, 3, 40));
    desk.prove();
    // One moves, one goes, one stays away, one is new and named twice.
    let second = [
        quoted(2, Side::Bid, 995, 5),
        Quoted::removal(3),
        Quoted::removal(77),
        quoted(4, Side::Ask, 1_006, 1),
        quoted(4, Side::Ask, 1_007, 2),
        quoted(4 + (5 << schema::NAMES_LOW_BITS) + 1, Side::Ask, 1_008, 2),
    ];
    desk.now_ms += 1;
    assert_eq!(desk.command(quote(&desk, 1, &second)), done(4, 4, 10));
    desk.prove();
    let rest: Vec<_> = (1..=31)
        .map(|id| quoted(100 + id, Side::Bid, 900 + id, id))
        .collect();
    let slide = quote_of(&desk, 2, OrderType::Slide, &rest);
    assert_eq!(desk.command(slide), done(8, 31, 496));
    let none: Vec<_> = (1..=31).map(|id| Quoted::removal(100 + id)).collect();
    assert_eq!(desk.command(quote(&desk, 2, &none)), done(39, 0, 0));
    desk.prove();
}

#[test]
fn a_quote_meets_the_book() {
    let mut desk = Desk::sealed();
    // Dead makers before the quotes, 70 of account 3 and one of its own that is replaced.
    for _ in 0..70 {
        desk.place(3, brief(&desk, 0, 40)).unwrap();
    }
    desk.place(1, named(1, MARK - 5)).unwrap();
    desk.rest(2, Side::Ask, 1_003, 10);
    desk.prove();
    desk.now_ms += 40;
    let entries = [
        quoted(1, Side::Ask, MARK - 5, 5),
        quoted(2, Side::Ask, MARK - 4, 5),
        quoted(3, Side::Ask, MARK - 6, 5),
    ];
    let slides = [
        quoted(4, Side::Bid, 1_004, 5),
        quoted(5, Side::Bid, 1_003, 5),
    ];
    // 64 makers are met in all: the first entry drops its rest, the second does not reach one.
    let outcome = desk.command(quote(&desk, 1, &entries)).unwrap();
    assert_eq!(outcome.0[2..], [3, 5]);
    desk.prove();
    let outcome = desk.command(quote_of(&desk, 4, OrderType::Slide, &slides));
    assert_eq!(outcome.map(|outcome| outcome.0[3]), Ok(10));
    desk.prove();
    // Reduce-only entries of one who has nothing to reduce.
    let mut only = quoted(6, Side::Bid, 900, 5);
    only.options.reduce_only = true;
    let refused = desk.command(quote(&desk, 5, &[only]));
    assert_eq!(refused, Err(Refusal::WouldNotReduce));
}

/// Account 1 has 7 at 995 in market 0 and 8 in market 1.
fn with_named() -> Desk {
    let mut desk = Desk::sealed();
    desk.place(1, named(LOW, MARK - 5)).unwrap();
    let elsewhere = Place {
        market: 1,
        ..named(LOW + 1, MARK - 5)
    };
    desk.place(1, elsewhere).unwrap();
    desk.rest(2, Side::Ask, MARK + 3, 10);
    desk.engine.seal().unwrap();
    desk
}

fn user(command: UserCommand) -> Command {
    Command::User(command)
}

#[test]
fn a_used_client_id_is_refused() {
    let desk = with_named();
    let used = (Refusal::ClientIdUsed, NOT_OPEN);
    for client_id in [LOW, SAME_LOW] {
        let resting = named(client_id, MARK - 6);
        refused(&desk, user(desk.sender(1).place(resting)), bids(), used);
        let ioc = Place {
            client_id,
            ..order(Side::Bid, OrderType::Ioc, MARK - 6, 10)
        };
        refused(&desk, user(desk.sender(1).place(ioc)), NONE, used);
    }
    // The same ids are free to others.
    accepted(&desk, user(desk.sender(2).place(named(LOW, MARK - 6))));

    // The last page is taken: whoever has one goes on, and so does who only takes.
    let full = [(schema::SCHEDULE_INDEX, 2, schema::NAMES_MAX)];
    let no_page = (Refusal::ClientIdsUsedUp, "client_orders.assert_page");
    let place = user(desk.sender(2).place(named(LOW, MARK - 6)));
    refused_upon(&desk, &full, place, bids(), no_page);
    let entry = quote(&desk, 2, &[quoted(LOW, Side::Bid, MARK - 6, 5)]);
    refused_upon(&desk, &full, entry, NONE, no_page);
    let mut last = accepted(&desk, user(desk.sender(1).place(named(LOW + 2, MARK - 5))));
    last.set(&full);
    last.run().unwrap();
    let mut taking = order_of_two(&desk, OrderType::Ioc);
    taking.set(&full);
    taking.run().unwrap();
}

/// A named order of account 2, which has no page.
fn order_of_two(desk: &Desk, order_type: OrderType) -> crate::forced::Forced {
    let order = Place {
        client_id: LOW,
        ..order(Side::Bid, order_type, MARK - 6, 10)
    };
    accepted(desk, user(desk.sender(2).place(order)))
}

#[test]
fn a_client_id_cancels_its_own_order_once() {
    let mut desk = with_named();
    let unknown = (Refusal::UnknownOrder, "l2_cancel_named.l2_cancel_named");
    accepted(&desk, user(desk.sender(1).cancel_named(LOW)));
    for client_id in [0, SAME_LOW, LOW + 2] {
        let cancel = user(desk.sender(1).cancel_named(client_id));
        refused(&desk, cancel, NONE, unknown);
    }
    // No page; the entry of another's page.
    refused(&desk, user(desk.sender(3).cancel_named(LOW)), NONE, unknown);
    let wide = user(desk.sender(1).cancel_named(LOW + (1 << 48)));
    refused(&desk, wide, NONE, (Refusal::Malformed, unknown.1));
    // The order has gone, and its slot is another's.
    desk.user(desk.sender(1).cancel(1)).unwrap();
    desk.rest(3, Side::Bid, MARK - 9, 5);
    desk.engine.seal().unwrap();
    refused(&desk, user(desk.sender(1).cancel_named(LOW)), NONE, unknown);
}

#[test]
fn what_cancel_all_and_set_deadline_refuse() {
    let desk = with_named();
    let scope = "l2_cancel_all.clear_scope";
    let all = |market, scope| UserCommand {
        order_type: scope,
        ..desk.sender(1).cancel_all(CancelScope::Market, market)
    };
    for (market, scope_code) in [(0, 2), (1, 0), (32, 1)] {
        let command = user(all(market, scope_code));
        refused(&desk, command, NONE, (Refusal::Malformed, scope));
    }
    let unknown = (Refusal::UnknownMarket, scope);
    refused(&desk, user(all(5, 1)), NONE, unknown);
    let deadline = |deadline_ms| user(desk.sender(1).set_deadline(deadline_ms));
    for late in [desk.now_ms, 1] {
        let fault = (Refusal::BadExpiry, "l2_set_deadline.assert_ahead");
        refused(&desk, deadline(late), NONE, fault);
    }
    let wide = (Refusal::Malformed, "l2_set_deadline.l2_set_deadline");
    refused(&desk, deadline(1 << 44), NONE, wide);
    accepted(&desk, deadline(desk.now_ms + 1));
    accepted(&desk, deadline(0));
}

#[test]
fn what_a_quote_refuses() {
    let desk = with_named();
    let good = quoted(LOW, Side::Bid, MARK - 6, 5);
    accepted(&desk, quote(&desk, 1, &[good]));
    let one = |entry: Quoted, fault| {
        let advice = zkperp_engine::Advice {
            quoted: vec![bids().rested],
            ..NONE
        };
        refused(&desk, quote(&desk, 1, &[entry]), advice, fault);
    };
    one(
        quoted(LOW + 1, Side::Bid, MARK - 6, 5),
        (Refusal::ClientIdUsed, "quotes.make_way"),
    );
    one(
        Quoted::removal(LOW + 1),
        (Refusal::ClientIdUsed, "quotes.make_way"),
    );
    one(
        quoted(SAME_LOW, Side::Bid, MARK - 6, 5),
        (Refusal::ClientIdUsed, NOT_OPEN),
    );
    accepted(&desk, quote(&desk, 1, &[Quoted::removal(SAME_LOW)]));
    let enter = "enter.enter_order";
    one(quoted(1, Side::Bid, 0, 5), (Refusal::BadPrice, enter));
    one(quoted(1, Side::Bid, 100_001, 5), (Refusal::BadPrice, enter));
    one(quoted(1, Side::Bid, 1_601, 5), (Refusal::PriceBand, enter));
    one(
        quoted(1, Side::Bid, MARK, 10_001),
        (Refusal::BadLots, enter),
    );
    let margin = (Refusal::InitialMargin, "placement.assert_placement");
    one(quoted(1, Side::Bid, MARK, 9_000), margin);
    one(
        quoted(1, Side::Bid, MARK + 3, 5),
        (Refusal::WouldTake, "matching"),
    );
    // All or nothing: the fault of the last entry.
    let many = [good, quoted(LOW + 2, Side::Bid, MARK + 3, 5)];
    let fault = (Refusal::WouldTake, "matching");
    refused(&desk, quote(&desk, 1, &many), NONE, fault);

    let changed = |change: &dyn Fn(&mut UserCommand)| {
        let Command::Quote(mut quote) = quote(&desk, 1, &[good]) else {
            unreachable!()
        };
        change(&mut quote.command);
        Command::Quote(quote)
    };
    let quoting = "l2_quote.l2_quote";
    let check = |change: &dyn Fn(&mut UserCommand), fault| {
        refused(&desk, changed(change), NONE, fault);
    };
    for order_type in [0, 1, 3, 4, 6, 7] {
        check(
            &|c| c.order_type = order_type,
            (Refusal::Malformed, quoting),
        );
    }
    check(&|c| c.market = 32, (Refusal::Malformed, quoting));
    check(&|c| c.market = 5, (Refusal::UnknownMarket, quoting));
    check(&|c| c.words[0] = desk.now_ms, (Refusal::BadExpiry, quoting));
    check(
        &|c| c.words[0] = 1 << 44,
        (Refusal::Malformed, "l2_quote.admit_quote"),
    );
    let full = [(schema::CLOCK_INDEX, 2, schema::ORDER_ID_MAX)];
    let used_up = (Refusal::OrderIdsUsedUp, "execute_batch.seal");
    let advice = zkperp_engine::Advice {
        quoted: vec![bids().rested],
        ..NONE
    };
    let last = quote(&desk, 3, &[quoted(LOW, Side::Bid, MARK - 4, 5)]);
    refused_upon(&desk, &full, last, advice, used_up);
}

#[test]
fn a_malformed_quote_has_no_run() {
    let desk = with_named();
    let words = |entries: Vec<[u64; 3]>| {
        let Command::Quote(mut quote) = quote(&desk, 1, &[]) else {
            unreachable!()
        };
        quote.entries = entries;
        Command::Quote(quote)
    };
    let admit = (Refusal::Malformed, "l2_quote.admit_quote");
    refused(&desk, words(vec![]), NONE, admit);
    let removals = (1..=32).map(|id| [id, 0, 16 << 40]).collect();
    refused(&desk, words(removals), NONE, admit);
    let entry = (Refusal::Malformed, "quotes.enter_entries");
    for faulty in [
        [0, 900, 1 + (16 << 40)],
        [1 + (2 << 48), 900, 1 + (16 << 40)],
        [1, 900, 1],
        [1, 900, 1 + (32 << 40)],
        [1, 1 << 32, 1 + (16 << 40)],
        [1, 1, 16 << 40],
        [1 + (1 << 48), 0, 16 << 40],
        [1, 0, 17 << 40],
        [1, 0, 0],
    ] {
        refused(&desk, words(vec![faulty]), NONE, entry);
    }
}

#[test]
fn a_quote_waits_for_liquidations_and_the_others_do_not() {
    let mut desk = exposed();
    desk.place(3, named(LOW, MARK - 500)).unwrap();
    let mut desk = falls(desk, 120);
    assert!(desk.is_pending());
    let entry = [Quoted::removal(LOW)];
    let fault = (Refusal::LiquidationPending, "registers.assert_calm");
    refused(&desk, quote(&desk, 3, &entry), NONE, fault);
    let deadline = desk.sender(3).set_deadline(desk.now_ms + 5);
    desk.user(deadline).unwrap();
    desk.user(desk.sender(3).cancel_named(LOW)).unwrap();
    let all = desk.sender(3).cancel_all(CancelScope::Account, 0);
    desk.user(all).unwrap();
    desk.prove();
}
