// A conditional order fires (docs/spec/conditional.md § 4): it becomes an order, which enters the book or is
// rejected with the code of the check that it fails. Placing is total here: nobody is there to refuse it to.

from generated.codes import (
    ORDER_TYPE_IOC,
    ORDER_TYPE_MARKET,
    REFUSAL_BOOK_FULL,
    REFUSAL_TOO_MANY_ORDERS,
)
from generated.constants import (
    FORM_SIDE_SHIFT,
    LEVEL_SLOTS_MAX,
    OPEN_ORDERS_MAX,
    ORDERS_CLEARED_SHIFT,
    ORDER_SLOTS_MAX,
    RECORD_OPTIONS_SHIFT,
)
from generated.leaves import (
    AccountLeaf,
    ConditionalLeaf,
    MarketLeaf,
    PositionLeaf,
    TermsLeaf,
)
from lib.builtins import Muldiv
from lib.integers import is_nonnegative, magnitude, maximum, minimum
from margin.placing_code import placement_code
from matching.enter import enter_order
from matching.incoming import Incoming
from matching.options import FLAGS_OPTIONS_SHIFT, read_options
from registers import Slots
from state.markets import read_margin, read_market
from state.open_orders import count_anew

// What the prover says about an order that fires; all of it is checked.
struct Placing {
    // 1 if it is rejected, else it enters the book, and then the last two fields of Incoming.
    is_rejected: felt,
    opens_level: felt,
    level_slot: felt,
}

// Proven here: the order is placed: either every check of placing passes (matching/enter.cairo asserts them) and it
// is matched, or one fails, and the code is that of the first: neither can be said where the other is so.
// Guarantees: the code, 0 if there is none; lots filled, lots that rest, and the venue's fees after.
// Assumes: the conditional order with these leaves was alive a moment ago and is gone from its list; `market` is its
// market, the other leaves its account's and position's as they are now.
// Not proven here: the market's existence, the order's price and lots, which `place_conditional` has proven, and
// enter_order asserts once more where it enters.
func place_fired{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    now_ms: felt,
    oldest_ms: felt,
    market: felt,
    conditional: ConditionalLeaf*,
    terms: TermsLeaf*,
    account: AccountLeaf*,
    position: PositionLeaf*,
    placing: Placing*,
    fees: felt,
) -> (code: felt, filled: felt, resting: felt, fees: felt) {
    alloc_locals;
    let leaf = read_market(market);
    local leaf: MarketLeaf* = leaf;
    let (local lots, local unnamed) = resolve_size(terms, position, leaf);
    let (local order_type, local side) = resolve_form(terms);
    let limit = clamped_limit(side, terms.price_ticks, leaf);
    local limit = limit;
    let options = read_options(unnamed);
    // Types are 0 gtt, 1 ioc and 3 market: each quotient is 1 for its type, and 0 for the others.
    tempvar order = new Incoming(
        now_ms=now_ms,
        oldest_ms=oldest_ms,
        order_id=conditional.order_id,
        account=conditional.account,
        market=market,
        side=side,
        rests=(ORDER_TYPE_IOC - order_type) * (ORDER_TYPE_MARKET - order_type) / (
            ORDER_TYPE_IOC * ORDER_TYPE_MARKET
        ),
        is_market=order_type * (order_type - ORDER_TYPE_IOC) / (
            ORDER_TYPE_MARKET * (ORDER_TYPE_MARKET - ORDER_TYPE_IOC)
        ),
        is_post_only=0,
        slides=0,
        options=options,
        client_id=0,
        flags=FLAGS_OPTIONS_SHIFT * unnamed,
        price_ticks=limit,
        lots=lots,
        expiry_ms=terms.expiry_ms,
        opens_level=placing.opens_level,
        level_slot=placing.level_slot,
    );
    local order: Incoming* = order;
    if (placing.is_rejected == 0) {
        let (filled, resting, fees, _) = enter_order(order, 0, 0, fees);
        return (code=0, filled=filled, resting=resting, fees=fees);
    }
    let code = rejection_code(order, leaf, account, position, slots);
    // Some check fails: the code has an inverse.
    tempvar inverse = 1 / code;
    return (code=code, filled=0, resting=0, fees=fees);
}

