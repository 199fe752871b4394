// Impact prices: what `impact_quote` would cost or earn at once, by the proven book (docs/spec/prices.md
// § 3).

from generated.constants import (
    ACCOUNT_BASE,
    ACCOUNT_LEAF,
    ACCOUNT_STRIDE,
    IMPACT_ORDERS_MAX,
    KEY_TAIL,
    ORDER_BASE,
    POSITION_LEAF,
    POSITION_STRIDE,
    SIGNED_BOUND,
)
from generated.leaves import OrderLeaf
from lib.builtins import ACCESS_CELLS, Muldiv
from lib.fractions import multiply_floor
from matching.dead import is_dead
from matching.incoming import mirror_key
from matching.options import is_reduce_only
from state.accesses import AccountAccess, OrderAccess, PositionAccess
from state.levels import read_level

// What stays the same while a side is walked.
struct Walk {
    market: felt,
    // 0 for the bids, 1 for the asks.
    side: felt,
    impact_quote: felt,
    now_ms: felt,
}

// What was met so far: orders, all of them, and lots and ticks * lots of those that enter the price.
struct Met {
    orders: felt,
    quote: felt,
    lots: felt,
}

// Proven here: the impact price of a side, 0 if there is none: its levels from the best, each one's orders
// from the oldest, up to the quote, or to the bound on orders, or to the book's end; the prover has no say.
// Assumes: market < 32, side is a bit, impact_quote >= 1.
func impact_price{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    market: felt, side: felt, impact_quote: felt, now_ms: felt
) -> felt {
    alloc_locals;
    tempvar walk = new Walk(market=market, side=side, impact_quote=impact_quote, now_ms=now_ms);
    local walk: Walk* = walk;
    let head = read_level(4 * market + 2 * side);
    return meet_levels(walk, head.next, Met(orders=0, quote=0, lots=0));
}

// Proven here: as `impact_price`, from the level in `slot` on.
func meet_levels{muldiv_ptr: Muldiv*, state_ptr: felt*}(walk: Walk*, slot: felt, met: Met) -> felt {
    let level = read_level(slot);
    if (level.key == KEY_TAIL) {
        return 0;
    }
    let price = mirror_key(level.key, 1 - walk.side);
    return meet_orders(walk, level.next, price, level.first, met);
}

// Proven here: as `impact_price`, from the order in `slot` on, 0 for the end of its level; all have this
// price, and the level after theirs is `next_level`.
// Assumes: met.quote < impact_quote <= 2^52; lots * price <= 2^52, by the market's product rule.
func meet_orders{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    walk: Walk*, next_level: felt, price: felt, slot: felt, met: Met
) -> felt {
    alloc_locals;
    if (slot == 0) {
        return meet_levels(walk, next_level, met);
    }
    if (met.orders == IMPACT_ORDERS_MAX) {
        return 0;
    }
    let access = cast(state_ptr, OrderAccess*);
    assert access.key = ORDER_BASE + slot;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    local order: OrderLeaf* = &access.before;
    local orders = met.orders + 1;
    let is_met = enters_price(walk, order);
    if (is_met == 0) {
        return meet_orders(
            walk, next_level, price, order.next, Met(orders=orders, quote=met.quote, lots=met.lots)
        );
    }

    // Whether the order reaches the quote: is_nonnegative (lib/integers.cairo). It does just when all its lots
    // do: then as many as are needed, rounded up, are not more than it has.
    local missing = walk.impact_quote - met.quote;
    tempvar all = order.lots * price;
    assert muldiv_ptr.a = all - missing + SIGNED_BOUND;
    assert muldiv_ptr.b = 1;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = SIGNED_BOUND;
    tempvar reaches = muldiv_ptr.q;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    tempvar quote = met.quote + all;
    tempvar lots = met.lots + order.lots;
    if (reaches == 0) {
        return meet_orders(
            walk, next_level, price, order.next, Met(orders=orders, quote=quote, lots=lots)
        );
    }
    let take = multiply_floor(missing + price - 1, 1, price);
    local lots = met.lots + take;
    let quote = met.quote + take * price;
    // quote / lots: for bids rounded down, for asks up.
    let price = multiply_floor(quote + walk.side * (lots - 1), 1, lots);
    return price;
}

// Proven here: 1 if the order is neither cleared nor expired nor reduce-only, else 0.
func enters_price{muldiv_ptr: Muldiv*, state_ptr: felt*}(walk: Walk*, order: OrderLeaf*) -> felt {
    alloc_locals;
    local account_key = ACCOUNT_BASE + ACCOUNT_LEAF + ACCOUNT_STRIDE * order.account;
    if (order.flags != 0) {
        let reduces = is_reduce_only(order.flags);
        if (reduces != 0) {
            return 0;
        }
        tempvar muldiv_ptr = muldiv_ptr;
    } else {
        tempvar muldiv_ptr = muldiv_ptr;
    }
    // Its account and its position, unchanged.
    let account = cast(state_ptr, AccountAccess*);
    assert account.key = account_key;
    assert account.after = account.before;
    let position = cast(state_ptr + ACCESS_CELLS, PositionAccess*);
    assert position.key = account_key + (POSITION_LEAF - ACCOUNT_LEAF) + POSITION_STRIDE *
        walk.market;
    assert position.after = position.before;
    let state_ptr = state_ptr + 2 * ACCESS_CELLS;
    let dead = is_dead(
        order.order_id, order.expiry_ms, &account.before, position.before.orders, walk.now_ms
    );
    return 1 - dead;
}
