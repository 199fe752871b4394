// Whether a change that only reduces a position leaves an account no worse (docs/spec/margin.md § 5): the
// rare branch of the fill check, of an account below its initial margin.

from generated.constants import SIGNED_BOUND
from generated.leaves import MarginLeaf, PositionLeaf
from lib.builtins import Muldiv
from lib.integers import halve, is_nonnegative, minimum
from margin.position import position_sum
from margin.tiers import find_tier
from state.accounts import read_position
from state.markets import read_margin

// Parts of an account's sums: value (TAV), and what is above maintenance (S).
struct Health {
    value: felt,
    slack: felt,
}

// Proven here: both sums of one position that has paid its funding up to `entry`.
// Assumes: `first` is tier 0 of the market; the size fits a tier (no proof otherwise).
func position_health{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    market: felt, first: MarginLeaf*, size: felt, entry: felt
) -> Health {
    alloc_locals;
    let is_long = is_nonnegative(size);
    local sign = 2 * is_long - 1;
    local lots = sign * size;
    let (leaf, _, is_found) = find_tier(market, 0, first, lots);
    local leaf: MarginLeaf* = leaf;
    assert is_found = 1;
    let value = position_sum(leaf, lots, sign, entry, 0);
    local value = value;
    let slack = position_sum(leaf, lots, sign, entry, leaf.mmf_ppm);
    return (Health(value=value, slack=slack));
}

// Proven here: `sums` and both sums of exactly the positions whose bit is set in `positions`, as
// `sum_positions` (margin/sums.cairo) has it; ticks may be overdue.
func sum_health{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    account: felt, positions: felt, market: felt, sums: Health
) -> Health {
    alloc_locals;
    if (positions == 0) {
        return (sums);
    }
    let (local rest, bit) = halve(positions);
    if (bit == 0) {
        return sum_health(account, rest, market + 1, sums);
    }
    let position = read_position(account, market);
    local position: PositionLeaf* = position;
    let first = read_margin(market, 0);
    let health = position_health(market, first, position.size, position.funding);
    return sum_health(
        account,
        rest,
        market + 1,
        Health(value=sums.value + health.value, slack=sums.slack + health.slack),
    );
}

// Proven here: 1 if TAV * MMR' <= TAV' * MMR, TAV' >= min(0, TAV) and S' >= 0, else 0; MMR = TAV - S. The
// products have up to 122 bits and are compared by quotient and remainder at 2^61.
// Assumes: all sums are below 2^61 in size, and S <= TAV; so are the quotients, MMR being at most 2^58.
func keeps_ratio{muldiv_ptr: Muldiv*}(before: Health, after: Health) -> felt {
    alloc_locals;
    let is_kept = is_nonnegative(after.slack);
    if (is_kept == 0) {
        return 0;
    }
    let least = minimum(0, before.value);
    let is_high_enough = is_nonnegative(after.value - least);
    if (is_high_enough == 0) {
        return 0;
    }
    let (local high, local low) = split_product(before.value, after.value - after.slack);
    let (local high_after, local low_after) = split_product(
        after.value, before.value - before.slack
    );
    if (high == high_after) {
        return is_nonnegative(low_after - low);
    }
    return is_nonnegative(high_after - high);
}

// Proven here: floor(x * y / 2^61) and the remainder, which together are one answer for one product.
// Assumes: |x| < 2^61, 0 <= y < 2^61: (x + 2^61) * y = (high + y) * 2^61 + low.
func split_product{muldiv_ptr: Muldiv*}(x: felt, y: felt) -> (high: felt, low: felt) {
    assert muldiv_ptr.a = x + SIGNED_BOUND;
    assert muldiv_ptr.b = y;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = SIGNED_BOUND;
    let product = muldiv_ptr;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    return (high=product.q - y, low=product.r);
}
