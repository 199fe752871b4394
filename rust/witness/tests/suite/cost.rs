//! What each kind of command costs: steps and instances, counted as the difference that it makes to a
//! batch. The bounds are committed, so that a change of cost shows in the diff.

use zkperp_engine::{AccountType, Command, OrderType, Place, Quoted, Side};
use zkperp_schema::{self as schema, CancelScope};
use zkperp_vm::builtins::Builtin;

use crate::client_orders::{named, quote, quoted};
use crate::deleveraging::with_fund as two_longs;
use crate::desk::{ACCOUNTS, Desk, EXPIRY_MS, FUNDS, MARK, deposit, forced, order, owner, venue};
use crate::liquidation::{FUND, exposed, falls};

/// Steps, and instances of range_check, poseidon2, muldiv, state and schnorr.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) steps: usize,
    pub(crate) used: [u32; 5],
}

/// The cost of a batch of one burn_nonce and then `command`, less that of the burn_nonce alone.
pub(crate) fn cost(desk: &Desk, command: impl FnOnce(&Desk) -> Command) -> Cost {
    let run = |command: Option<Command>, mut desk: Desk| {
        desk.engine.seal().ok();
        desk.user(desk.sender(ACCOUNTS).burn_nonce()).unwrap();
        if let Some(command) = command {
            desk.command(command).unwrap();
        }
        let run = desk.prove().run;
        let count = |builtin| {
            let at = run
                .layout
                .builtins
                .iter()
                .position(|b| b.builtin == builtin);
            run.used[at.unwrap()]
        };
        let used = [
            Builtin::RangeCheck,
            Builtin::Poseidon2,
            Builtin::Muldiv,
            Builtin::State,
            Builtin::Schnorr,
        ]
        .map(count);
        (run.steps.len(), used)
    };
    let (base_steps, base_used) = run(None, desk.clone());
    let (steps, used) = run(Some(command(desk)), desk.clone());
    Cost {
        steps: steps - base_steps,
        used: std::array::from_fn(|i| used[i] - base_used[i]),
    }
}

fn bid(price: u64, lots: u64) -> Place {
    order(Side::Bid, OrderType::Gtt, price, lots)
}

fn place(order: Place) -> impl FnOnce(&Desk) -> Command {
    move |desk| Command::User(desk.sender(1).place(order))
}

/// A book with two bids at 990 and makers at 1,010, 1,010 and 1,011; accounts have positions in both
/// markets.
pub(crate) fn book() -> Desk {
    let mut desk = Desk::open();
    for market in 0..2 {
        for (account, side) in [
            (1, Side::Ask),
            (2, Side::Bid),
            (3, Side::Ask),
            (4, Side::Bid),
        ] {
            let order = Place {
                market,
                ..order(side, OrderType::Gtt, MARK, 20)
            };
            desk.place(account, order).unwrap();
        }
    }
    for (account, side, price) in [
        (1, Side::Bid, 990),
        (2, Side::Bid, 990),
        (1, Side::Bid, 980),
        (2, Side::Ask, 1_010),
        (3, Side::Ask, 1_010),
        (3, Side::Ask, 1_011),
    ] {
        desk.rest(account, side, price, 10);
    }
    desk.now_ms += 1;
    desk
}

