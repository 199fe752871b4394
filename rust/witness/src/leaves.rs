//! Which leaves a batch may touch: more than it does, and a small part of the state.

use std::collections::{BTreeMap, BTreeSet};

use zkperp_engine::{Command, QuoteWords, SealedBatch};
use zkperp_field::{F, PrimeCharacteristicRing};
use zkperp_schema::{self as schema, Kind};
use zkperp_tree::{Tree, TreeError};
use zkperp_vm::builtins::state::LEAF;

use crate::advice::{is_conditional, word};

/// Word of a request that names the account.
const REQUEST_ACCOUNT: usize = 1;
/// Felts of an order, and of a level.
const ORDER_ID: usize = 0;
const ORDER_ACCOUNT: usize = 1;
const ORDER_LEVEL: usize = 2;
const LEVEL_BOOK: usize = 0;
/// Felts of the clock: the lowest slots never used.
const ORDER_HIGH: usize = 5;
const LEVEL_HIGH: usize = 7;
/// Felt of `conditionals`: the lowest slot never used.
const CONDITIONAL_HIGH: usize = 1;
/// Felts of a conditional order's leaf: its account, and its list.
const CONDITIONAL_ACCOUNT: usize = 1;
const CONDITIONAL_LIST: usize = 2;
/// Felt of `deleveraging`: whose lots are closed, and where.
const TARGET: usize = 0;
/// Where the account stands in the outcome of what looks at one.
const OUTCOME_ACCOUNT: usize = 1;
/// Felt of `config`: the number of markets.
const MARKETS: usize = 5;
/// Felt of an account: 1 + its page of client ids, or 0.
const NAMES: usize = 7;
/// Further word of `place` and `cancel_named` that holds the client id.
const PLACE_CLIENT_ID: usize = 3;
const CANCELLED_CLIENT_ID: usize = 0;
/// Leaves of the system that every batch touches.
const SYSTEM: [u64; 8] = [
    schema::CLOCK_INDEX,
    schema::MONEY_INDEX,
    schema::LOG_INDEX,
    schema::CONFIG_INDEX,
    schema::SCHEDULE_INDEX,
    schema::RISK_INDEX,
    schema::DELEVERAGING_INDEX,
    schema::CONDITIONALS_INDEX,
];