// Proven here: the order's lots, of a tied one those of the whole position, at most lots_max; its options without
// `named`.
// Assumes: the leaves are the order's market's and its position's; a tied order lives, so that its position is
// not 0.
func resolve_size{muldiv_ptr: Muldiv*}(
    terms: TermsLeaf*, position: PositionLeaf*, market: MarketLeaf*
) -> (lots: felt, unnamed: felt) {
    alloc_locals;
    assert muldiv_ptr.a = terms.size;
    assert muldiv_ptr.b = 1;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = RECORD_OPTIONS_SHIFT;
    local unnamed = muldiv_ptr.q;
    local lots = muldiv_ptr.r;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    if (lots != 0) {
        return (lots=lots, unnamed=unnamed);
    }
    let whole = magnitude(position.size);
    let most = minimum(whole, market.lots_max);
    return (lots=most, unnamed=unnamed);
}

// Proven here: type and side of a conditional order.
func resolve_form{muldiv_ptr: Muldiv*}(terms: TermsLeaf*) -> (order_type: felt, side: felt) {
    assert muldiv_ptr.a = terms.form;
    assert muldiv_ptr.b = 1;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = FORM_SIDE_SHIFT;
    let parting = muldiv_ptr;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    return (order_type=parting.r, side=parting.q);
}

// Proven here: the price, no worse for the venue than its band: of a bid at most price_high, of an ask at least
// price_low.
func clamped_limit{muldiv_ptr: Muldiv*}(side: felt, price: felt, market: MarketLeaf*) -> felt {
    if (side == 0) {
        return minimum(price, market.price_high);
    }
    return maximum(price, market.price_low);
}

// Proven here: the code of the first check of placing that the order fails, 0 if it passes all: room for an order
// that may rest (3001, 3002), then the placement rule (margin/placing_code.cairo). The prover has no say.
// Assumes: as `place_fired`; `slots` are those of now.
func rejection_code{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    order: Incoming*,
    market: MarketLeaf*,
    account: AccountLeaf*,
    position: PositionLeaf*,
    slots: Slots*,
) -> felt {
    alloc_locals;
    let code = room_code(order, account, position, slots);
    if (code != 0) {
        return code;
    }
    let first = read_margin(order.market, 0);
    return placement_code(order, market, first, account, position);
}

// Proven here: 3001 if the order may rest and its position has no room for it, else 3002 if there is no slot for it,
// or none for a level, else 0: as assert_room (matching/resting.cairo) asserts it.
// Assumes: the slots' numbers are below 2^60.
func room_code{muldiv_ptr: Muldiv*}(
    order: Incoming*, account: AccountLeaf*, position: PositionLeaf*, slots: Slots*
) -> felt {
    alloc_locals;
    if (order.rests == 0) {
        return 0;
    }
    let orders = count_anew(position.orders, account.cleared);
    assert muldiv_ptr.a = orders;
    assert muldiv_ptr.b = 1;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = ORDERS_CLEARED_SHIFT;
    let open_orders = muldiv_ptr.r;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    let is_full = is_nonnegative(open_orders - OPEN_ORDERS_MAX);
    if (is_full != 0) {
        return REFUSAL_TOO_MANY_ORDERS;
    }
    let has_order = is_available(slots.order_free, slots.order_high, ORDER_SLOTS_MAX);
    local has_order = has_order;
    let has_level = is_available(slots.level_free, slots.level_high, LEVEL_SLOTS_MAX);
    return (1 - has_order * has_level) * REFUSAL_BOOK_FULL;
}

// Proven here: 1 if a slot is available (docs/spec/state.md § 7), else 0.
func is_available{muldiv_ptr: Muldiv*}(free: felt, high: felt, slots_max: felt) -> felt {
    if (free != 0) {
        return 1;
    }
    return is_nonnegative(slots_max - 1 - high);
}
