// The formulas of prices, margin and liquidation, through the functions that the batch program uses, for the vectors
// of tests/vectors/formulas. Input: `formula`, `count`; the advice holds as many cases, their inputs one
// after the other in the order of the functions below. Output: each case's outputs.
%builtins output range_check muldiv

from generated.constants import ORACLE_KEYS_MAX, PPM
from generated.leaves import MarginLeaf
from lib.builtins import Muldiv
from lib.integers import is_nonnegative, magnitude
from liquidation.due import DueKey, stands_before
from liquidation.formulas import (
    closing_loss,
    deleveraged_share,
    liquidation_fill,
    takeover_terms,
    zero_loss,
)
from liquidation.triggers import key_ratio, key_trigger, trigger_use, trigger_value
from margin.health import Health, keeps_ratio
from margin.position import funding_owed, position_sum
from prices.funding import funding_bound, hourly_rate, next_funding
from prices.index import FreshPrices, Report, assert_index, collect_fresh
from prices.tick import mark_price, next_basis, premium, price_bands, sample_premium

const SAMPLE = 1;
const PREMIUM = 2;
const BASIS = 3;
const MARK = 4;
const BANDS = 5;
const FUNDING_RATE = 6;
const FUNDING_MAX = 7;
const PAID = 8;
const POSITION_SUMS = 9;
const RATIO = 10;
const INDEX = 11;
const KEY = 12;
const DUE = 13;
const LIQUIDATION = 14;
const TAKEOVER = 15;
const DELEVERAGE = 16;
const FUND_CLOSING = 17;

func main{output_ptr: felt*, range_check_ptr, muldiv_ptr: Muldiv*}() {
    alloc_locals;
    local formula;
    local count;
    local advice: felt*;
    %{ memory[fp] = program_input["formula"] %}
    %{ memory[fp + 1] = program_input["count"] %}
    %{ memory[fp + 2] = advice %}
    compute_cases(formula, count, advice);
    return ();
}

// Guarantees: the outputs of `count` cases.
func compute_cases{output_ptr: felt*, range_check_ptr, muldiv_ptr: Muldiv*}(
    formula: felt, count: felt, inputs: felt*
) {
    if (count == 0) {
        return ();
    }
    let next = compute_case(formula, inputs);
    return compute_cases(formula, count - 1, next);
}

