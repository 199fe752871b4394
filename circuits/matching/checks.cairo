// The two margin rules: at placement, asserted; at a fill, answered (docs/spec/matching.md § 3, § 4).

from generated.codes import (
    REFUSAL_BAD_DEBT,
    REFUSAL_BALANCE_LIMIT,
    REFUSAL_INITIAL_MARGIN,
    REFUSAL_POSITION_LIMIT,
)
from generated.constants import BALANCE_MAX, PPM
from generated.leaves import AccountLeaf, MarketLeaf
from lib.builtins import Muldiv
from lib.integers import is_nonnegative
from lib.powers import power_of_two
from margin import Portfolio, only_reduces, position_margin, sum_positions
from matching.incoming import Incoming

// Proven here: the order passes the placement rule (2001, 2002): it only reduces, or the account could
// fill it whole at its limit, as a taker, and keep its initial margin.
// Guarantees: the bits of the account's positions in other markets, and their sums.
// Assumes: 1 <= lots <= lots_max, 1 <= price <= price_max, |size| <= lots_max, market < 32.
func assert_placement{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*}(
    order: Incoming*, market: MarketLeaf*, account: AccountLeaf*, size: felt
) -> (other_bits: felt, others: Portfolio) {
    alloc_locals;
    local sign = 1 - 2 * order.side;
    local lots = order.lots;
    // The position after, on the order's side.
    local lots_after = sign * size + lots;

    // Nothing reduces a position of size 0, and its market's bit is not set.
    local other_bits;
    local reduces;
    if (size != 0) {
        let bit = power_of_two(order.market);
        assert other_bits = account.positions - bit;
        let answer = is_nonnegative(-lots_after);
        assert reduces = answer;
        tempvar muldiv_ptr = muldiv_ptr;
    } else {
        assert other_bits = account.positions;
        assert reduces = 0;
        tempvar muldiv_ptr = muldiv_ptr;
    }

    local others: Portfolio;
    if (other_bits != 0) {
        let sums = sum_positions(order.account, other_bits, 0, 0, Portfolio(0, 0, 0));
        assert others = sums;
        tempvar muldiv_ptr = muldiv_ptr;
        tempvar state_ptr = state_ptr;
    } else {
        assert others = Portfolio(0, 0, 0);
        tempvar muldiv_ptr = muldiv_ptr;
        tempvar state_ptr = state_ptr;
    }
    if (reduces != 0) {
        return (other_bits=other_bits, others=others);
    }

    // Not reducing says lots_after >= 1: it is the position's size, and the value's sign is the
    // order's. The other bound of the size can't be passed: it moves towards `sign`.
    assert [range_check_ptr] = market.lots_max - lots_after;
    tempvar multiplier = market.multiplier;
    tempvar paid = lots * order.price_ticks * multiplier;
    tempvar value = lots_after * market.mark_ticks * multiplier;
    // ppm_ceil (lib/fractions.cairo), of the fee and of the margin.
    tempvar below_ppm = PPM - 1;
    tempvar ppm = PPM;
    let fee = muldiv_ptr;
    assert fee.a = paid;
    assert fee.b = market.taker_ppm;
    assert fee.e = below_ppm;
    assert fee.c = ppm;
    let margin = muldiv_ptr + Muldiv.SIZE;
    assert margin.a = value;
    assert margin.b = market.imf_ppm;
    assert margin.e = below_ppm;
    assert margin.c = ppm;
    // collateral - sign * paid - fee + others.value + sign * value >= others.margin + margin.
    assert [range_check_ptr + 1] = sign * (value - paid) + account.collateral - fee.q +
        others.value - others.margin - margin.q;
    let range_check_ptr = range_check_ptr + 2;
    let muldiv_ptr = muldiv_ptr + 2 * Muldiv.SIZE;
    return (other_bits=other_bits, others=others);
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