/// Old values of all leaves that the batch can touch:
/// - everything below the accounts: system, markets, books;
/// - leaves of markets that are empty: reports not yet made, tiers that a market lacks;
/// - slots whose leaf is empty: the ends of the free lists, and those that its orders may be the first
///   to use;
/// - places of client ids whose leaf is empty;
/// - all leaves of the accounts that send a command or that something happens to. A maker that is met
///   loses lots or its order, so its position's leaf changes, unless it then sends a command itself. One
///   whose neighbour in a list goes and comes back may be as before: the insertion names it;
/// - account and position of every order's owner: a maker that is met, or enters a price, may stay as it is;
/// - the same of every conditional order's owner, and what stands beside that position;
/// - those of the fund, and of the account that is deleveraged, at which liquidation looks.
///
/// # Errors
/// When an address is out of the tree's range.
pub(crate) fn candidates(
    old: &Tree,
    batch: &SealedBatch,
) -> Result<BTreeMap<u64, [F; LEAF]>, TreeError> {
    let mut leaves: BTreeMap<u64, [F; LEAF]> = old
        .leaves()
        .take_while(|(addr, _)| *addr < schema::ACCOUNT_BASE)
        .map(|(addr, leaf)| (addr, *leaf))
        .collect();
    let config = old.get(schema::SYSTEM_BASE + schema::CONFIG_INDEX)?;
    for offset in 0..schema::MARKET_STRIDE * word(config[MARKETS]) {
        let empty = leaves.entry(schema::MARKET_BASE + offset);
        empty.or_insert([F::ZERO; LEAF]);
    }
    let conditionals = old.get(schema::SYSTEM_BASE + schema::CONDITIONALS_INDEX)?;
    let clock = old.get(schema::SYSTEM_BASE + schema::CLOCK_INDEX)?;
    let orders = orders(batch);
    for (base, high, slots) in [
        (
            schema::ORDER_BASE,
            clock[ORDER_HIGH],
            schema::ORDER_SLOTS_MAX,
        ),
        (
            schema::LEVEL_BASE,
            clock[LEVEL_HIGH],
            schema::LEVEL_SLOTS_MAX,
        ),
        (
            schema::CONDITIONAL_BASE,
            conditionals[CONDITIONAL_HIGH],
            schema::CONDITIONAL_SLOTS_MAX,
        ),
    ] {
        let stride = match base {
            schema::CONDITIONAL_BASE => schema::CONDITIONAL_STRIDE,
            _ => 1,
        };
        let last = slots.min(word(high) + orders);
        for addr in base..base + stride * last {
            leaves.entry(addr).or_insert([F::ZERO; LEAF]);
        }
    }
    let mut addresses = BTreeSet::from(SYSTEM.map(|index| schema::SYSTEM_BASE + index));
    let changed = batch.changes.iter().map(|change| change.addr);
    addresses.extend(changed);
    addresses.extend(client_orders(old, batch)?);
    addresses.extend(makers(&leaves));
    addresses.extend(waiting(&leaves));
    let deleveraging = old.get(schema::SYSTEM_BASE + schema::DELEVERAGING_INDEX)?;
    let target = word(deleveraging[TARGET]).saturating_sub(1) / schema::MARKETS_MAX;
    for account in accounts(batch)
        .into_iter()
        .chain([schema::FUND_ACCOUNT, target])
    {
        let base = schema::ACCOUNT_BASE + schema::ACCOUNT_STRIDE * account;
        addresses.extend(base..base + schema::ACCOUNT_STRIDE);
    }
    for addr in addresses {
        leaves.insert(addr, old.get(addr)?);
    }
    Ok(leaves)
}

/// Account and position of the owner of each order in the books of these leaves.
fn makers(leaves: &BTreeMap<u64, [F; LEAF]>) -> BTreeSet<u64> {
    let orders = leaves.range(schema::ORDER_BASE..schema::ORDER_BASE + schema::ORDER_SLOTS_MAX);
    let live = orders.filter(|(_, order)| order[ORDER_ID] != F::ZERO);
    live.flat_map(|(_, order)| {
        let level = leaves.get(&(schema::LEVEL_BASE + word(order[ORDER_LEVEL])));
        // Book = 1 + 2 * market + side.
        let market = level.map_or(0, |level| word(level[LEVEL_BOOK]).saturating_sub(1) / 2);
        let account = schema::ACCOUNT_BASE + schema::ACCOUNT_STRIDE * word(order[ORDER_ACCOUNT]);
        let position = schema::POSITION_LEAF + schema::POSITION_STRIDE * market;
        [account + schema::ACCOUNT_LEAF, account + position]
    })
    .collect()
}

/// Account and position of the owner of each conditional order in these leaves, and what stands beside.
fn waiting(leaves: &BTreeMap<u64, [F; LEAF]>) -> BTreeSet<u64> {
    let end = schema::CONDITIONAL_BASE + schema::CONDITIONAL_STRIDE * schema::CONDITIONAL_SLOTS_MAX;
    let slots = leaves.range(schema::CONDITIONAL_BASE..end);
    let orders = slots.filter(|(addr, order)| {
        (*addr - schema::CONDITIONAL_BASE).is_multiple_of(schema::CONDITIONAL_STRIDE)
            && order[ORDER_ID] != F::ZERO
    });
    orders
        .flat_map(|(_, order)| {
            // List = 1 + 2 * market + direction.
            let market = word(order[CONDITIONAL_LIST]).saturating_sub(1) / 2;
            let account = word(order[CONDITIONAL_ACCOUNT]);
            let account = schema::ACCOUNT_BASE + schema::ACCOUNT_STRIDE * account;
            let beside = schema::POSITION_STRIDE * market;
            [
                account + schema::ACCOUNT_LEAF,
                account + schema::POSITION_LEAF + beside,
                account + schema::STANDING_LEAF + beside,
            ]
        })
        .collect()
}

