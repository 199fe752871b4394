//! Leaves as a test wrote them, with trigger lists and due accounts as they then have to be.

use std::collections::BTreeMap;

use zkperp_engine::address::{self, MarketPart, Place};
use zkperp_engine::formulas::{
    DueRank, Fractions, Sums, Valuation, position_sums, tier_of, trigger_value,
};
use zkperp_engine::leaf::{EMPTY, LeafWords, from_signed, to_signed};

type Leaves = BTreeMap<u64, LeafWords>;

/// What the leaf holds, zeros where there is none.
fn leaf(leaves: &Leaves, addr: u64) -> LeafWords {
    leaves.get(&addr).copied().unwrap_or(EMPTY)
}

/// Clears what the leaves say of lists, then lists each position of a healthy account at its value,
/// and makes due each account below its maintenance margin.
pub(crate) fn relist(leaves: &mut Leaves) {
    for (&addr, words) in leaves.iter_mut() {
        match Place::of(addr) {
            Some(Place::Position(..)) => words[4..].fill(0),
            Some(Place::Due(_) | Place::Risk | Place::Market(_, MarketPart::Triggers(_))) => {
                *words = EMPTY;
            }
            _ => {}
        }
    }
    let accounts: Vec<u32> = leaves
        .keys()
        .filter_map(|&addr| match Place::of(addr) {
            Some(Place::Account(account)) => Some(account),
            _ => None,
        })
        .collect();
    let mut due = Vec::new();
    let mut ends = BTreeMap::new();
    for account in accounts {
        let words = leaf(leaves, address::account(account));
        let positions: Vec<u8> = (0..32).filter(|m| words[2] >> m & 1 == 1).collect();
        let mut sums = Sums::cash(to_signed(words[1]).unwrap());
        for &market in &positions {
            sums += valued(leaves, account, market).0;
        }
        let may_owe = account == crate::desk::FUND && positions.is_empty();
        if sums.maintenance < 0 && !may_owe {
            due.push(DueRank {
                tav: sums.tav,
                mmr: sums.mmr().unsigned_abs(),
                account,
            });
            continue;
        }
        for market in positions {
            let (_, list, value) = valued(leaves, account, market);
            append(leaves, &mut ends, account, (market, list), value);
        }
    }
    due.sort_unstable();
    write_due(leaves, &due);
    leaves.retain(|_, words| *words != EMPTY);
}

/// A position's sums, list and trigger value.
fn valued(leaves: &Leaves, account: u32, market: u8) -> (Sums, u64, i64) {
    let position = leaf(leaves, address::position(account, market));
    let size = to_signed(position[0]).unwrap();
    let tier = |t| leaf(leaves, address::market_part(market, MarketPart::Margin(t)));
    let number = tier_of((0..4).map(|t| tier(t)[0]), size.unsigned_abs()).unwrap();
    let [_, mark_value, funding, imf_ppm, mmf_ppm, cmf_ppm, ..] = tier(number as u8);
    let valuation = Valuation {
        mark_value,
        funding: to_signed(funding).unwrap(),
        entry: to_signed(position[2]).unwrap(),
    };
    let fractions = Fractions {
        imf_ppm,
        mmf_ppm,
        cmf_ppm,
    };
    let value = trigger_value(size.signum(), mark_value, valuation.funding, mmf_ppm);
    let list = 1 + 2 * number as u64 + u64::from(size < 0);
    (position_sums(size, &valuation, &fractions), list, value)
}

/// Puts a position at the end of its list, in which all triggers are equal.
fn append(
    leaves: &mut Leaves,
    ends: &mut BTreeMap<(u8, u64), u32>,
    account: u32,
    (market, list): (u8, u64),
    value: i64,
) {
    let trigger = from_signed(value);
    let prev = ends.insert((market, list), account).unwrap_or(0);
    if prev == 0 {
        let part = MarketPart::Triggers(((list - 1) / 2) as u8);
        let head = leaves
            .entry(address::market_part(market, part))
            .or_default();
        let at = 2 * ((list - 1) % 2) as usize;
        (head[at], head[at + 1]) = (account.into(), trigger);
    } else {
        let before = leaves.entry(address::position(prev, market)).or_default();
        before[6] = account.into();
    }
    let own = leaves
        .entry(address::position(account, market))
        .or_default();
    own[4..].copy_from_slice(&[trigger, prev.into(), 0, list]);
}

fn write_due(leaves: &mut Leaves, due: &[DueRank]) {
    let number = |at: usize| due.get(at).map_or(0, |rank| u64::from(rank.account));
    for (at, rank) in due.iter().enumerate() {
        let prev = at.checked_sub(1).map_or(0, number);
        let words = [
            prev,
            number(at + 1),
            from_signed(rank.tav),
            rank.mmr,
            1,
            0,
            0,
            0,
        ];
        leaves.insert(address::due(rank.account), words);
    }
    if !due.is_empty() {
        leaves.insert(address::RISK, [0, number(0), 0, 0, 0, 0, 0, 0]);
    }
}
