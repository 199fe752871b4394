//! Which leaves a batch may touch: more than it does, and a small part of the state.

use std::collections::{BTreeMap, BTreeSet};

use zkperp_engine::{Command, SealedBatch};
use zkperp_field::{F, PrimeCharacteristicRing};
use zkperp_schema as schema;
use zkperp_tree::{Tree, TreeError};
use zkperp_vm::builtins::state::LEAF;

use crate::advice::word;

/// Word of a request that names the account.
const REQUEST_ACCOUNT: usize = 1;
/// Felts of the clock: the lowest slots never used.
const ORDER_HIGH: usize = 5;
const LEVEL_HIGH: usize = 7;
/// Felt of `deleveraging`: whose lots are closed, and where.
const TARGET: usize = 0;
/// Where the account stands in the outcome of what looks at one.
const OUTCOME_ACCOUNT: usize = 1;
/// Felt of `config`: the number of markets.
const MARKETS: usize = 5;
/// Leaves of the system that every batch touches.
const SYSTEM: [u64; 7] = [
    schema::CLOCK_INDEX,
    schema::MONEY_INDEX,
    schema::LOG_INDEX,
    schema::CONFIG_INDEX,
    schema::SCHEDULE_INDEX,
    schema::RISK_INDEX,
    schema::DELEVERAGING_INDEX,
];

/// Old values of all leaves that the batch can touch:
/// - everything below the accounts: system, markets, books;
/// - leaves of markets that are empty: reports not yet made, tiers that a market lacks;
/// - slots whose leaf is empty: the ends of the free lists, and those that its orders may be the first
///   to use;
/// - all leaves of the accounts that send a command or that something happens to. A maker that is met
///   loses lots or its order, so its position's leaf changes, unless it then sends a command itself. One
///   whose neighbour in a list goes and comes back may be as before: the insertion names it;
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
    let clock = old.get(schema::SYSTEM_BASE + schema::CLOCK_INDEX)?;
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
    ] {
        let last = slots.min(word(high) + batch.accepted.len() as u64);
        for slot in 0..last {
            leaves.entry(base + slot).or_insert([F::ZERO; LEAF]);
        }
    }
    let mut addresses = BTreeSet::from(SYSTEM.map(|index| schema::SYSTEM_BASE + index));
    let changed = batch.changes.iter().map(|change| change.addr);
    addresses.extend(changed);
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

fn accounts(batch: &SealedBatch) -> BTreeSet<u64> {
    let senders = batch
        .accepted
        .iter()
        .filter_map(|accepted| match &accepted.envelope.command {
            Command::Request(request) => Some(request.words[REQUEST_ACCOUNT]),
            Command::User(command) => Some(u64::from(command.account)),
            Command::Sweep | Command::Liquidate | Command::Deleverage { .. } => {
                Some(accepted.outcome.0[OUTCOME_ACCOUNT])
            }
            Command::Time | Command::Oracle(_) | Command::Tick { .. } | Command::Fund => None,
        });
    let changed = batch.changes.iter().filter_map(|change| {
        let offset = change.addr.checked_sub(schema::ACCOUNT_BASE)?;
        Some(offset / schema::ACCOUNT_STRIDE)
    });
    let neighbours = batch.accepted.iter().flat_map(|accepted| {
        let inserted = accepted.advice.inserted.iter();
        inserted.flat_map(|at| [at.prev.into(), at.next.into()])
    });
    senders.chain(changed).chain(neighbours).collect()
}
