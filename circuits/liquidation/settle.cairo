// Touching either side of a fill (docs/spec/liquidation.md § 2), from what its fill check has read: nearly
// every fill leaves both sides' triggers as they are, and then nothing is read again. And its tenure
// (conditional.md § 1), which a fill leaves alone that leaves the position in its list: that is one side's.

from generated.constants import PPM, SIGNED_BOUND
from generated.leaves import MarginLeaf, PositionLeaf
from lib.builtins import Muldiv
from lib.integers import is_nonnegative
from liquidation.lists import unlist
from liquidation.tenure import follow_tenure
from liquidation.touch import touch
from margin.fill_check import FillSide
from registers import Slots, with_lists

// Proven here: the position's tenure, and touch, of one side of a fill, whose position's leaf has been written; 0
// if its triggers stay as they are, else 1. A position that was closed has size 0, one that was turned does
// not stand in the list of its side now: nowhere else does the tenure rise. Where the position stands in its list and the triggers use no more than S, touch
// (liquidation/touch.cairo) would leave the account as it is; everywhere else it is called.
// Assumes: `leaf`, `tier` and `sign` are the fill check's answer for this side; `before` is the position's
// leaf before the fill; `bit` is 2^market; a position in a list stands in one of its side (every touch leaves it
// so).
func settle{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    market: felt,
    bit: felt,
    side: FillSide*,
    leaf: MarginLeaf*,
    tier: felt,
    sign: felt,
    before: PositionLeaf*,
) -> felt {
    alloc_locals;
    // Lots along `sign`, which is the fill's side, or its opposite where it only reduces.
    local lots = sign * (side.size + side.sign * side.lots);
    if (lots == 0) {
        unlist(side.account, market);
        follow_tenure(side.account, market, side.size, 0);
        let is_kept = is_nonnegative(side.collateral_after + side.slack - side.use);
        if (is_kept != 0) {
            return 0;
        }
        return touch_side(side, side.other_bits);
    }
    if (before.list != 1 + 2 * tier + (1 - sign) / 2) {
        follow_tenure(side.account, market, side.size, sign * lots);
        return touch_side(side, side.other_bits + bit);
    }

    // trigger_value and trigger_use (liquidation/triggers.cairo), position_sum (margin/position.cairo) of a
    // position that has paid its funding, and the comparison.
    tempvar mark_value = leaf.mark_value;
    tempvar need = leaf.mmf_ppm * mark_value;
    tempvar bias = leaf.bias;
    tempvar one = 1;
    tempvar zero = 0;
    tempvar ppm = PPM;
    tempvar bound = SIGNED_BOUND;
    tempvar room = sign * (ppm * mark_value - leaf.funding) - need - before.trigger;
    let above = muldiv_ptr;
    assert above.a = room + bound;
    assert above.b = one;
    assert above.e = zero;
    assert above.c = bound;
    let use = muldiv_ptr + Muldiv.SIZE;
    assert use.a = lots;
    assert use.b = above.q * room;
    assert use.e = PPM - 1;
    assert use.c = ppm;
    let slack = muldiv_ptr + 2 * Muldiv.SIZE;
    assert slack.a = lots;
    assert slack.b = sign * ppm * mark_value - need + ppm * bias;
    assert slack.e = zero;
    assert slack.c = ppm;
    let kept = muldiv_ptr + 3 * Muldiv.SIZE;
    assert kept.a = side.collateral_after + side.slack + slack.q - lots * bias - side.use - use.q +
        bound;
    assert kept.b = one;
    assert kept.e = zero;
    assert kept.c = bound;
    let muldiv_ptr = muldiv_ptr + 4 * Muldiv.SIZE;
    if (kept.q != 0) {
        return 0;
    }
    return touch_side(side, side.other_bits + bit);
}

// Proven here: touch of the side's account, with these positions.
func touch_side{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    side: FillSide*, positions: felt
) -> felt {
    alloc_locals;
    let lists = slots.lists;
    touch{lists=lists}(side.account, positions, side.collateral_after);
    let slots = with_lists(slots, lists);
    return 1;
}
