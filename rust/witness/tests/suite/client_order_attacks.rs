//! Lies about client ids, deadlines and quotes (soundness § 8).
//!
//! Where an entry is, whose page it stands in, whether its order is there and whether a deadline has passed
//! follow from leaves at addresses that the program computes: nothing of it is advice. So a prover can only
//! say something else than the user signed, or claim another leaf than the state's.

use zkperp_engine::{Advice, Command, OrderType, Quoted, Side};
use zkperp_field::{F, PrimeCharacteristicRing, PrimeField64};
use zkperp_schema::{self as schema, CancelScope};

use crate::attacks::{DELTA_MS, felt, with};
use crate::client_orders::{named, quote, quoted};
use crate::desk::{Desk, MARK, order};
use crate::forced::{Forced, accepted};
use crate::refusals::{account, bids};

/// Felts of a quote's record.
const MARKET: usize = 6;
const ORDER_TYPE: usize = 7;
const COUNT: usize = 9;
const ENTRIES: usize = 10;
/// Felts of an entry.
const ENTRY: usize = 7;
const CLIENT_ID: usize = 0;
const SIDE: usize = 1;
const LOTS: usize = 3;
const OPTIONS: usize = 4;
const OPENS_LEVEL: usize = 5;
const LEVEL_SLOT: usize = 6;

const LOW: u64 = 7;

/// Accounts 1 and 2 have orders 1 and 2 under the same id, at 995 and 994.
fn book() -> Desk {
    let mut desk = Desk::sealed();
    desk.place(1, named(LOW, MARK - 5)).unwrap();
    desk.place(2, named(LOW, MARK - 6)).unwrap();
    desk.engine.seal().unwrap();
    desk
}

/// Opens a level, removes only, and takes a level that there is.
fn entries() -> [Quoted; 3] {
    let mut last = quoted(LOW + 1, Side::Bid, MARK - 6, 5);
    last.options.reduce_only = false;
    [
        quoted(LOW, Side::Ask, MARK + 5, 5),
        Quoted::removal(LOW + 9),
        last,
    ]
}

const fn at(entry: usize, felt: usize) -> usize {
    ENTRIES + ENTRY * entry + felt
}

fn addr(page: u64, client_id: u64) -> u64 {
    let low = client_id % (1 << schema::NAMES_LOW_BITS);
    schema::CLIENT_ORDER_BASE + (page << schema::NAMES_LOW_BITS) + low
}

/// Whoever changes a felt has no run, but for a later time and for felts that have no say.
#[test]
fn a_changed_felt_has_no_run() {
    let desk = book();
    let user = |command| Command::User(command);
    let silent = [at(0, OPENS_LEVEL), at(1, OPENS_LEVEL), at(1, LEVEL_SLOT)];
    let commands: [(Command, &[usize]); 6] = [
        (user(desk.sender(1).cancel_named(LOW)), &[]),
        (
            user(desk.sender(1).cancel_all(CancelScope::Account, 0)),
            &[],
        ),
        (user(desk.sender(1).cancel_all(CancelScope::Market, 1)), &[]),
        (user(desk.sender(1).set_deadline(desk.now_ms + 9)), &[]),
        (user(desk.sender(1).set_deadline(0)), &[]),
        (quote(&desk, 1, &entries()), &silent),
    ];
    for (command, silent) in commands {
        let good = accepted(&desk, command);
        for index in 0..good.advice.len() {
            for value in [good.advice[index] + F::ONE, -F::ONE, felt(1 << 62)] {
                let may_run = silent.contains(&index) || (index == DELTA_MS && value == F::ONE);
                let runs = with(&good, &[(index, value)]).run().is_ok();
                let kind = good.advice[0];
                assert_eq!(runs, may_run, "kind {kind}: felt {index} = {value}");
            }
        }
    }
}

