// Sums over an account's positions (docs/spec/margin.md § 2). None can be left out: the bitmap's bits are
// taken off one by one until none is left.

from generated.constants import SIGNED_BOUND
from generated.leaves import MarginLeaf, PositionLeaf
from lib.builtins import Muldiv
from lib.integers import halve, is_nonnegative
from liquidation.triggers import trigger_use, trigger_value
from margin.position import initial_fraction, position_sum
from margin.tiers import find_tier
from state.accounts import read_position
from state.markets import read_margin

// Proven here: `sum` and the free collateral (`initial`) of exactly the positions whose bit is set in
// `positions`, bit 0 standing for market number `market`; each of these markets had a tick at oldest_ms
// or later, else there is no proof (4102).
// Assumes: positions * 2^market < 2^32; oldest_ms < 2^45, for 0 or less every tick will do.
// Not proven here: that bits are set exactly where sizes are not 0; every fill keeps that.
func sum_positions{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    account: felt, positions: felt, market: felt, oldest_ms: felt, sum: felt
) -> felt {
    alloc_locals;
    if (positions == 0) {
        return sum;
    }
    tempvar one = 1;
    tempvar zero = 0;
    assert muldiv_ptr.a = positions;
    assert muldiv_ptr.b = one;
    assert muldiv_ptr.e = zero;
    assert muldiv_ptr.c = 2;
    local rest = muldiv_ptr.q;
    tempvar bit = muldiv_ptr.r;
    let halved = muldiv_ptr + Muldiv.SIZE;
    if (bit == 0) {
        let muldiv_ptr = halved;
        return sum_positions(account, rest, market + 1, oldest_ms, sum);
    }
    let position = read_position(account, market);
    local position: PositionLeaf* = position;
    let first = read_margin(market, 0);

    // The size's sign, and 0 <= tick_ms - oldest_ms as what a muldiv cell holds; that its quotient is
    // read has the machine look at once.
    tempvar one = 1;
    tempvar zero = 0;
    assert halved.a = position.size + SIGNED_BOUND;
    assert halved.b = one;
    assert halved.e = zero;
    assert halved.c = SIGNED_BOUND;
    local sign = 2 * halved.q - 1;
    local lots = sign * position.size;
    let recent = halved + Muldiv.SIZE;
    assert recent.a = first.tick_ms - oldest_ms;
    assert recent.b = one;
    assert recent.e = zero;
    assert recent.c = one;
    tempvar age = recent.q;
    let muldiv_ptr = recent + Muldiv.SIZE;

    let (leaf, _, is_found) = find_tier(market, 0, first, lots);
    local leaf: MarginLeaf* = leaf;
    assert is_found = 1;
    let imf_ppm = initial_fraction(leaf, position.imf_ppm);
    let initial = position_sum(leaf, lots, sign, position.funding, imf_ppm);
    return sum_positions(account, rest, market + 1, oldest_ms, sum + initial);
}

// Proven here: the sums `initial`, `slack` and `use`, and of exactly the positions whose bit is set in
// `positions` their free collateral, what is above their maintenance margins, and what a fall to their
// triggers would use up; otherwise as `sum_positions`.
func sum_others{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    account: felt,
    positions: felt,
    market: felt,
    oldest_ms: felt,
    initial: felt,
    slack: felt,
    use: felt,
) -> (initial: felt, slack: felt, use: felt) {
    alloc_locals;
    if (positions == 0) {
        return (initial=initial, slack=slack, use=use);
    }
    let (local rest, bit) = halve(positions);
    if (bit == 0) {
        return sum_others(account, rest, market + 1, oldest_ms, initial, slack, use);
    }
    let position = read_position(account, market);
    local position: PositionLeaf* = position;
    let first = read_margin(market, 0);

    // As in `sum_positions`.
    tempvar one = 1;
    tempvar zero = 0;
    assert muldiv_ptr.a = position.size + SIGNED_BOUND;
    assert muldiv_ptr.b = one;
    assert muldiv_ptr.e = zero;
    assert muldiv_ptr.c = SIGNED_BOUND;
    local sign = 2 * muldiv_ptr.q - 1;
    local lots = sign * position.size;
    let recent = muldiv_ptr + Muldiv.SIZE;
    assert recent.a = first.tick_ms - oldest_ms;
    assert recent.b = one;
    assert recent.e = zero;
    assert recent.c = one;
    tempvar age = recent.q;
    let muldiv_ptr = recent + Muldiv.SIZE;

    let (leaf, _, is_found) = find_tier(market, 0, first, lots);
    local leaf: MarginLeaf* = leaf;
    assert is_found = 1;
    let imf_ppm = initial_fraction(leaf, position.imf_ppm);
    let own_initial = position_sum(leaf, lots, sign, position.funding, imf_ppm);
    local own_initial = own_initial;
    let own_slack = position_sum(leaf, lots, sign, position.funding, leaf.mmf_ppm);
    local own_slack = own_slack;
    let value = trigger_value(leaf, sign);
    let own_use = trigger_use(lots, value, position.trigger);
    return sum_others(
        account,
        rest,
        market + 1,
        oldest_ms,
        initial + own_initial,
        slack + own_slack,
        use + own_use,
    );
}

// Proven here: how many of these positions are in a market whose last tick was before oldest_ms.
// Assumes: as `sum_positions`.
func count_overdue{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    positions: felt, market: felt, oldest_ms: felt
) -> felt {
    alloc_locals;
    if (positions == 0) {
        return 0;
    }
    let (local rest, bit) = halve(positions);
    if (bit == 0) {
        return count_overdue(rest, market + 1, oldest_ms);
    }
    let leaf = read_margin(market, 0);
    let is_recent = is_nonnegative(leaf.tick_ms - oldest_ms);
    local is_recent = is_recent;
    let others = count_overdue(rest, market + 1, oldest_ms);
    return others + 1 - is_recent;
}
