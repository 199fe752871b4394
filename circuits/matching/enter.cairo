// An order from its checks to its rest: what `place`, `amend`, `quote` and firing share (docs/spec/
// commands.md § 5).

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
from state.client_orders import assert_client_id_free
from state.deadline import fire
from state.open_orders import count_anew

// Proven here: the account's deadline is looked at (orders.md § 3); the market exists (1101), price and lots
// are in its range (1102, 1103), it has a price and the order's is within its band (4101, 1106), an order
// that rests finds a count, an order slot and a level slot (3001, 3002), the client id of a new one is free
// (3011, 3012), the placement rule holds (2009, 1108, 2001, 4102, 2002); then matching as matching.md § 1
// has it, and both of the taker's leaves.
// Guarantees: lots filled, lots that rest, the venue's fees after, and makers met, `met` of them before.
// Assumes: market < 32, side and the kinds of order are bits, the account is open; order_id is the next one;
// or an amended order's, and then `amended` is 1, its position still counts it, and the deadline has been
// looked at; or that of an order that fires, which is alive, so that no deadline has passed.
// Not proven here: expiry (l2_place, l2_amend, sequencer_trigger), the order id, and that all is filled (3010, l2_place).
//
// Whether the limit crosses the best level decides all of the loop's first turn: the tail's key is above
// every limit, and a market order has no credit yet. An order that doesn't cross meets nobody, so that
// one access to its position does.
func enter_order{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    order: Incoming*, amended: felt, met: felt, fees: felt
) -> (filled: felt, resting: felt, fees: felt, met: felt) {
    alloc_locals;
    local account_number = order.account;

    // The account. Only a deadline changes its leaf.
    let account_access = cast(state_ptr, AccountAccess*);
    local account_key = account_number * ACCOUNT_STRIDE + (ACCOUNT_BASE + ACCOUNT_LEAF);
    assert account_access.key = account_key;
    assert account_access.after = account_access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    local account: AccountLeaf*;
    if (account_access.before.deadline_ms == 0) {
        assert account = &account_access.before;
        tempvar muldiv_ptr = muldiv_ptr;
        tempvar state_ptr = state_ptr;
    } else {
        let fired = fire(account_number, &account_access.before, order.now_ms, order.order_id);
        assert account = fired;
        tempvar muldiv_ptr = muldiv_ptr;
        tempvar state_ptr = state_ptr;
    }
    local state_ptr: felt* = state_ptr;

    // Market and its first tier, unchanged. A market that exists has a multiplier of 1 or more;
    // both bands are 0 before its first tick, and not above price_max.
    tempvar market_number = order.market;
    tempvar side = order.side;
    tempvar price = order.price_ticks;
    tempvar lots = order.lots;
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
    // A reduce-only order may be smaller than lots_min, which is 1 or more.
    assert [range_check_ptr + 5] = lots - market.lots_min + order.options.reduce_only * (
        market.lots_min - 1
    );
    assert [range_check_ptr + 6] = market.lots_max - lots;
    let range_check_ptr = range_check_ptr + 7;
    let first_access = cast(state_ptr + ACCESS_CELLS, MarginAccess*);
    assert first_access.key = market_key + MARGIN_LEAF;
    assert first_access.after = first_access.before;
    local first: MarginLeaf* = &first_access.before;

    // The head of the other side, 4 * market + 2 * (1 - side), and the best level, which it names.
    let head_access = cast(state_ptr + 2 * ACCESS_CELLS, LevelAccess*);
    assert head_access.key = 4 * market_number - 2 * side + (LEVEL_BASE + 2);
    assert head_access.after = head_access.before;
    local best = head_access.before.next;
    let best_access = cast(state_ptr + 3 * ACCESS_CELLS, LevelAccess*);
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
    let position_access = cast(state_ptr + 4 * ACCESS_CELLS, PositionAccess*);
    assert position_access.key = POSITION_STRIDE * order.market + account_key + (
        POSITION_LEAF - ACCOUNT_LEAF
    );
    local position: PositionLeaf* = &position_access.before;
    local before = position.orders - amended;
    let orders = count_anew(before, account.cleared);
    local orders = orders;
    assert position_access.after.size = position.size;
    assert position_access.after.orders = before + (1 - crosses) * order.rests * (
        orders + 1 - before
    );
    assert position_access.after.funding = position.funding;
    assert position_access.after.imf_ppm = position.imf_ppm;
    assert position_access.after.trigger = position.trigger;
    assert position_access.after.prev = position.prev;
    assert position_access.after.next = position.next;
    assert position_access.after.list = position.list;
    let state_ptr = state_ptr + 5 * ACCESS_CELLS;
    assert_room(order, orders);
    if (order.client_id * (1 - amended) != 0) {
        assert_client_id_free(
            account_number, account, order.client_id, order.rests, order.now_ms
        );
        tempvar range_check_ptr = range_check_ptr;
        tempvar muldiv_ptr = muldiv_ptr;
        tempvar state_ptr = state_ptr;
        tempvar slots = slots;
    } else {
        tempvar range_check_ptr = range_check_ptr;
        tempvar muldiv_ptr = muldiv_ptr;
        tempvar state_ptr = state_ptr;
        tempvar slots = slots;
    }
    local slots: Slots* = slots;
    let (other_bits, owed, others, slack, use) = assert_placement(
        order, market, first, account, position, crosses
    );

    if (crosses == 0) {
        if (order.rests == 0) {
            return (filled=0, resting=0, fees=fees, met=met);
        }
        rest_order(order, order.lots, order.price_ticks, account.names);
        return (filled=0, resting=order.lots, fees=fees, met=met);
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
        met,
        fees,
    );
}
