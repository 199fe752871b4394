// Triggers: what a position's maintenance hangs on while nobody touches it, and what a fall of it to the
// trigger uses up (docs/spec/liquidation.md § 1, § 2). Per lot, in 10^-6 micro-USDC, signed.

from generated.constants import KEY_RATIO, KEY_RATIO_MAX, KEY_SLACK_MIN, PPM, SIGNED_BOUND, TIERS_MAX
from generated.leaves import MarginLeaf, TriggersLeaf
from lib.builtins import Muldiv
from lib.fractions import multiply_floor
from lib.integers import is_nonnegative
from state.markets import read_margin
from state.triggers import read_triggers

// ρ is in 10^-9 and V in 10^-6.
const RATIO_TO_VALUE = KEY_RATIO / PPM;

// Guarantees: V of a position with this sign (1 long, -1 short) in this tier; |V| < 2^60.
func trigger_value(leaf: MarginLeaf*, sign: felt) -> felt {
    tempvar mark_value = leaf.mark_value;
    return sign * (PPM * mark_value - leaf.funding) - leaf.mmf_ppm * mark_value;
}

// Proven here: ceil(lots * max(0, value - trigger) / 10^6).
// Assumes: lots is within the position limit; the trigger was made for a value of this list.
func trigger_use{muldiv_ptr: Muldiv*}(lots: felt, value: felt, trigger: felt) -> felt {
    alloc_locals;
    local room = value - trigger;
    let is_above = is_nonnegative(room);
    if (is_above == 0) {
        return 0;
    }
    assert muldiv_ptr.a = lots;
    assert muldiv_ptr.b = room;
    assert muldiv_ptr.e = PPM - 1;
    assert muldiv_ptr.c = PPM;
    let use = muldiv_ptr.q;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    return use;
}

// Proven here: ρ, the price move in 10^-9 after which an account with this slack (S) and notional is
// looked at again. The comparison bounds the quotient before it is taken.
// Assumes: 0 <= slack < 2^61, 0 <= notional < 2^58, above 0 where there is a position.
func key_ratio{muldiv_ptr: Muldiv*}(slack: felt, notional: felt) -> felt {
    alloc_locals;
    let spent = spent_slack(slack);
    local spent = spent;
    let is_greatest = is_nonnegative(spent - 4 * notional);
    if (is_greatest != 0) {
        return KEY_RATIO_MAX;
    }
    return multiply_floor(spent, KEY_RATIO, notional);
}

// Proven here: half of the slack, rounded down, or 0 where it is too little.
func spent_slack{muldiv_ptr: Muldiv*}(slack: felt) -> felt {
    let is_enough = is_nonnegative(slack - KEY_SLACK_MIN);
    if (is_enough == 0) {
        return 0;
    }
    return multiply_floor(slack, 1, 2);
}

// Proven here: V - floor(ratio * mark_value / 1000).
// Assumes: ratio <= KEY_RATIO_MAX.
func key_trigger{muldiv_ptr: Muldiv*}(value: felt, ratio: felt, mark_value: felt) -> felt {
    let room = multiply_floor(ratio, mark_value, RATIO_TO_VALUE);
    return value - room;
}

// Proven here: the first account of the market's first list, from `tier` on, long before short, whose
// trigger is crossed (V < T), or 0 if none is. No list can be left out: tiers are read one after the
// other until one is missing; its lists, and those above, are empty.
func find_crossed{muldiv_ptr: Muldiv*, state_ptr: felt*}(market: felt, tier: felt) -> felt {
    alloc_locals;
    if (tier == TIERS_MAX) {
        return 0;
    }
    let leaf = read_margin(market, tier);
    local leaf: MarginLeaf* = leaf;
    if (leaf.lots_upto == 0) {
        return 0;
    }
    let triggers = read_triggers(market, tier);
    local triggers: TriggersLeaf* = triggers;
    let is_long_crossed = is_crossed(leaf, 1, triggers.long_first, triggers.long_trigger);
    if (is_long_crossed != 0) {
        return triggers.long_first;
    }
    let is_short_crossed = is_crossed(leaf, -1, triggers.short_first, triggers.short_trigger);
    if (is_short_crossed != 0) {
        return triggers.short_first;
    }
    return find_crossed(market, tier + 1);
}

// Proven here: 1 if there is a first account and its trigger is above its value, else 0.
func is_crossed{muldiv_ptr: Muldiv*}(
    leaf: MarginLeaf*, sign: felt, first: felt, trigger: felt
) -> felt {
    if (first == 0) {
        return 0;
    }
    let value = trigger_value(leaf, sign);
    return is_nonnegative(trigger - value - 1);
}
