// An order from its checks to its rest: what `place` and `amend` share (docs/spec/commands.md § 5).

from generated.constants import (
    ACCOUNT_BASE,
    ACCOUNT_LEAF,
    ACCOUNT_STRIDE,
    KEY_TAIL,
    LEVEL_BASE,
    MARGIN_LEAF,
    MARKET_BASE,
    MARKET_STRIDE,
    POSITION_LEAF,
    POSITION_STRIDE,
    SIGNED_BOUND,
)
from generated.leaves import AccountLeaf, LevelLeaf, MarginLeaf, MarketLeaf, PositionLeaf
from lib.builtins import ACCESS_CELLS, Muldiv
from margin.placement import assert_placement
from matching.incoming import Incoming
from matching.resting import assert_room, rest_order
from matching.taking import take_and_rest
from registers import Slots
from state.accesses import AccountAccess, LevelAccess, MarginAccess, MarketAccess, PositionAccess

// Proven here: the market exists (1101), price and lots are in its range (1102, 1103), it has a price and
// the order's is within its band (4101, 1106), an order that rests finds a count, an order slot and a
// level slot (3001, 3002), the placement rule holds (1108, 2001, 4102, 2002); then matching as matching.md
// § 1 has it, and both of the taker's leaves.
// Guarantees: lots filled, lots that rest, and the venue's fees after.
// Assumes: market < 32, side and the kinds of order are bits, the account is open; its position still
// counts `orders_gone` orders that are no longer there.
// Not proven here: expiry (l2_place, l2_amend), and the order id.
//
// Whether the limit crosses the best level decides all of the loop's first turn: the tail's key is above
// every limit, and a market order has no credit yet. An order that doesn't cross meets nobody, so that
// one access to its position does.
func enter_order{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    order: Incoming*, orders_gone: felt, fees: felt
) -> (filled: felt, resting: felt, fees: felt) {
    alloc_locals;
    tempvar market_number = order.market;
    local account_number = order.account;
    tempvar side = order.side;
    tempvar price = order.price_ticks;
    tempvar lots = order.lots;

    // Market, its first tier, and account, unchanged. A market that exists has a multiplier of 1 or more;
    // both bands are 0 before its first tick, and not above price_max.
    let market_access = cast(state_ptr, MarketAccess*);
    tempvar market_key = market_number * MARKET_STRIDE + MARKET_BASE;
    assert market_access.key = market_key;
    assert market_access.after = market_access.before;
    local market: MarketLeaf* = &market_access.before;
    tempvar price_low = market.price_low;
    assert [range_check_ptr] = market.multiplier - 1;
    assert [range_check_ptr + 1] = price_low - 1;
    assert [range_check_ptr + 2] = price - 1;
    assert [range_check_ptr + 3] = market.price_max - price;
    tempvar below_high = market.price_high - price;
    assert [range_check_ptr + 4] = below_high + side * (price - price_low - below_high);
    assert [range_check_ptr + 5] = lots - 1;
    assert [range_check_ptr + 6] = market.lots_max - lots;
    let range_check_ptr = range_check_ptr + 7;
    let first_access = cast(state_ptr + ACCESS_CELLS, MarginAccess*);
    assert first_access.key = market_key + MARGIN_LEAF;
    assert first_access.after = first_access.before;
    local first: MarginLeaf* = &first_access.before;
    let account_access = cast(state_ptr + 2 * ACCESS_CELLS, AccountAccess*);
    tempvar account_key = account_number * ACCOUNT_STRIDE + (ACCOUNT_BASE + ACCOUNT_LEAF);
    assert account_access.key = account_key;
    assert account_access.after = account_access.before;
    local account: AccountLeaf* = &account_access.before;

    // The head of the other side, 4 * market + 2 * (1 - side), and the best level, which it names.
    let head_access = cast(state_ptr + 3 * ACCESS_CELLS, LevelAccess*);
    assert head_access.key = 4 * market_number - 2 * side + (LEVEL_BASE + 2);
    assert head_access.after = head_access.before;
    local best = head_access.before.next;
    let best_access = cast(state_ptr + 4 * ACCESS_CELLS, LevelAccess*);
    assert best_access.key = LEVEL_BASE + best;
    assert best_access.after = best_access.before;
    local level: LevelLeaf* = &best_access.before;

    // is_nonnegative(limit_key - level.key), of lib/integers.cairo; the key of a limit is mirror_key's
    // (matching/incoming.cairo), 1 .. 2^32 - 1.
    local limit_key = price + side * (KEY_TAIL - 2 * price);
    assert muldiv_ptr.a = limit_key - level.key + SIGNED_BOUND;
    assert muldiv_ptr.b = 1;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = SIGNED_BOUND;
    local crosses = muldiv_ptr.q;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;

    // The position. An order that meets nobody rests whole or not at all, so it is counted here; one
    // that meets somebody is counted in take_and_rest, and nothing may read the leaf as if it had been.
    let position_access = cast(state_ptr + 5 * ACCESS_CELLS, PositionAccess*);
    assert position_access.key = POSITION_STRIDE * market_number + account_key + (
        POSITION_LEAF - ACCOUNT_LEAF
    );
    local position: PositionLeaf* = &position_access.before;
    local open_orders = position.open_orders - orders_gone;
    assert position_access.after.size = position.size;
    assert position_access.after.open_orders = open_orders + (1 - crosses) * order.rests;
    assert position_access.after.funding = position.funding;
    assert position_access.after.imf_ppm = position.imf_ppm;
    assert position_access.after.trigger = position.trigger;
    assert position_access.after.prev = position.prev;
    assert position_access.after.next = position.next;
    assert position_access.after.list = position.list;
    let state_ptr = state_ptr + 6 * ACCESS_CELLS;
    assert_room(order, open_orders);
    let (other_bits, owed, others, slack, use) = assert_placement(
        order, market, first, account, position, crosses
    );

    if (crosses == 0) {
        if (order.rests == 0) {
            return (filled=0, resting=0, fees=fees);
        }
        rest_order(order, order.lots);
        return (filled=0, resting=order.lots, fees=fees);
    }
    return take_and_rest(
        order,
        market,
        first,
        account,
        position,
        other_bits,
        owed,
        others,
        slack,
        use,
        limit_key,
        best,
        level,
        fees,
    );
}
