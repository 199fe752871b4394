// An order from its checks to its rest: what `place` and `amend` share (docs/spec/commands.md § 5).

from generated.constants import (
    ACCOUNT_BASE,
    ACCOUNT_LEAF,
    ACCOUNT_STRIDE,
    KEY_TAIL,
    LEVEL_BASE,
    MARKET_BASE,
    MARKET_STRIDE,
    POSITION_LEAF,
    SIGNED_BOUND,
)
from generated.leaves import AccountLeaf, LevelLeaf, MarketLeaf
from lib.builtins import ACCESS_CELLS, Muldiv
from lib.integers import is_not_zero
from lib.powers import power_of_two
from margin import Portfolio
from matching.checks import assert_placement
from matching.fill import Progress, Taking
from matching.incoming import Incoming, sign_of
from matching.loop import meet_level
from matching.resting import assert_room, rest_order
from registers import Slots
from state.accesses import AccountAccess, LevelAccess, MarketAccess, PositionAccess
from state.accounts import write_account, write_position

// Proven here: the market exists (1101) and has a price (4101), price and lots are in its range
// (1102, 1103), an order that rests finds a count, an order slot and a level slot (3001, 3002), the
// placement rule holds (2001, 2002); then matching as matching.md § 1 has it, and both of the taker's
// leaves.
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

    // Market and account, unchanged.
    let market_access = cast(state_ptr, MarketAccess*);
    assert market_access.key = market_number * MARKET_STRIDE + MARKET_BASE;
    assert market_access.after = market_access.before;
    local market: MarketLeaf* = &market_access.before;
    assert [range_check_ptr] = market.multiplier - 1;
    assert [range_check_ptr + 1] = market.mark_ticks - 1;
    assert [range_check_ptr + 2] = price - 1;
    assert [range_check_ptr + 3] = market.price_max - price;
    assert [range_check_ptr + 4] = lots - 1;
    assert [range_check_ptr + 5] = market.lots_max - lots;
    let range_check_ptr = range_check_ptr + 6;
    let account_access = cast(state_ptr + ACCESS_CELLS, AccountAccess*);
    tempvar account_key = account_number * ACCOUNT_STRIDE + (ACCOUNT_BASE + ACCOUNT_LEAF);
    assert account_access.key = account_key;
    assert account_access.after = account_access.before;
    local account: AccountLeaf* = &account_access.before;

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
    assert position_access.key = account_key + market_number + (POSITION_LEAF - ACCOUNT_LEAF);
    local size = position_access.before.size;
    local open_orders = position_access.before.open_orders - orders_gone;
    assert position_access.after.size = size;
    assert position_access.after.open_orders = open_orders + (1 - crosses) * order.rests;
    assert position_access.after.reserved2 = position_access.before.reserved2;
    assert position_access.after.reserved3 = position_access.before.reserved3;
    assert position_access.after.reserved4 = position_access.before.reserved4;
    assert position_access.after.reserved5 = position_access.before.reserved5;
    assert position_access.after.reserved6 = position_access.before.reserved6;
    assert position_access.after.reserved7 = position_access.before.reserved7;
    let state_ptr = state_ptr + 5 * ACCESS_CELLS;
    assert_room(order, open_orders);
    let (other_bits, others) = assert_placement(order, market, account, size);

    if (crosses == 0) {
        if (order.rests == 0) {
            return (filled=0, resting=0, fees=fees);
        }
        rest_order(order, order.lots);
        return (filled=0, resting=order.lots, fees=fees);
    }
    local other_bits = other_bits;
    local others: Portfolio = others;
    let sign = sign_of(order.side);
    local sign = sign;
    let bit = power_of_two(order.market);
    tempvar taking = new Taking(
        order=order, market=market, limit_key=limit_key, sign=sign, bit=bit, others=others
    );
    tempvar start = new Progress(
        remaining=order.lots, credit=0, collateral=account.collateral, size=size, fees=fees
    );
    return take_and_rest(taking, account, other_bits, best, level, start);
}

// Proven here: matching of an order that crosses the best level, then both of the taker's leaves.
// Guarantees: as `enter_order`.
// Assumes: its checks; `level` is the leaf of `best`, the best level of the other side.
func take_and_rest{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    taking: Taking*,
    account: AccountLeaf*,
    other_bits: felt,
    best: felt,
    level: LevelLeaf*,
    start: Progress*,
) -> (filled: felt, resting: felt, fees: felt) {
    alloc_locals;
    let order = taking.order;
    let (local progress, is_stopped) = meet_level(
        taking, best, level, taking.market.lots_max, 0, start
    );

    let resting = resting_lots(order, progress.remaining, is_stopped);
    local resting = resting;
    let is_resting = is_not_zero(resting);
    write_position(order.account, order.market, progress.size, is_resting);
    write_taker(order, account, progress, other_bits, taking.bit);
    rest_if_any(order, resting);
    return (filled=order.lots - progress.remaining, resting=resting, fees=progress.fees);
}

// What remains rests if the order may rest and was not stopped; else it is dropped.
func resting_lots(order: Incoming*, remaining: felt, is_stopped: felt) -> felt {
    return order.rests * (1 - is_stopped) * remaining;
}

// Guarantees: collateral and the market's bit are the taker's after its fills; without any, untouched.
func write_taker{state_ptr: felt*}(
    order: Incoming*, account: AccountLeaf*, progress: Progress*, other_bits: felt, bit: felt
) {
    alloc_locals;
    if (progress.remaining == order.lots) {
        return ();
    }
    let is_open = is_not_zero(progress.size);
    return write_account(
        account=order.account,
        status=account.status,
        collateral=progress.collateral,
        positions=other_bits + is_open * bit,
    );
}

// Guarantees: `lots` of the order rest, if that is not 0.
func rest_if_any{range_check_ptr, state_ptr: felt*, slots: Slots*}(order: Incoming*, lots: felt) {
    if (lots == 0) {
        return ();
    }
    return rest_order(order, lots);
}