/// Two felts that stand in one word, one more and the other less: the words are the signed ones.
#[test]
fn the_parts_of_a_word_are_within_their_widths() {
    let desk = book();
    let good = accepted(&desk, quote(&desk, 1, &entries()));
    let shift = |low: usize, factor: u64, high: usize, name: &str| {
        for sign in [F::ONE, -F::ONE] {
            let changes = [
                (low, good.advice[low] + sign * felt(factor)),
                (high, good.advice[high] - sign),
            ];
            assert!(with(&good, &changes).run().is_err(), "{name}");
        }
    };
    for entry in 0..3 {
        let at = |felt| at(entry, felt);
        shift(at(CLIENT_ID), 1 << 48, at(SIDE), "client id and side");
        shift(at(LOTS), 1 << 40, at(OPTIONS), "lots and options");
    }
    let types = schema::HEAD_TYPE_SHIFT / schema::HEAD_MARKET_SHIFT;
    shift(MARKET, types, ORDER_TYPE, "market and type");
    // From slide to post_only.
    let changes = [(MARKET, felt(3 * types)), (ORDER_TYPE, felt(2))];
    let sender = desk.sender(1);
    let slide = sender.quote(0, OrderType::Slide, crate::desk::EXPIRY_MS, &entries());
    let slide = accepted(&desk, Command::Quote(slide));
    with(&slide, &changes).breaks_off("another type", "l2_quote.l2_quote");
    let market = accepted(&desk, {
        let all = sender.cancel_all(CancelScope::Market, 1);
        Command::User(all)
    });
    let changes = [(MARKET, felt(1 + types)), (ORDER_TYPE, F::ZERO)];
    with(&market, &changes).breaks_off("another scope", "l2_cancel_all.clear_scope");
}

#[test]
fn a_quote_has_the_entries_that_were_signed() {
    let desk = book();
    let good = accepted(&desk, quote(&desk, 1, &entries()));
    let set_count = |forced: &mut Forced, count: u64| {
        forced.advice[COUNT] = felt(count);
        let words = felt(2 + 3 * count);
        forced.named.insert("command_words".to_owned(), words);
    };
    let mut fewer = good.clone();
    set_count(&mut fewer, 2);
    fewer.advice.truncate(at(2, 0));
    fewer.breaks_off("an entry left out", "schnorr");
    let mut more = good.clone();
    set_count(&mut more, 4);
    let another = [LOW + 20, 0, 900, 5, 16, 1, 129].map(felt);
    more.advice.extend(another);
    more.breaks_off("an entry that nobody signed", "schnorr");
    // Without telling the contract of it.
    let mut hidden = good.clone();
    hidden.advice[COUNT] = felt(2);
    assert!(hidden.run().is_err());
    let mut swapped = good.clone();
    for field in 0..ENTRY {
        swapped.advice.swap(at(1, field), at(2, field));
    }
    swapped.breaks_off("entries in another order", "schnorr");
    for count in [F::ZERO, felt(32), -F::ONE] {
        let forced = with(&good, &[(COUNT, count)]);
        forced.breaks_off("count", "l2_quote.admit_quote");
    }
}

#[test]
fn the_level_of_a_quoted_order_is_the_one_with_its_price() {
    let desk = book();
    let good = accepted(&desk, quote(&desk, 1, &entries()));
    let resting = "matching.resting.rest_order";
    for slot in [
        felt(0),
        felt(128),
        felt(129),
        felt(schema::LEVEL_SLOTS_MAX),
        -F::ONE,
    ] {
        let forced = with(&good, &[(at(0, LEVEL_SLOT), slot)]);
        forced.breaks_off("a level behind which an ask does not belong", resting);
    }
    let opens = [(at(2, OPENS_LEVEL), F::ONE), (at(2, LEVEL_SLOT), F::ZERO)];
    with(&good, &opens).breaks_off("a second level of a price", resting);
}

/// Two commands of an account in one batch.
fn both(desk: &Desk, commands: [Command; 2], advice: [Advice; 2]) -> Forced {
    let [first, mut second] = commands;
    match &mut second {
        Command::User(command) => command.nonce += 1,
        Command::Quote(quote) => quote.command.nonce += 1,
        _ => {}
    }
    let envelopes = [first, second].map(|command| desk.envelope(command));
    let commands: Vec<_> = envelopes.into_iter().zip(advice).collect();
    Forced::new(desk, &commands, 0)
}

#[test]
fn a_client_id_serves_once() {
    let desk = book();
    let cancel = || Command::User(desk.sender(1).cancel_named(LOW));
    let none = || [Advice::default(), Advice::default()];
    let twice = both(&desk, [cancel(), cancel()], none());
    twice.breaks_off("cancelled twice", "l2_cancel_named.l2_cancel_named");

    let place = |client_id| Command::User(desk.sender(1).place(named(client_id, MARK - 6)));
    let forced = accepted(&desk, place(LOW + 1));
    let level = forced.advice[forced.advice.len() - 1];
    assert_eq!(level, felt(129));
    let advice = || {
        let mut desk = desk.clone();
        let envelope = desk.envelope(place(LOW + 1));
        let (_, effects) = desk
            .engine
            .apply(&envelope, &zkperp_engine::Verify)
            .unwrap();
        effects.advice.clone()
    };
    let pair = [
        place(LOW + 1),
        place(LOW + 1 + (1 << schema::NAMES_LOW_BITS)),
    ];
    let taken = both(&desk, pair, [advice(), advice()]);
    taken.breaks_off(
        "an id with the same low bits",
        "client_orders.assert_not_open",
    );
    // A quote that moves an order away twice finds nothing the second time: it has an own order then.
    let removal = || quote(&desk, 1, &[Quoted::removal(LOW)]);
    both(&desk, [removal(), removal()], none()).run().unwrap();
    let forced = both(&desk, [removal(), cancel()], none());
    forced.breaks_off("gone by a quote", "l2_cancel_named.l2_cancel_named");
}

