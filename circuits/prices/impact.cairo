// Impact prices: what `impact_quote` would cost or earn at once, by the proven book (docs/spec/prices.md
// § 3).

from generated.constants import IMPACT_ORDERS_MAX, KEY_TAIL, ORDER_BASE, SIGNED_BOUND
from lib.builtins import ACCESS_CELLS, Muldiv
from lib.fractions import multiply_floor
from matching.incoming import mirror_key
from state.accesses import OrderAccess
from state.levels import read_level

// What stays the same while a side is walked.
struct Walk {
    // 0 for the bids, 1 for the asks.
    side: felt,
    impact_quote: felt,
    now_ms: felt,
}

// What was met so far: orders, dead ones among them, and lots and ticks * lots of the living.
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
    tempvar walk = new Walk(side=side, impact_quote=impact_quote, now_ms=now_ms);
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
    let order = &access.before;

    // Two answers of is_nonnegative (lib/integers.cairo): whether the order is dead, and whether it
    // reaches the quote. It does just when all its lots do: then as many as are needed, rounded up, are
    // not more than it has.
    tempvar one = 1;
    tempvar zero = 0;
    tempvar bound = SIGNED_BOUND;
    let death = muldiv_ptr;
    assert death.a = walk.now_ms - order.expiry_ms + bound;
    assert death.b = one;
    assert death.e = zero;
    assert death.c = bound;
    local missing = walk.impact_quote - met.quote;
    tempvar all = order.lots * price;
    let reach = muldiv_ptr + Muldiv.SIZE;
    assert reach.a = all - missing + bound;
    assert reach.b = one;
    assert reach.e = zero;
    assert reach.c = bound;
    let muldiv_ptr = muldiv_ptr + 2 * Muldiv.SIZE;
    tempvar next_order = order.next;
    tempvar orders = met.orders + 1;
    tempvar quote = met.quote + all;
    tempvar lots = met.lots + order.lots;
    tempvar reaches = reach.q;
    if (death.q != 0) {
        return meet_orders(
            walk,
            next_level,
            price,
            next_order,
            Met(orders=orders, quote=met.quote, lots=met.lots),
        );
    }
    if (reaches == 0) {
        return meet_orders(
            walk, next_level, price, next_order, Met(orders=orders, quote=quote, lots=lots)
        );
    }
    let take = multiply_floor(missing + price - 1, 1, price);
    local lots = met.lots + take;
    let quote = met.quote + take * price;
    // quote / lots: for bids rounded down, for asks up.
    let price = multiply_floor(quote + walk.side * (lots - 1), 1, lots);
    return price;
}
