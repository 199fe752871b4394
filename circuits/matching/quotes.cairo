// The entries of a mass quote: each takes its client id's old order out of the book, and may bring a new one
// (docs/spec/orders.md § 5).

from generated.constants import (
    CLIENT_ID_MAX,
    FLAGS_CLIENT_ID_SHIFT,
    FLAG_POST_ONLY,
    FLAG_SLIDE,
    OPTION_NAMED,
    RECORD_CLIENT_ID_SIDE_SHIFT,
    RECORD_OPTIONS_SHIFT,
)
from lib.builtins import Muldiv
from lib.integers import assert_in_range
from matching.enter import enter_order
from matching.incoming import Incoming
from matching.options import FLAGS_OPTIONS_SHIFT, split_options
from matching.removal import drop_order
from registers import Slots
from state.accounts import read_account
from state.client_orders import find_entry

// An entry as the user signed it; the last two fields are advice, as an order's are.
struct QuoteEntry {
    client_id: felt,
    // 0 buys, 1 sells.
    side: felt,
    price_ticks: felt,
    lots: felt,
    options: felt,
    opens_level: felt,
    level_slot: felt,
}

// What all entries of a quote share. Ranges are proven by the transaction.
struct Quoting {
    now_ms: felt,
    // A market is overdue whose last tick was before this.
    oldest_ms: felt,
    account: felt,
    market: felt,
    // 1: type slide, 0: post_only.
    slides: felt,
    expiry_ms: felt,
}

// What entries have done so far.
struct Quoted {
    // The next order's.
    order_id: felt,
    // Makers met, of at most MATCH_STEPS_MAX.
    met: felt,
    resting: felt,
    fees: felt,
}

// Guarantees: the words of the entries stand in the record.
func write_entries(words: felt*, entries: QuoteEntry*, remaining: felt) {
    if (remaining == 0) {
        return ();
    }
    assert words[0] = entries.client_id + RECORD_CLIENT_ID_SIDE_SHIFT * entries.side;
    assert words[1] = entries.price_ticks;
    assert words[2] = entries.lots + RECORD_OPTIONS_SHIFT * entries.options;
    return write_entries(words + 3, entries + QuoteEntry.SIZE, remaining - 1);
}

// Proven here: of each entry in its order: the client id is 1 .. 2^48 - 1 and the side a bit (1001), the old
// order goes (make_way), and, if it has lots, a new one comes (enter_entry); without lots it has no other
// field (1001).
// Guarantees: what the entries have done, with what those before them had.
// Assumes: 0 <= remaining < 2^31; `names` are the account's, or 0 where it may have taken its page since; no
// deadline of the account has passed.
func enter_entries{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    quoting: Quoting*, entries: QuoteEntry*, remaining: felt, names: felt, quoted: Quoted*
) -> Quoted* {
    alloc_locals;
    if (remaining == 0) {
        return quoted;
    }
    tempvar client_id = entries.client_id;
    tempvar side = entries.side;
    assert_in_range(client_id - 1, CLIENT_ID_MAX - 1);
    assert side = side * side;
    let names = names_of(quoting.account, names);
    local names = names;
    make_way(quoting, names, entries.client_id);
    if (entries.lots != 0) {
        let quoted = enter_entry(quoting, entries, quoted);
        return enter_entries(quoting, entries + QuoteEntry.SIZE, remaining - 1, names, quoted);
    }
    assert entries.side = 0;
    assert entries.price_ticks = 0;
    assert entries.options = OPTION_NAMED;
    return enter_entries(quoting, entries + QuoteEntry.SIZE, remaining - 1, names, quoted);
}

// Guarantees: the account's names now: an entry before this one may have taken its page, which it keeps.
func names_of{state_ptr: felt*}(account: felt, names: felt) -> felt {
    if (names != 0) {
        return names;
    }
    let leaf = read_account(account);
    return leaf.names;
}

// Proven here: if the client id's entry is present and of this id, its order is of this market (3011), and
// goes.
// Assumes: `names` are those of the account's leaf now; 0 < client_id < 2^48.
func make_way{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    quoting: Quoting*, names: felt, client_id: felt
) {
    alloc_locals;
    let (is_present, entry, order) = find_entry(names, client_id);
    if (is_present == 0) {
        return ();
    }
    if (entry.client_id != client_id) {
        return ();
    }
    assert entry.market = quoting.market;
    // Follows from the invariants; a second lock on the door.
    assert order.account = quoting.account;
    drop_order(entry.slot, order, entry.market);
    return ();
}

// Proven here: `place` of the entry's order (docs/spec/commands.md § 5): its options are below 2^5 and say
// that it is named (1001), and everything of matching/enter.cairo.
// Assumes: the ranges of `quoting`, the client id's and the side's; the client id's old order has gone.
func enter_entry{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    quoting: Quoting*, quote: QuoteEntry*, quoted: Quoted*
) -> Quoted* {
    alloc_locals;
    let (options, named, unnamed) = split_options(quote.options);
    assert named = 1;
    tempvar slides = quoting.slides;
    tempvar order = new Incoming(
        now_ms=quoting.now_ms,
        oldest_ms=quoting.oldest_ms,
        order_id=quoted.order_id,
        account=quoting.account,
        market=quoting.market,
        side=quote.side,
        rests=1,
        is_market=0,
        is_post_only=1 - slides,
        slides=slides,
        options=options,
        client_id=quote.client_id,
        flags=FLAG_POST_ONLY + FLAG_SLIDE * slides + FLAGS_OPTIONS_SHIFT * unnamed +
            FLAGS_CLIENT_ID_SHIFT * quote.client_id,
        price_ticks=quote.price_ticks,
        lots=quote.lots,
        expiry_ms=quoting.expiry_ms,
        opens_level=quote.opens_level,
        level_slot=quote.level_slot,
    );
    let (_, resting, fees, met) = enter_order(order, 0, quoted.met, quoted.fees);
    tempvar after = new Quoted(
        order_id=quoted.order_id + 1, met=met, resting=quoted.resting + resting, fees=fees
    );
    return after;
}
