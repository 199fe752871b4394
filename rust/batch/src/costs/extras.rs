//! Commands that order flow has seldom or never, so that their costs are measured too.

use thiserror::Error;
use zkperp_engine::{
    AccountType, CancelScope, Command, Condition, Conditional, Engine, Envelope, Options,
    OrderType, Place, Quoted, Request, RequestKind, RestingOrder, SealError, SealedBatch, Sender,
    Side, State, Verify, keeper,
};
use zkperp_flow::Keys;
use zkperp_schema::{IMF_PPM_MAX, SUB_ACCOUNT_FIRST};
use zkperp_tree::Tree;

/// Accepted commands of each kind.
const EACH: usize = 8;
/// The market that is traded.
const MARKET: u8 = 0;
/// How long the signed ones hold, ms.
const HOLD_MS: u64 = 60_000;
/// The client id of the orders that are placed to be cancelled; quotes have it and those above.
const CLIENT_ID: u64 = 1;
/// What is withdrawn, micro-USDC.
const AMOUNT: u64 = 1_000_000;

/// Why there is no batch of them.
#[derive(Debug, Error)]
pub enum ExtrasError {
    /// The venue takes none of them.
    #[error("the venue accepts no command beside the flow")]
    Nothing,
    /// The batch can't be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// Makes one command of an account, as it stands: the n-th of its kind, from 1. None where the account
/// can't send it.
type Make = fn(&State, u32, usize) -> Option<Command>;

/// One a kind: a further kind of command gets its line here.
const KINDS: [Make; 15] = [
    take,
    |state, account, _| {
        let sender = Some(account).filter(|account| !is_sub_account(state, *account))?;
        let made = sender_of(state, sender).create_account(AccountType::Cross, 0);
        Some(Command::User(made))
    },
    transfer,
    |state, account, _| {
        let chosen = sender_of(state, account).set_leverage(MARKET, IMF_PPM_MAX);
        Some(Command::User(chosen))
    },
    |_, _, _| Some(Command::Time),
    |state, account, _| Some(Command::User(sender_of(state, account).withdraw(AMOUNT))),
    |state, account, _| Some(Command::User(sender_of(state, account).burn_nonce())),
    |state, account, _| forced_withdrawal(state, account),
    named,
    |state, account, _| {
        let cancelled = sender_of(state, account).cancel_named(CLIENT_ID);
        Some(Command::User(cancelled))
    },
    conditional,
    |state, account, _| {
        let order_id = state.account(account)?.waiting.first()?.order_id;
        let cancelled = sender_of(state, account).cancel_conditional(order_id);
        Some(Command::User(cancelled))
    },
    quote,
    |state, account, _| {
        let deadline_ms = state.time_ms() + HOLD_MS;
        let switch = sender_of(state, account).set_deadline(deadline_ms);
        Some(Command::User(switch))
    },
    |state, account, _| {
        let all = sender_of(state, account).cancel_all(CancelScope::Account, 0);
        Some(Command::User(all))
    },
];

/// Key 0 of an account, with its next nonce.
fn sender_of(state: &State, account: u32) -> Sender {
    Sender {
        account,
        key: 0,
        nonce: state.nonce(account, 0) + 1,
        valid_until_ms: state.time_ms() + HOLD_MS,
    }
}

fn is_sub_account(state: &State, account: u32) -> bool {
    let view = state.account(account);
    view.is_some_and(|view| view.master.is_some())
}

/// To a sub-account of the account's own.
fn transfer(state: &State, account: u32, _number: usize) -> Option<Command> {
    let mut numbers = state.account_numbers().into_iter();
    let is_own = |to: &u32| {
        let view = state.account(*to);
        view.is_some_and(|view| view.master == Some(account))
    };
    let to = numbers.find(is_own)?;
    let moved = sender_of(state, account).transfer(to, AMOUNT);
    Some(Command::User(moved))
}

/// An order that fills the best `makers` of the other side, if they are live and fill.
fn take(state: &State, account: u32, makers: usize) -> Option<Command> {
    let side = if makers.is_multiple_of(2) {
        Side::Bid
    } else {
        Side::Ask
    };
    let accounts = state.account_numbers().into_iter();
    let views = accounts.filter_map(|number| state.account(number));
    let met = |order: &RestingOrder| {
        order.market == MARKET
            && order.side != side
            && order.account != account
            && order.expiry_ms > state.time_ms()
    };
    let mut orders: Vec<RestingOrder> = views.flat_map(|view| view.orders).filter(met).collect();
    // Best first, the oldest of a price first: a stable sort keeps their order.
    orders.sort_by_key(|order| order.order_id);
    match side {
        Side::Bid => orders.sort_by_key(|order| order.price_ticks),
        Side::Ask => orders.sort_by_key(|order| std::cmp::Reverse(order.price_ticks)),
    }
    let price_ticks = orders.get(makers - 1)?.price_ticks;
    let place = Place {
        market: MARKET,
        side,
        order_type: OrderType::Ioc,
        price_ticks,
        lots: orders[..makers].iter().map(|order| order.lots).sum(),
        expiry_ms: 0,
        options: Options::NONE,
        client_id: 0,
    };
    Some(Command::User(sender_of(state, account).place(place)))
}

/// A bid at half the mark, far behind the book.
fn behind(state: &State) -> Option<u64> {
    Some(state.market(MARKET)?.mark.mark_ticks / 2)
}

/// An order with a client id, which the next kind cancels by it.
fn named(state: &State, account: u32, _number: usize) -> Option<Command> {
    let place = Place {
        market: MARKET,
        side: Side::Bid,
        order_type: OrderType::Slide,
        price_ticks: behind(state)?,
        lots: 1,
        expiry_ms: state.time_ms() + HOLD_MS,
        options: Options::NONE,
        client_id: CLIENT_ID,
    };
    Some(Command::User(sender_of(state, account).place(place)))
}

/// A stop far above the mark, which the next kind takes back.
fn conditional(state: &State, account: u32, _number: usize) -> Option<Command> {
    let mark_ticks = state.market(MARKET)?.mark.mark_ticks;
    let order = Conditional {
        market: MARKET,
        side: Side::Bid,
        order_type: OrderType::Ioc,
        price_ticks: mark_ticks,
        lots: 1,
        options: Options::NONE,
        expiry_ms: state.time_ms() + HOLD_MS,
        trigger_ticks: 2 * mark_ticks,
        condition: Condition::Stop,
        partner: 0,
    };
    let placed = sender_of(state, account).place_conditional(order);
    Some(Command::User(placed))
}

/// A quote of `number` orders.
fn quote(state: &State, account: u32, number: usize) -> Option<Command> {
    let price_ticks = behind(state)?;
    let entries: Vec<Quoted> = (0..number as u64)
        .map(|at| Quoted {
            client_id: CLIENT_ID + at,
            side: Side::Bid,
            price_ticks: price_ticks - at,
            lots: 1,
            options: Options::NONE,
        })
        .collect();
    let expiry_ms = state.time_ms() + HOLD_MS;
    let quote = sender_of(state, account).quote(MARKET, OrderType::PostOnly, expiry_ms, &entries);
    Some(Command::Quote(quote))
}

fn forced_withdrawal(state: &State, account: u32) -> Option<Command> {
    let [o0, o1, o2] = state.account(account)?.owner;
    let mut words = [0; 12];
    words[..6].copy_from_slice(&[
        RequestKind::ForcedWithdrawal.code().into(),
        account.into(),
        o0,
        o1,
        o2,
        AMOUNT,
    ]);
    Some(Command::Request(Request {
        number: state.requests_done(),
        words,
    }))
}

/// A batch of them on a venue without an open batch, and the tree before it. What the venue refuses
/// of an account is tried with the next one; `seed` is that of the accounts' keys.
///
/// # Errors
/// [`ExtrasError`].
pub fn extra_batch(mut engine: Engine, seed: u64) -> Result<(Tree, SealedBatch), ExtrasError> {
    let old = engine.tree().clone();
    // Accounts of owners; the fund's and sub-accounts stand behind them.
    let mut accounts = engine.state().account_numbers();
    accounts.retain(|&account| u64::from(account) < SUB_ACCOUNT_FIRST);
    let keys = Keys::new(seed, accounts.last().copied().unwrap_or(0), 0);
    let mut all = 0;
    for make in KINDS {
        let mut accepted: usize = 0;
        for &account in &accounts {
            if accepted == EACH {
                break;
            }
            let state = engine.state();
            let Some(command) = make(state, account, accepted + 1) else {
                continue;
            };
            let mut envelope = Envelope {
                time_ms: state.time_ms(),
                command,
                signature: None,
            };
            keys.sign(state, &mut envelope);
            accepted += usize::from(engine.apply(&envelope, &Verify).is_ok());
        }
        all += accepted;
    }
    // Hours pass: nothing that needs prices may come behind.
    for _ in 0..EACH {
        let hour_ms = engine.state().funding_due_ms() + 1;
        while let Some(due) = keeper::before(engine.state(), hour_ms) {
            if engine.apply(&due, &Verify).is_err() {
                break;
            }
            all += 1;
        }
    }
    if all == 0 {
        return Err(ExtrasError::Nothing);
    }
    Ok((old, engine.seal()?))
}
