// The formulas of liquidation (docs/spec/liquidation.md § 5, § 7). Money per lot in 10^-6 micro-USDC, else
// in micro-USDC. Each quotient has one answer, and is bounded by a comparison before it is taken, or by
// what it is a share of.

from generated.constants import PPM
from generated.leaves import MarginLeaf
from lib.builtins import Muldiv
from lib.fractions import multiply_floor, ppm_floor
from lib.integers import is_nonnegative, minimum

// A liquidating fill.
struct LiquidationFill {
    lots: felt,
    notional: felt,
    fee: felt,
    // What of the fee goes to the maker.
    bonus: felt,
}

// Proven here: floor(tav * (mmf * mark_value) / mmr): the loss per lot against the mark at which tav / mmr
// stays as it is.
// Assumes: 0 <= tav < mmr < 2^61.
func zero_loss{muldiv_ptr: Muldiv*}(leaf: MarginLeaf*, tav: felt, mmr: felt) -> felt {
    return multiply_floor(tav, leaf.mmf_ppm * leaf.mark_value, mmr);
}

// Proven here: the fill of § 5.3 b with an order of `maker_lots` at `lot_price` micro-USDC a lot.
// Assumes: loss <= zero < mmf * mark_value, so that fee and gain per lot are not below 0; need = MMR - TAV,
// 1 <= need < 2^61; lots are within the position limit.
func liquidation_fill{muldiv_ptr: Muldiv*}(
    leaf: MarginLeaf*,
    lots: felt,
    need: felt,
    zero: felt,
    loss: felt,
    lot_price: felt,
    maker_lots: felt,
    liquidation_ppm: felt,
    bonus_ppm: felt,
) -> LiquidationFill* {
    alloc_locals;
    let fee_rate = minimum(liquidation_ppm * lot_price, zero - loss);
    local fee_rate = fee_rate;
    let most = minimum(maker_lots, lots);
    let taken = lots_needed(most, leaf.mmf_ppm * leaf.mark_value - loss - fee_rate, need);
    local taken = taken;
    local notional = taken * lot_price;
    let fee = multiply_floor(taken, fee_rate, PPM);
    local fee = fee;
    let bonus = ppm_floor(notional, bonus_ppm);
    let bonus = minimum(fee, bonus);
    tempvar fill = new LiquidationFill(lots=taken, notional=notional, fee=fee, bonus=bonus);
    return fill;
}

// Proven here: the lots, `most` or fewer, that bring in `need` at a gain of `gain` per lot: ceil(need * 10^6 /
// gain) if floor(most * gain / 10^6) >= need, which also bounds the quotient by `most`; else `most`.
// Assumes: 1 <= need < 2^61, 0 <= gain < 2^54, most * gain < 2^80.
func lots_needed{muldiv_ptr: Muldiv*}(most: felt, gain: felt, need: felt) -> felt {
    alloc_locals;
    let all = multiply_floor(most, gain, PPM);
    let is_enough = is_nonnegative(all - need);
    if (is_enough == 0) {
        return most;
    }
    assert muldiv_ptr.a = need;
    assert muldiv_ptr.b = PPM;
    assert muldiv_ptr.e = gain - 1;
    assert muldiv_ptr.c = gain;
    let lots = muldiv_ptr.q;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    return lots;
}

// Proven here: the lots that the fund takes and the account's loss against the mark (§ 5.4).
// Assumes: |tav|, |closeout| < 2^61, 0 <= position_mmr <= mmr < 2^61, tav < mmr; lots within the position
// limit, `leaf` their tier.
func takeover_terms{muldiv_ptr: Muldiv*}(
    leaf: MarginLeaf*, lots: felt, tav: felt, mmr: felt, closeout: felt, position_mmr: felt
) -> (lots: felt, loss: felt) {
    alloc_locals;
    let is_above = is_nonnegative(closeout);
    if (is_above == 0) {
        let loss = share_of(tav, position_mmr, mmr);
        return (lots=lots, loss=loss);
    }
    local mark_value = leaf.mark_value;
    let taken = lots_needed(lots, (leaf.mmf_ppm - leaf.cmf_ppm) * mark_value, mmr - tav);
    assert muldiv_ptr.a = taken;
    assert muldiv_ptr.b = leaf.cmf_ppm * mark_value;
    assert muldiv_ptr.e = PPM - 1;
    assert muldiv_ptr.c = PPM;
    let loss = muldiv_ptr.q;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    return (lots=taken, loss=loss);
}

// Proven here: the fund's loss against the mark where all of a position is closed (§ 5.5): nothing as long as
// it is worth something, else the position's share of its debt.
// Assumes: |tav| < 2^61, 0 <= position_mmr <= mmr < 2^61.
func closing_loss{muldiv_ptr: Muldiv*}(tav: felt, mmr: felt, position_mmr: felt) -> felt {
    let debt = minimum(tav, 0);
    return share_of(debt, position_mmr, mmr);
}

// Proven here: floor(tav * part / whole), the whole of tav for the whole (which may be 0).
// Assumes: 0 <= part <= whole < 2^61, |tav| < 2^61.
func share_of{muldiv_ptr: Muldiv*}(tav: felt, part: felt, whole: felt) -> felt {
    alloc_locals;
    if (part == whole) {
        return tav;
    }
    let is_above = is_nonnegative(tav);
    if (is_above != 0) {
        return multiply_floor(tav, part, whole);
    }
    assert muldiv_ptr.a = -tav;
    assert muldiv_ptr.b = part;
    assert muldiv_ptr.e = whole - 1;
    assert muldiv_ptr.c = whole;
    let share = -muldiv_ptr.q;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    return share;
}

// Proven here: the lots closed and what was paid for them (signed) when `visited` of `total` lots were
// visited (§ 7).
// Assumes: 1 <= lots <= total < 2^57, 0 <= visited <= total, |quote| < 2^61.
func deleveraged_share{muldiv_ptr: Muldiv*}(
    lots: felt, quote: felt, total: felt, visited: felt
) -> (closed: felt, paid: felt) {
    alloc_locals;
    let closed = multiply_floor(visited, lots, total);
    local closed = closed;
    let is_above = is_nonnegative(quote);
    local sign = 2 * is_above - 1;
    let paid = multiply_floor(closed, sign * quote, lots);
    return (closed=closed, paid=sign * paid);
}