#[test]
fn steps_of_every_kind() {
    let desk = book();
    let user = Command::User;
    // 8 orders traded, then ids 9 (bid 990), 10, 11 (bid 980).
    let rows: Vec<(&str, Cost, usize)> = vec![
        (
            "place, rests at a level",
            cost(&desk, place(bid(990, 5))),
            1_075,
        ),
        (
            "place, opens a level",
            cost(&desk, place(bid(985, 5))),
            1_100,
        ),
        (
            "place, one fill, part of a maker",
            cost(&desk, place(bid(1_010, 5))),
            2_700,
        ),
        (
            "place, one fill, whole maker",
            cost(&desk, place(bid(1_010, 10))),
            2_770,
        ),
        (
            "place, two fills",
            cost(&desk, place(bid(1_010, 20))),
            4_440,
        ),
        (
            "cancel, oldest of two",
            cost(&desk, |d| user(d.sender(1).cancel(9))),
            460,
        ),
        (
            "cancel, closes its level",
            cost(&desk, |d| user(d.sender(1).cancel(11))),
            460,
        ),
        (
            "place with a client id, rests at a level",
            cost(&with_quotes(&desk), place(named(99, 990))),
            1_255,
        ),
        (
            "cancel_named",
            cost(&with_quotes(&desk), |d| user(d.sender(1).cancel_named(1))),
            520,
        ),
        (
            "cancel_all, of the account",
            cost(&desk, |d| {
                user(d.sender(1).cancel_all(CancelScope::Account, 0))
            }),
            380,
        ),
        (
            "cancel_all, of a market",
            cost(&desk, |d| {
                user(d.sender(1).cancel_all(CancelScope::Market, 0))
            }),
            425,
        ),
        (
            "set_deadline",
            cost(&desk, |d| user(d.sender(1).set_deadline(d.now_ms + 5))),
            385,
        ),
        (
            "quote, one order replaced",
            cost(&with_quotes(&desk), quotes(1, 5)),
            1_890,
        ),
        (
            "quote, eleven orders replaced",
            cost(&with_quotes(&desk), quotes(11, 5)),
            15_050,
        ),
        (
            "quote, one order removed",
            cost(&with_quotes(&desk), quotes(1, 0)),
            945,
        ),
        (
            "quote, eleven orders removed",
            cost(&with_quotes(&desk), quotes(11, 0)),
            4_580,
        ),
        (
            "amend, keeps its place",
            cost(&desk, |d| user(d.sender(1).amend(9, 990, 4))),
            610,
        ),
        (
            "amend, another price",
            cost(&desk, |d| user(d.sender(1).amend(9, 985, 4))),
            1_380,
        ),
        (
            "withdraw",
            cost(&desk, |d| user(d.sender(1).withdraw(5))),
            1_410,
        ),
        (
            "burn_nonce",
            cost(&desk, |d| user(d.sender(1).burn_nonce())),
            290,
        ),
        (
            "create_account",
            cost(&desk, |d| {
                user(d.sender(1).create_account(AccountType::Isolated, 1))
            }),
            510,
        ),
        (
            "transfer",
            cost(&with_sub_account(&desk), |d| {
                user(d.sender(1).transfer(SUB_ACCOUNT, 5))
            }),
            1_470,
        ),
        (
            "set_leverage",
            cost(&desk, |d| user(d.sender(1).set_leverage(0, 300_000))),
            855,
        ),
        (
            "oracle_report, one price",
            cost(&desk, |d| d.report_command(0, &[(0, MARK + 1)])),
            650,
        ),
        (
            "oracle_report, two prices",
            cost(&desk, |d| d.report_command(0, &[(0, MARK + 1), (1, MARK)])),
            860,
        ),
        ("tick, a book of six orders", cost(&desk, tick), 3_310),
        (
            "tick, an empty book",
            cost(&Desk::sealed().later(), tick),
            2_110,
        ),
        ("tick, 64 orders a side", cost(&deep(), tick), 21_800),
        ("fund, two markets", funding(&desk), 2_260),
        ("fund, one market", funding(&one_market()), 1_210),
        (
            "deposit with a key",
            cost(&desk, |d| d.request_command(deposit(1, 5))),
            1_040,
        ),
        (
            "forced withdrawal",
            cost(&desk, |d| d.request_command(forced(1, owner(1), 5))),
            1_820,
        ),
        ("time", cost(&desk, |_| Command::Time), 250),
        (
            "tick, lists that are not crossed",
            cost(&exposed().later(), tick),
            2_170,
        ),
        (
            "sweep, keyed anew",
            cost(&falls(exposed(), 90), step),
            1_130,
        ),
        ("sweep, nothing crossed", cost(&swept(90), step), 710),
        (
            "sweep, becomes due",
            cost(&falls(exposed(), 120), step),
            1_040,
        ),
        ("liquidate, a fill", cost(&with_bid(), step), 3_100),
        ("liquidate, a takeover", cost(&with_fund(), step), 2_490),
        (
            "liquidate, deleveraging begins",
            cost(&before_deleveraging(exposed(), 120), step),
            1_010,
        ),
        (
            "liquidate, deleveraging of a full fund begins",
            cost(&before_deleveraging(two_longs(0), 200), step),
            2_380,
        ),
        (
            "deleverage, an account",
            cost(&deleveraging(exposed_to_two(), 120), step),
            1_620,
        ),
        (
            "deleverage, an account and a fund that is not due",
            cost(&deleveraging(two_longs(9 * FUNDS), 200), step),
            2_730,
        ),
    ];
    within_bounds(&rows);
    assert!(desk.now_ms < EXPIRY_MS);
}