#[test]
fn a_page_is_given_once() {
    let mut desk = book();
    let place = |desk: &Desk| Command::User(desk.sender(3).place(named(LOW, MARK - 5)));
    let third = accepted(&desk, place(&desk));
    assert_eq!(third.leaf_after(account(3))[7], felt(3));
    assert_eq!(third.leaf_after(schema::SCHEDULE_INDEX)[2], felt(3));
    assert_eq!(third.leaf_after(addr(2, LOW))[1], felt(3));
    // Who says that fewer were given starts from another state.
    let schedule = desk.engine.tree().get(schema::SCHEDULE_INDEX).unwrap();
    let mut stolen = schedule.map(|felt| felt.as_canonical_u64());
    stolen[2] = 0;
    third.starts_elsewhere("another's page", schema::SCHEDULE_INDEX, stolen);
    // An order that does not rest takes none.
    desk.rest(4, Side::Ask, MARK + 9, 10);
    desk.engine.seal().unwrap();
    let ioc = zkperp_engine::Place {
        client_id: LOW,
        ..order(Side::Bid, OrderType::Ioc, MARK, 5)
    };
    let taking = accepted(&desk, Command::User(desk.sender(3).place(ioc)));
    assert_eq!(taking.leaf_after(account(3))[7], F::ZERO);
    assert_eq!(taking.leaf_after(schema::SCHEDULE_INDEX)[2], felt(2));
}

#[test]
fn another_leaf_than_the_states_is_another_root() {
    let desk = book();
    let good = accepted(&desk, quote(&desk, 1, &entries()));
    // The old order is not there, and stays in the book.
    good.starts_elsewhere("no entry", addr(0, LOW), [0; 8]);
    good.starts_elsewhere("of another slot", addr(0, LOW), [LOW, 1, 2, 0, 0, 0, 0, 0]);
    // The id is not used (3011).
    let place = desk.sender(1).place(named(LOW, MARK - 4));
    let used = desk.envelope(Command::User(place));
    let used = Forced::new(&desk, &[(used, bids())], 0);
    used.breaks_off("used", "client_orders.assert_not_open");
    used.starts_elsewhere("no entry", addr(0, LOW), [0; 8]);
    used.starts_elsewhere(
        "of an order that went",
        addr(0, LOW),
        [LOW, 9, 1, 0, 0, 0, 0, 0],
    );
    // The deadline has not passed.
    let mut late = desk.clone();
    let deadline = late.sender(1).set_deadline(late.now_ms + 5);
    late.user(deadline).unwrap();
    late.engine.seal().unwrap();
    late.now_ms += 5;
    let place = late.sender(1).place(named(LOW, MARK - 5));
    let fired = accepted(&late, Command::User(place));
    assert_eq!(fired.leaf_after(account(1))[5], felt(3));
    assert_eq!(fired.leaf_after(account(1))[6], F::ZERO);
}

/// Entries that the rules never write: the locks behind the first ones hold.
#[test]
fn an_entry_of_anothers_order_serves_nobody() {
    let desk = book();
    let mut cancel = accepted(&desk, Command::User(desk.sender(1).cancel_named(LOW)));
    cancel.set(&[(addr(0, LOW), 1, 2), (addr(0, LOW), 2, 2)]);
    cancel.breaks_off("another's order", "l2_cancel_named.l2_cancel_named");
    let mut replaced = accepted(&desk, quote(&desk, 1, &entries()));
    replaced.set(&[(addr(0, LOW), 1, 2), (addr(0, LOW), 2, 2)]);
    replaced.breaks_off("another's order", "quotes.make_way");
    // A page that is another's gives the same.
    let mut stolen = accepted(&desk, Command::User(desk.sender(1).cancel_named(LOW)));
    stolen.set(&[(account(1), 7, 2)]);
    stolen.breaks_off("another's page", "l2_cancel_named.l2_cancel_named");
}