// Guarantees: one case's outputs; where the next one's inputs are.
func compute_case{output_ptr: felt*, range_check_ptr, muldiv_ptr: Muldiv*}(
    formula: felt, inputs: felt*
) -> felt* {
    alloc_locals;
    if (formula == SAMPLE) {
        let sum = sample_premium(inputs[0], inputs[1], inputs[2], inputs[3], inputs[4]);
        put(sum);
        return inputs + 5;
    }
    if (formula == PREMIUM) {
        let premium_ppm = premium(inputs[1], inputs[2], inputs[0]);
        put(premium_ppm);
        return inputs + 3;
    }
    if (formula == BASIS) {
        // A tick at 1 before one at 1 + elapsed: at 0 there would have been none.
        let basis_ppm = next_basis(inputs[0], inputs[1], 1, 1 + inputs[2], inputs[3], inputs[4]);
        put(basis_ppm);
        return inputs + 5;
    }
    if (formula == MARK) {
        let mark = mark_price(inputs[0], inputs[1], inputs[2], inputs[3], inputs[4]);
        put(mark);
        return inputs + 5;
    }
    if (formula == BANDS) {
        let (low, high) = price_bands(inputs[0], inputs[1], inputs[2]);
        local low = low;
        local high = high;
        put(low);
        put(high);
        return inputs + 3;
    }
    if (formula == FUNDING_RATE) {
        let hourly_ppm = hourly_rate(inputs[0], inputs[1], inputs[2], inputs[3]);
        local hourly_ppm = hourly_ppm;
        let funding = next_funding(inputs[7], hourly_ppm, inputs[4], inputs[5], inputs[6]);
        local funding = funding;
        put(hourly_ppm);
        put(funding);
        return inputs + 8;
    }
    if (formula == FUNDING_MAX) {
        let bound = funding_bound(inputs[0], inputs[1], inputs[2]);
        put(bound);
        return inputs + 3;
    }
    if (formula == PAID) {
        return compute_paid(inputs);
    }
    if (formula == POSITION_SUMS) {
        return compute_sums(inputs);
    }
    if (formula == RATIO) {
        let passes = keeps_ratio(
            Health(value=inputs[0], slack=inputs[0] - inputs[1]),
            Health(value=inputs[2], slack=inputs[2] - inputs[3]),
        );
        put(passes);
        return inputs + 4;
    }
    if (formula == KEY) {
        return compute_key(inputs);
    }
    if (formula == DUE) {
        let is_before = stands_before(cast(inputs, DueKey*), cast(inputs + DueKey.SIZE, DueKey*));
        put(is_before);
        return inputs + 2 * DueKey.SIZE;
    }
    if (formula == LIQUIDATION) {
        return compute_liquidation(inputs);
    }
    if (formula == TAKEOVER) {
        return compute_takeover(inputs);
    }
    if (formula == DELEVERAGE) {
        let (local closed, local paid) = deleveraged_share(
            inputs[0], inputs[1], inputs[2], inputs[3]
        );
        put(closed);
        put(paid);
        return inputs + 4;
    }
    if (formula == FUND_CLOSING) {
        // tav, mmr, position_mmr, size, mark_value.
        let loss = closing_loss(inputs[0], inputs[1], inputs[2]);
        local loss = loss;
        let lots = magnitude(inputs[3]);
        put(lots);
        put(loss);
        put(inputs[3] * inputs[4] - loss);
        return inputs + 5;
    }
    assert formula = INDEX;
    return compute_index(inputs);
}

// Guarantees: the next word of the output is this one.
func put{output_ptr: felt*}(value: felt) {
    assert output_ptr[0] = value;
    let output_ptr = output_ptr + 1;
    return ();
}

// Inputs: size, funding, entry, bias.
func compute_paid{output_ptr: felt*, range_check_ptr, muldiv_ptr: Muldiv*}(inputs: felt*) -> felt* {
    alloc_locals;
    tempvar leaf = new MarginLeaf(0, 0, inputs[1], 0, 0, 0, 0, inputs[3]);
    let paid = funding_owed(leaf, inputs[0], inputs[2]);
    put(paid);
    return inputs + 4;
}

// Inputs: size, mark_value, funding, entry, the three fractions, bias.
func compute_sums{output_ptr: felt*, range_check_ptr, muldiv_ptr: Muldiv*}(inputs: felt*) -> felt* {
    alloc_locals;
    tempvar leaf = new MarginLeaf(
        0, inputs[1], inputs[2], inputs[4], inputs[5], inputs[6], 0, inputs[7]
    );
    local leaf: MarginLeaf* = leaf;
    let is_long = is_nonnegative(inputs[0]);
    local sign = 2 * is_long - 1;
    local lots = sign * inputs[0];
    let value = position_sum(leaf, lots, sign, inputs[3], 0);
    put(value);
    let initial = position_sum(leaf, lots, sign, inputs[3], leaf.imf_ppm);
    put(initial);
    let maintenance = position_sum(leaf, lots, sign, inputs[3], leaf.mmf_ppm);
    put(maintenance);
    let closeout = position_sum(leaf, lots, sign, inputs[3], leaf.cmf_ppm);
    put(closeout);
    return inputs + 8;
}