/// Prints the costs, each with its command, and holds their steps to the bounds.
pub(crate) fn within_bounds(rows: &[(&str, Cost, usize)]) {
    println!("| command | steps | range_check | poseidon2 | muldiv | state | schnorr |");
    println!("|---|---|---|---|---|---|---|");
    for (name, cost, _) in rows {
        let [a, b, c, d, e] = cost.used;
        println!("| {name} | {} | {a} | {b} | {c} | {d} | {e} |", cost.steps);
    }
    for (name, cost, bound) in rows {
        assert!(cost.steps <= *bound, "{name}: {} steps", cost.steps);
    }
}

/// Account 1 has eleven quotes at 970 and 969.
fn with_quotes(desk: &Desk) -> Desk {
    let mut desk = desk.clone();
    let first = quotes(11, 5)(&desk);
    desk.command(first).unwrap();
    desk.later()
}

/// A quote of account 1 of so many orders: at both prices, or away.
fn quotes(count: u64, lots: u64) -> impl FnOnce(&Desk) -> Command {
    move |desk| {
        let entries: Vec<_> = (1..=count)
            .map(|id| match lots {
                0 => Quoted::removal(id),
                _ => quoted(id, Side::Bid, 969 + id % 2, lots),
            })
            .collect();
        quote(desk, 1, &entries)
    }
}

/// What liquidation asks for.
fn step(desk: &Desk) -> Command {
    desk.liquidation().unwrap()
}

/// Account 1 fell by so many ticks and was looked at once.
fn swept(ticks: u64) -> Desk {
    sweep(exposed(), ticks, 1)
}

fn sweep(desk: Desk, ticks: u64, times: usize) -> Desk {
    let mut desk = falls(desk, ticks);
    for _ in 0..times {
        desk.command(step(&desk)).unwrap();
    }
    desk.later()
}

/// A due account before a bid for all its lots.
fn with_bid() -> Desk {
    let mut desk = exposed();
    desk.rest(3, Side::Bid, MARK - 125, 2_000);
    sweep(desk, 120, 2)
}

/// A due account before a fund that takes its lots.
fn with_fund() -> Desk {
    let mut desk = exposed();
    let gift = desk.sender(3).transfer(FUND, 900_000);
    desk.user(gift).unwrap();
    sweep(desk, 120, 2)
}

/// Before the step that begins a deleveraging.
fn before_deleveraging(desk: Desk, ticks: u64) -> Desk {
    let mut desk = falls(desk, ticks);
    loop {
        let mut next = desk.clone();
        next.command(step(&next)).unwrap();
        if next.engine.state().deleveraging().is_some() {
            return desk.later();
        }
        desk = next;
    }
}

/// A second counterparty has 10 lots.
fn exposed_to_two() -> Desk {
    let mut desk = exposed();
    desk.rest(1, Side::Bid, MARK, 10);
    desk.rest(3, Side::Ask, MARK, 10);
    desk
}

/// A deleveraging runs.
fn deleveraging(desk: Desk, ticks: u64) -> Desk {
    let mut desk = falls(desk, ticks);
    desk.until_deleveraging();
    desk.later()
}

pub(crate) fn tick(_: &Desk) -> Command {
    Command::Tick { market: 0 }
}

/// The first sub-account.
const SUB_ACCOUNT: u32 = schema::SUB_ACCOUNT_FIRST as u32 + 1;

fn with_sub_account(desk: &Desk) -> Desk {
    let mut desk = desk.clone();
    let create = desk.sender(1).create_account(AccountType::Cross, 0);
    desk.user(create).unwrap();
    desk
}

/// A book whose impact prices meet 64 orders on each side.
fn deep() -> Desk {
    let mut venue = venue();
    venue.markets[0].pricing.impact_quote = 1 << 52;
    let mut desk = Desk::of(&venue).opened();
    for i in 0..128 {
        let account = 1 + i % ACCOUNTS;
        let offset = u64::from(i / 20);
        desk.rest(account, Side::Bid, MARK - 1 - offset, 1);
        desk.rest(account, Side::Ask, MARK + 1 + offset, 1);
    }
    desk.later()
}

/// A venue with one market, marked.
fn one_market() -> Desk {
    let mut venue = venue();
    venue.markets.truncate(1);
    let mut desk = Desk::of(&venue);
    for account in 1..=ACCOUNTS {
        desk.request(deposit(account, FUNDS)).unwrap();
    }
    desk.mark(0, MARK).unwrap();
    desk
}

/// The cost of the hour's funding, less that of a nonce at the same time.
fn funding(desk: &Desk) -> Cost {
    let mut desk = desk.clone();
    desk.now_ms = desk.engine.state().funding_due_ms();
    desk.command(Command::Time).unwrap();
    cost(&desk, |_| Command::Fund)
}
