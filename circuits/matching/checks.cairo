// The two margin rules: at placement, asserted; at a fill, answered (docs/spec/matching.md § 3, § 4).

from generated.codes import (
    REFUSAL_BAD_DEBT,
    REFUSAL_BALANCE_LIMIT,
    REFUSAL_INITIAL_MARGIN,
    REFUSAL_POSITION_LIMIT,
)
from generated.constants import BALANCE_MAX
from generated.leaves import MarketLeaf
from lib.builtins import Muldiv
from lib.integers import assert_at_least, is_nonnegative
from margin import Portfolio, only_reduces, position_margin, taker_fee
from matching.incoming import Incoming, sign_of

// Proven here: the order passes the placement rule (2001, 2002): it only reduces, or the account could
// fill it whole at its limit, as a taker, and keep its initial margin.
// `others` are the account's positions in other markets.
// Assumes: 1 <= lots <= lots_max, 1 <= price <= price_max, |size| <= lots_max.
func assert_placement{range_check_ptr, muldiv_ptr: Muldiv*}(
    order: Incoming*, market: MarketLeaf*, collateral: felt, size: felt, others: Portfolio
) {
    alloc_locals;
    let sign = sign_of(order.side);
    local sign = sign;
    let reduces = only_reduces(size, sign, order.lots);
    if (reduces != 0) {
        return ();
    }
    local size_after = size + sign * order.lots;
    // The other bound can't be passed: the size moves towards `sign`.
    assert_at_least(market.lots_max, sign * size_after);
    local notional = order.lots * order.price_ticks * market.multiplier;
    let fee = taker_fee(market, notional);
    local collateral_after = collateral - sign * notional - fee;
    let (value, margin) = position_margin(market, size_after);
    assert_at_least(collateral_after + others.value + value, others.margin + margin);
    return ();
}

// One side of a fill, for its account.
struct FillSide {
    // 1 if the account buys, -1 if it sells.
    sign: felt,
    lots: felt,
    price_ticks: felt,
    // What it has before, in this market, and in others.
    size: felt,
    others: Portfolio,
    // What it has after.
    collateral_after: felt,
}

// Proven here: the fill check's answer: 0, or the code of the rule that fails first.
// Assumes: 1 <= lots <= lots_max, |size| <= lots_max, |collateral_after| < 2^60.
func fill_code{muldiv_ptr: Muldiv*}(market: MarketLeaf*, fill: FillSide*) -> felt {
    alloc_locals;
    let is_below_top = is_nonnegative(BALANCE_MAX - fill.collateral_after);
    if (is_below_top == 0) {
        return REFUSAL_BALANCE_LIMIT;
    }
    let is_above_bottom = is_nonnegative(BALANCE_MAX + fill.collateral_after);
    if (is_above_bottom == 0) {
        return REFUSAL_BALANCE_LIMIT;
    }
    local size_after = fill.size + fill.sign * fill.lots;
    let (local value, local margin) = position_margin(market, size_after);
    local total = fill.collateral_after + fill.others.value + value;
    let reduces = only_reduces(fill.size, fill.sign, fill.lots);
    if (reduces != 0) {
        let is_solvent = is_nonnegative(total);
        if (is_solvent != 0) {
            return 0;
        }
        // sign * (price - mark) > 0: bought above the mark or sold below it.
        let is_worse_than_mark = is_nonnegative(
            fill.sign * (fill.price_ticks - market.mark_ticks) - 1
        );
        return is_worse_than_mark * REFUSAL_BAD_DEBT;
    }
    // The other bound can't be passed: the size moves towards `sign`.
    let is_within_limit = is_nonnegative(market.lots_max - fill.sign * size_after);
    if (is_within_limit == 0) {
        return REFUSAL_POSITION_LIMIT;
    }
    let has_margin = is_nonnegative(total - fill.others.margin - margin);
    return (1 - has_margin) * REFUSAL_INITIAL_MARGIN;
}
