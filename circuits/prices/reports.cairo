// What an oracle key says: entries of market and price, hashed and stored (docs/spec/prices.md § 1).

from generated.constants import (
    DOMAIN_ORACLE,
    MARKETS_MAX,
    MARKET_BASE,
    MARKET_STRIDE,
    MESSAGE_SCALE_SHIFT,
    ORACLE_MESSAGE_FELTS,
    RECORD_MARKET_SHIFT,
    REPORT_KEYS,
    REPORT_LEAF,
)
from generated.leaves import MarketLeaf, ReportLeaf
from lib.builtins import ACCESS_CELLS, Muldiv, Poseidon2
from lib.fractions import multiply_floor
from lib.sponge import Digest, Sponge, absorb
from messages import start_link, start_message
from registers import Environment
from state.accesses import ReportAccess
from state.markets import read_market

// An entry, advice.
struct Entry {
    market: felt,
    price_ticks: felt,
}

// Which of a leaf's four reports are the key's: one of these is 1.
struct Place {
    is0: felt,
    is1: felt,
    is2: felt,
    is3: felt,
}

// What stays the same for all entries of a report.
struct Reporting {
    // The leaf among a market's that holds the key's report, and where in it.
    group: felt,
    place: Place,
    timestamp_ms: felt,
}

// Proven here: where the reports of key 4 * group + at are.
// Assumes: at < 4.
func place_of(group: felt, at: felt, timestamp_ms: felt) -> Reporting* {
    if (at == 0) {
        return (new Reporting(group, Place(1, 0, 0, 0), timestamp_ms));
    }
    if (at == 1) {
        return (new Reporting(group, Place(0, 1, 0, 0), timestamp_ms));
    }
    if (at == 2) {
        return (new Reporting(group, Place(0, 0, 1, 0), timestamp_ms));
    }
    return (new Reporting(group, Place(0, 0, 0, 1), timestamp_ms));
}

// Proven here: the hash of the key's message about `count` entries, each of which passes its checks and
// is stored; the command's link begins with it.
// Guarantees: `words` behind the entries' words, `entries` behind the last.
// Assumes: 1 <= count <= 32.
func store_and_hash{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    muldiv_ptr: Muldiv*,
    state_ptr: felt*,
    words: felt*,
    entries: Entry*,
}(env: Environment*, reporting: Reporting*, head: felt, count: felt) -> Digest* {
    alloc_locals;
    // Felts are padded to a multiple of four.
    let blocks = multiply_floor(count + 3, 1, 4);
    let start = start_message(DOMAIN_ORACLE, ORACLE_MESSAGE_FELTS + 4 * blocks, env.public_words);
    let sponge = absorb(start, head, reporting.timestamp_ms, count, 0);
    let remaining = count;
    let market = -1;
    let sponge = absorb_entries{remaining=remaining, market=market}(reporting, sponge);
    local message: Digest* = cast(sponge, Digest*);
    start_link(message);
    return message;
}

// Proven here: the blocks of four entries until none remains.
func absorb_entries{
    range_check_ptr,
    poseidon2_ptr: Poseidon2*,
    state_ptr: felt*,
    words: felt*,
    entries: Entry*,
    remaining: felt,
    market: felt,
}(reporting: Reporting*, sponge: Sponge*) -> Sponge* {
    alloc_locals;
    if (remaining == 0) {
        return sponge;
    }
    let felt0 = store_entry(reporting);
    local felt0 = felt0;
    if (remaining == 0) {
        let sponge = absorb(sponge, felt0, 0, 0, 0);
        return sponge;
    }
    let felt1 = store_entry(reporting);
    local felt1 = felt1;
    let felt2 = store_entry(reporting);
    local felt2 = felt2;
    let felt3 = store_entry(reporting);
    let sponge = absorb(sponge, felt0, felt1, felt2, felt3);
    return absorb_entries(reporting, sponge);
}

// Proven here: while entries remain, the next one: its market is above the one before and exists
// (1001, 1101), its price is 1 .. price_max (1102), the key's last report on it was before (4204), and is
// this one from now on.
// Guarantees: its felt of the message, or 0 when none remains.
// Assumes: `market` is that of the entry before, -1 at first.
func store_entry{
    range_check_ptr, state_ptr: felt*, words: felt*, entries: Entry*, remaining: felt, market: felt
}(reporting: Reporting*) -> felt {
    alloc_locals;
    if (remaining == 0) {
        return 0;
    }
    local price = entries.price_ticks;
    local number = entries.market;
    assert [range_check_ptr] = number - market - 1;
    assert [range_check_ptr + 1] = MARKETS_MAX - 1 - number;
    let leaf = read_market(number);
    local leaf: MarketLeaf* = leaf;
    assert [range_check_ptr + 2] = leaf.multiplier - 1;
    assert [range_check_ptr + 3] = price - 1;
    assert [range_check_ptr + 4] = leaf.price_max - price;

    let access = cast(state_ptr, ReportAccess*);
    let before = &access.before;
    let place = &reporting.place;
    tempvar time = reporting.timestamp_ms;
    assert access.key = MARKET_BASE + REPORT_LEAF + MARKET_STRIDE * number + reporting.group;
    assert [range_check_ptr + 5] = time - 1 - place.is0 * before.time0 - place.is1 * before.time1 -
        place.is2 * before.time2 - place.is3 * before.time3;
    assert access.after = ReportLeaf(
        price0=before.price0 + place.is0 * (price - before.price0),
        time0=before.time0 + place.is0 * (time - before.time0),
        price1=before.price1 + place.is1 * (price - before.price1),
        time1=before.time1 + place.is1 * (time - before.time1),
        price2=before.price2 + place.is2 * (price - before.price2),
        time2=before.time2 + place.is2 * (time - before.time2),
        price3=before.price3 + place.is3 * (price - before.price3),
        time3=before.time3 + place.is3 * (time - before.time3),
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    let range_check_ptr = range_check_ptr + 6;

    tempvar word = price + RECORD_MARKET_SHIFT * number;
    assert words[0] = word;
    let words = words + 1;
    let entries = entries + Entry.SIZE;
    let remaining = remaining - 1;
    let market = number;
    return word + MESSAGE_SCALE_SHIFT * leaf.multiplier;
}
