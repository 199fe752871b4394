// An account's positions, all of them, as keying and liquidation look at them.

from generated.leaves import MarginLeaf, PositionLeaf
from lib.builtins import Muldiv
from lib.integers import halve, is_nonnegative
from liquidation.lists import list_number
from liquidation.triggers import trigger_use, trigger_value
from margin.position import position_sum
from margin.tiers import find_tier
from state.accounts import read_position
from state.markets import read_margin

// One position, and those in higher markets behind it; after the last one a part of zeros.
struct Part {
    market: felt,
    // 1 long, -1 short; and |size|.
    sign: felt,
    lots: felt,
    // Its tier, and the list it belongs to.
    leaf: MarginLeaf*,
    list: felt,
    position: PositionLeaf*,
    // V of liquidation.md § 1.
    value: felt,
    // What it is above its maintenance margin.
    slack: felt,
    rest: Part*,
    // Sums over this part and those behind it: slack, use, notional at the mark; and how many parts do not
    // stand in the list that they belong to.
    slack_sum: felt,
    use_sum: felt,
    notional_sum: felt,
    misplaced: felt,
}

// Proven here: the parts of exactly the positions whose bit is set in `positions`, bit 0 standing for
// market number `market`, lowest market first.
// Assumes: positions * 2^market < 2^32; sizes fit a tier (no proof otherwise).
func find_parts{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    account: felt, positions: felt, market: felt
) -> Part* {
    alloc_locals;
    if (positions == 0) {
        tempvar end = new Part(
            market=0,
            sign=0,
            lots=0,
            leaf=cast(0, MarginLeaf*),
            list=0,
            position=cast(0, PositionLeaf*),
            value=0,
            slack=0,
            rest=cast(0, Part*),
            slack_sum=0,
            use_sum=0,
            notional_sum=0,
            misplaced=0,
        );
        return end;
    }
    let (local higher, bit) = halve(positions);
    if (bit == 0) {
        return find_parts(account, higher, market + 1);
    }
    let position = read_position(account, market);
    local position: PositionLeaf* = position;
    let is_long = is_nonnegative(position.size);
    local sign = 2 * is_long - 1;
    local lots = sign * position.size;
    let first = read_margin(market, 0);
    let (leaf, tier, is_found) = find_tier(market, 0, first, lots);
    local leaf: MarginLeaf* = leaf;
    assert is_found = 1;
    let list = list_number(tier, sign);
    local list = list;
    let value = trigger_value(leaf, sign);
    local value = value;
    let slack = position_sum(leaf, lots, sign, position.funding, leaf.mmf_ppm);
    local slack = slack;
    let use = trigger_use(lots, value, position.trigger);
    local use = use;
    let misplaced = differs(position.list, list);
    local misplaced = misplaced;
    let rest = find_parts(account, higher, market + 1);
    tempvar part = new Part(
        market=market,
        sign=sign,
        lots=lots,
        leaf=leaf,
        list=list,
        position=position,
        value=value,
        slack=slack,
        rest=rest,
        slack_sum=slack + rest.slack_sum,
        use_sum=use + rest.use_sum,
        notional_sum=lots * leaf.mark_value + rest.notional_sum,
        misplaced=misplaced + rest.misplaced,
    );
    return part;
}

// 1 if the two differ, else 0.
func differs(x: felt, y: felt) -> felt {
    if (x == y) {
        return 0;
    }
    return 1;
}

// Proven here: what one position is worth.
func part_value{muldiv_ptr: Muldiv*}(part: Part*) -> felt {
    return position_sum(part.leaf, part.lots, part.sign, part.position.funding, 0);
}

// Proven here: what the positions are worth together, `sum` added.
func sum_values{muldiv_ptr: Muldiv*}(part: Part*, sum: felt) -> felt {
    if (part.lots == 0) {
        return sum;
    }
    let value = part_value(part);
    return sum_values(part.rest, sum + value);
}

// Proven here: what the positions are above their close-out margins together, `sum` added.
func sum_closeouts{muldiv_ptr: Muldiv*}(part: Part*, sum: felt) -> felt {
    if (part.lots == 0) {
        return sum;
    }
    let closeout = position_sum(
        part.leaf, part.lots, part.sign, part.position.funding, part.leaf.cmf_ppm
    );
    return sum_closeouts(part.rest, sum + closeout);
}