/// At most so many orders come.
fn orders(batch: &SealedBatch) -> u64 {
    let commands = batch.accepted.iter();
    let counts = commands.map(|accepted| match &accepted.envelope.command {
        Command::Quote(quote) => quote.entries.len() as u64,
        _ => 1,
    });
    counts.sum()
}

/// Where the entries of the client ids are that the batch names, as its accounts' pages are at its end:
/// before an account has one, it has no entries.
fn client_orders(old: &Tree, batch: &SealedBatch) -> Result<BTreeSet<u64>, TreeError> {
    let page_size = 1 << schema::NAMES_LOW_BITS;
    let mut addresses = BTreeSet::new();
    for (account, client_id) in named(batch) {
        let addr = schema::ACCOUNT_BASE + schema::ACCOUNT_STRIDE * u64::from(account);
        let changed = batch
            .changes
            .binary_search_by_key(&addr, |change| change.addr);
        let names = match changed {
            Ok(at) => batch.changes[at].new[NAMES],
            Err(_) => word(old.get(addr)?[NAMES]),
        };
        let page = names.checked_sub(1);
        addresses.extend(
            page.map(|page| schema::CLIENT_ORDER_BASE + page_size * page + client_id % page_size),
        );
    }
    Ok(addresses)
}

/// The client ids that commands name, with their accounts.
fn named(batch: &SealedBatch) -> Vec<(u32, u64)> {
    let mut named = Vec::new();
    for accepted in &batch.accepted {
        match &accepted.envelope.command {
            Command::User(command) => {
                let client_id = match command.kind {
                    kind if kind == Kind::Place.code() => command.words[PLACE_CLIENT_ID],
                    kind if kind == Kind::CancelNamed.code() => command.words[CANCELLED_CLIENT_ID],
                    _ => continue,
                };
                named.push((command.account, client_id));
            }
            Command::Quote(quote) => {
                let client_ids = quote.entries.iter().map(client_id_of);
                named.extend(client_ids.map(|id| (quote.command.account, id)));
            }
            _ => {}
        }
    }
    named
}

/// The client id in a quote's entry.
const fn client_id_of(entry: &QuoteWords) -> u64 {
    entry[0] % schema::RECORD_CLIENT_ID_SIDE_SHIFT
}

fn accounts(batch: &SealedBatch) -> BTreeSet<u64> {
    let senders = batch
        .accepted
        .iter()
        .filter_map(|accepted| match &accepted.envelope.command {
            Command::Request(request) => Some(request.words[REQUEST_ACCOUNT]),
            Command::User(command) => Some(u64::from(command.account)),
            Command::Quote(quote) => Some(u64::from(quote.command.account)),
            Command::Sweep | Command::Liquidate | Command::Deleverage { .. } => {
                Some(accepted.outcome.0[OUTCOME_ACCOUNT])
            }
            Command::Time
            | Command::Oracle(_)
            | Command::Tick { .. }
            | Command::Fund
            | Command::Trigger => None,
        });
    let changed = batch.changes.iter().filter_map(|change| {
        let offset = change.addr.checked_sub(schema::ACCOUNT_BASE)?;
        Some(offset / schema::ACCOUNT_STRIDE)
    });
    let lists = batch.accepted.iter();
    let lists = lists.filter(|accepted| !is_conditional(&accepted.envelope.command));
    let neighbours = lists.flat_map(|accepted| {
        let inserted = accepted.advice.inserted.iter();
        inserted.flat_map(|at| [at.prev.into(), at.next.into()])
    });
    senders.chain(changed).chain(neighbours).collect()
}