// Inputs: S, the notional of all positions; size, mark_value, mmf_ppm and funding of one.
func compute_key{output_ptr: felt*, range_check_ptr, muldiv_ptr: Muldiv*}(inputs: felt*) -> felt* {
    alloc_locals;
    tempvar leaf = new MarginLeaf(0, inputs[3], inputs[5], 0, inputs[4], 0, 0, 0);
    local leaf: MarginLeaf* = leaf;
    let is_long = is_nonnegative(inputs[2]);
    local sign = 2 * is_long - 1;
    let ratio = key_ratio(inputs[0], inputs[1]);
    local ratio = ratio;
    let value = trigger_value(leaf, sign);
    local value = value;
    let trigger = key_trigger(value, ratio, leaf.mark_value);
    local trigger = trigger;
    let use = trigger_use(sign * inputs[2], value, trigger);
    local use = use;
    put(ratio);
    put(value);
    put(trigger);
    put(use);
    return inputs + 6;
}

// Inputs: tav, mmr, size, mark_value, mmf_ppm, price, multiplier, maker_lots, liquidation_ppm, bonus_ppm.
// Outputs: zero, loss, and, 0 where loss is above zero, the fill.
func compute_liquidation{output_ptr: felt*, range_check_ptr, muldiv_ptr: Muldiv*}(
    inputs: felt*
) -> felt* {
    alloc_locals;
    tempvar leaf = new MarginLeaf(0, inputs[3], 0, 0, inputs[4], 0, 0, 0);
    local leaf: MarginLeaf* = leaf;
    let is_long = is_nonnegative(inputs[2]);
    local sign = 2 * is_long - 1;
    local lot_price = inputs[5] * inputs[6];
    let zero = zero_loss(leaf, inputs[0], inputs[1]);
    local zero = zero;
    local loss = sign * (leaf.mark_value - lot_price) * PPM;
    put(zero);
    put(loss);
    let meets = is_nonnegative(zero - loss);
    if (meets == 0) {
        put(0);
        put(0);
        put(0);
        put(0);
        return inputs + 10;
    }
    let fill = liquidation_fill(
        leaf,
        sign * inputs[2],
        inputs[1] - inputs[0],
        zero,
        loss,
        lot_price,
        inputs[7],
        inputs[8],
        inputs[9],
    );
    put(fill.lots);
    put(fill.notional);
    put(fill.fee);
    put(fill.bonus);
    return inputs + 10;
}

// Inputs: tav, mmr, closeout, position_mmr, size, mark_value, mmf_ppm, cmf_ppm.
func compute_takeover{output_ptr: felt*, range_check_ptr, muldiv_ptr: Muldiv*}(
    inputs: felt*
) -> felt* {
    alloc_locals;
    tempvar leaf = new MarginLeaf(0, inputs[5], 0, 0, inputs[6], inputs[7], 0, 0);
    local leaf: MarginLeaf* = leaf;
    let is_long = is_nonnegative(inputs[4]);
    local sign = 2 * is_long - 1;
    let (local lots, local loss) = takeover_terms(
        leaf, sign * inputs[4], inputs[0], inputs[1], inputs[2], inputs[3]
    );
    put(lots);
    put(loss);
    put(sign * lots * leaf.mark_value - loss);
    return inputs + 8;
}

// Inputs: now, staleness_ms, quorum, deviation_ppm, the index, the bitmap of the keys, and eight reports.
// A run exists just for the one index that has its quorum.
func compute_index{output_ptr: felt*, range_check_ptr, muldiv_ptr: Muldiv*}(
    inputs: felt*
) -> felt* {
    alloc_locals;
    // All reports are here, so that none is read from a state.
    let state_ptr = cast(0, felt*);
    let (fresh, count) = collect_fresh{state_ptr=state_ptr}(
        0,
        0,
        inputs[5],
        cast(inputs + 6, Report*),
        ORACLE_KEYS_MAX,
        inputs[0] - inputs[1],
        cast(0, FreshPrices*),
        0,
    );
    local count = count;
    assert_index(inputs[4], fresh, count, inputs[3], inputs[2]);
    put(inputs[4]);
    put(count);
    return inputs + 6 + ORACLE_KEYS_MAX * Report.SIZE;
}
