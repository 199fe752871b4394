// The fill check of one account (docs/spec/margin.md § 5): answered, not asserted, since a maker that fails
// goes and a taker that fails stops.

from generated.codes import (
    REFUSAL_BALANCE_LIMIT,
    REFUSAL_INITIAL_MARGIN,
    REFUSAL_POSITION_LIMIT,
    REFUSAL_WORSE_HEALTH,
)
from generated.constants import BALANCE_MAX, PPM, SIGNED_BOUND
from generated.leaves import MarginLeaf
from lib.builtins import Muldiv
from lib.integers import is_nonnegative
from margin.health import Health, keeps_ratio, position_health, sum_health
from margin.position import initial_fraction
from margin.tiers import find_tier

// Balances that may be: as many as the integers from -BALANCE_MAX to BALANCE_MAX.
const BALANCES = 2 * BALANCE_MAX + 1;

// One side of a fill, for its account, which has paid its funding.
struct FillSide {
    // 1 if the account buys, -1 if it sells.
    sign: felt,
    lots: felt,
    account: felt,
    // What it has before: in this market, its own leverage there, and positions in others with their free
    // collateral.
    size: felt,
    imf_ppm: felt,
    other_bits: felt,
    others: felt,
    // What those are above their maintenance margins, and what their triggers may use up of it.
    slack: felt,
    use: felt,
    // Cash before and after.
    collateral: felt,
    collateral_after: felt,
}

// Proven here: the fill check's answer: 0, or the code of the rule that fails first; if 0, by how much the
// position's |size| grows, and the position after: its tier, its side (`sign` 1 long, -1 short; either for
// size 0).
// Assumes: `first` is tier 0 of the market; 1 <= lots <= lots_max, |size| within the position limit,
// |collateral_after| < 2^59.
func check_fill{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    market: felt, first: MarginLeaf*, side: FillSide*
) -> (code: felt, growth: felt, leaf: MarginLeaf*, tier: felt, sign: felt) {
    alloc_locals;
    tempvar one = 1;
    tempvar zero = 0;
    // 1 where -BALANCE_MAX <= collateral_after <= BALANCE_MAX, 0 below and 2 above.
    let balance = muldiv_ptr;
    assert balance.a = side.collateral_after + (BALANCE_MAX + BALANCES);
    assert balance.b = one;
    assert balance.e = zero;
    assert balance.c = BALANCES;
    if (balance.q != 1) {
        let muldiv_ptr = balance + Muldiv.SIZE;
        return (code=REFUSAL_BALANCE_LIMIT, growth=0, leaf=first, tier=0, sign=0);
    }
    // The position after, on the fill's side; it only reduces just when that is not above 0.
    tempvar sign = side.sign;
    tempvar along = sign * side.size;
    tempvar after = along + side.lots;
    let growing = balance + Muldiv.SIZE;
    assert growing.a = after - 1 + SIGNED_BOUND;
    assert growing.b = 1;
    assert growing.e = 0;
    assert growing.c = SIGNED_BOUND;
    let muldiv_ptr = growing + Muldiv.SIZE;
    if (growing.q == 0) {
        let (code, leaf, tier) = check_reduction(market, first, side, -after);
        return (code=code, growth=-side.lots, leaf=leaf, tier=tier, sign=-side.sign);
    }

    let (local code, local leaf: MarginLeaf*, local tier) = margin_code(
        market, first, side, after, sign
    );
    if (side.size == 0) {
        return (code=code, growth=side.lots, leaf=leaf, tier=tier, sign=side.sign);
    }
    // From the other side: by what is more there than was here.
    local along = sign * side.size;
    let is_along = is_nonnegative(along);
    if (is_along != 0) {
        return (code=code, growth=side.lots, leaf=leaf, tier=tier, sign=side.sign);
    }
    return (
        code=code, growth=side.lots + 2 * along, leaf=leaf, tier=tier, sign=side.sign
    );
}

// Proven here: 0 if a position of `lots` on side `sign` fits a tier and leaves free collateral not below 0,
// else the code (2001, 2002); the tier.
// Assumes: as `check_fill`; lots >= 0.
func margin_code{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    market: felt, first: MarginLeaf*, side: FillSide*, lots: felt, sign: felt
) -> (code: felt, leaf: MarginLeaf*, tier: felt) {
    alloc_locals;
    let (leaf, local tier, is_found) = find_tier(market, 0, first, lots);
    if (is_found == 0) {
        return (code=REFUSAL_POSITION_LIMIT, leaf=leaf, tier=tier);
    }
    local leaf: MarginLeaf* = leaf;
    let imf_ppm = initial_fraction(leaf, side.imf_ppm);
    // position_sum (margin/position.cairo) of a position that has paid its funding.
    tempvar one = 1;
    tempvar zero = 0;
    tempvar bias = leaf.bias;
    let margin = muldiv_ptr;
    assert margin.a = lots;
    assert margin.b = (sign * PPM - imf_ppm) * leaf.mark_value + PPM * bias;
    assert margin.e = zero;
    assert margin.c = PPM;
    let free = muldiv_ptr + Muldiv.SIZE;
    assert free.a = side.collateral_after + side.others + margin.q - lots * bias + SIGNED_BOUND;
    assert free.b = one;
    assert free.e = zero;
    assert free.c = SIGNED_BOUND;
    let muldiv_ptr = free + Muldiv.SIZE;
    return (code=(1 - free.q) * REFUSAL_INITIAL_MARGIN, leaf=leaf, tier=tier);
}

// Proven here: 0 if a fill that only reduces, to `lots` on the other side, keeps the initial margin or
// worsens nothing, else the code (2006); its tier.
// Assumes: as `check_fill`; lots >= 0.
func check_reduction{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    market: felt, first: MarginLeaf*, side: FillSide*, lots: felt
) -> (code: felt, leaf: MarginLeaf*, tier: felt) {
    alloc_locals;
    let (code, local leaf: MarginLeaf*, local tier) = margin_code(
        market, first, side, lots, -side.sign
    );
    if (code == 0) {
        return (code=0, leaf=leaf, tier=tier);
    }
    let others = sum_health(side.account, side.other_bits, 0, Health(value=0, slack=0));
    local others: Health = others;
    let part = position_health(market, first, side.size, first.funding);
    tempvar cash = side.collateral;
    local before: Health = Health(
        value=cash + others.value + part.value, slack=cash + others.slack + part.slack
    );
    let part = position_health(market, first, -side.sign * lots, first.funding);
    tempvar cash = side.collateral_after;
    let is_kept = keeps_ratio(
        before,
        Health(value=cash + others.value + part.value, slack=cash + others.slack + part.slack),
    );
    return (code=(1 - is_kept) * REFUSAL_WORSE_HEALTH, leaf=leaf, tier=tier);
}
