//! Commands that order flow has seldom or never, so that their costs are measured too.

use thiserror::Error;
use zkperp_engine::{
    Command, Engine, Envelope, OrderType, Place, Request, RequestKind, RestingOrder, SealError,
    SealedBatch, Sender, Side, State, Verify,
};
use zkperp_flow::Keys;
use zkperp_schema::{AccountType, SUB_ACCOUNT_FIRST};
use zkperp_tree::Tree;

/// Accepted commands of each kind.
const EACH: usize = 8;
/// The market that is traded.
const MARKET: u8 = 0;
/// How long the signed ones hold, ms.
const HOLD_MS: u64 = 60_000;
/// What is withdrawn and transferred, micro-USDC.
const AMOUNT: u64 = 1_000_000;
/// The initial margin that accounts choose: nearly none is below the market's, few can't afford it.
const LEVERAGE_PPM: u64 = 100_000;

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
const KINDS: [Make; 9] = [
    take,
    |_, _, _| Some(Command::Time),
    |state, account, _| Some(Command::User(sender(state, account).withdraw(AMOUNT))),
    |state, account, _| Some(Command::User(sender(state, account).burn_nonce())),
    |state, account, _| forced_withdrawal(state, account),
    |state, account, _| {
        let new = sender(state, account).create_account(AccountType::Cross, 0);
        Some(Command::User(new))
    },
    transfer,
    |state, account, _| {
        let leverage = sender(state, account).set_leverage(MARKET, LEVERAGE_PPM);
        Some(Command::User(leverage))
    },
    |_, _, _| Some(Command::Fund),
];

/// Key 0 of an account, with its next nonce.
fn sender(state: &State, account: u32) -> Sender {
    Sender {
        account,
        key: 0,
        nonce: state.nonce(account, 0) + 1,
        valid_until_ms: state.time_ms() + HOLD_MS,
    }
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
    };
    Some(Command::User(sender(state, account).place(place)))
}

/// To the sender's first sub-account.
fn transfer(state: &State, account: u32, _: usize) -> Option<Command> {
    let mut all = state.account_numbers().into_iter();
    let sub = all.find(|&number| {
        state
            .account(number)
            .is_some_and(|view| view.master == Some(account))
    })?;
    Some(Command::User(sender(state, account).transfer(sub, AMOUNT)))
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
            let time_ms = match command {
                Command::Fund => state.funding_due_ms(),
                _ => state.time_ms(),
            };
            let mut envelope = Envelope {
                time_ms,
                command,
                signature: None,
            };
            keys.sign(state, &mut envelope);
            accepted += usize::from(engine.apply(&envelope, &Verify).is_ok());
        }
        all += accepted;
    }
    if all == 0 {
        return Err(ExtrasError::Nothing);
    }
    Ok((old, engine.seal()?))
}
