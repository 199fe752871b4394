// The placement rule: what an order must pass before it meets the book (docs/spec/margin.md § 4).

from generated.constants import PPM, SIGNED_BOUND
from generated.leaves import AccountLeaf, MarginLeaf, MarketLeaf, PositionLeaf
from lib.builtins import Muldiv
from lib.powers import power_of_two
from margin.position import funding_owed, initial_fraction
from margin.sums import sum_others, sum_positions
from margin.tiers import find_higher_tier
from matching.incoming import Incoming

// Proven here: the order passes the placement rule (2009, 1108, 2001, 4102, 2002): it is reduce-only and has a
// position to reduce; or else it only reduces; or the account may trade this market, has no tick overdue
// where it holds or trades, and could fill the order whole at its limit, as a taker, and keep its initial
// margin.
// Guarantees: the bits of the account's positions in other markets; the funding that the position owes;
// for an order that crosses, of those other positions the free collateral, what is above their maintenance
// margins, and what their triggers may use up of that (margin/sums.cairo); else zeros.
// Assumes: 1 <= lots <= lots_max, 1 <= price <= price_max, market < 32; `first` is tier 0 of the market.
func assert_placement{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*}(
    order: Incoming*,
    market: MarketLeaf*,
    first: MarginLeaf*,
    account: AccountLeaf*,
    position: PositionLeaf*,
    crosses: felt,
) -> (other_bits: felt, owed: felt, others: felt, slack: felt, use: felt) {
    alloc_locals;
    local sign = 1 - 2 * order.side;
    tempvar lots = order.lots;
    // The position after, on the order's side.
    local lots_after = sign * position.size + lots;

    // Nothing reduces a position of size 0; its market's bit is not set, and it owes nothing.
    local other_bits;
    local owed;
    if (position.size != 0) {
        let bit = power_of_two(order.market);
        assert other_bits = account.positions - bit;
        let answer = funding_owed(first, position.size, position.funding);
        assert owed = answer;
        if (order.options.reduce_only != 0) {
            // -sign * size >= 1: the position is on the other side (2009).
            assert [range_check_ptr] = order.lots - lots_after - 1;
            let range_check_ptr = range_check_ptr + 1;
            let (others, slack, use) = sum_met(crosses, order.account, other_bits, 0);
            return (other_bits=other_bits, owed=owed, others=others, slack=slack, use=use);
        }
        // 1 where lots_after >= 1: is_nonnegative, of lib/integers.cairo.
        assert muldiv_ptr.a = lots_after - 1 + SIGNED_BOUND;
        assert muldiv_ptr.b = 1;
        assert muldiv_ptr.e = 0;
        assert muldiv_ptr.c = SIGNED_BOUND;
        tempvar grows = muldiv_ptr.q;
        let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
        if (grows == 0) {
            let (others, slack, use) = sum_met(crosses, order.account, other_bits, 0);
            return (other_bits=other_bits, owed=owed, others=others, slack=slack, use=use);
        }
        tempvar muldiv_ptr = muldiv_ptr;
    } else {
        assert order.options.reduce_only = 0;
        assert other_bits = account.positions;
        assert owed = 0;
        tempvar muldiv_ptr = muldiv_ptr;
    }

    tempvar mode = account.mode;
    assert mode * (mode - 1 - order.market) = 0;
    assert [range_check_ptr] = first.tick_ms - order.oldest_ms;

    local others;
    local slack;
    local use;
    if (other_bits != 0) {
        let sum = sum_met(crosses, order.account, other_bits, order.oldest_ms);
        assert others = sum.initial;
        assert slack = sum.slack;
        assert use = sum.use;
        tempvar muldiv_ptr = muldiv_ptr;
        tempvar state_ptr = state_ptr;
    } else {
        assert others = 0;
        assert slack = 0;
        assert use = 0;
        tempvar muldiv_ptr = muldiv_ptr;
        tempvar state_ptr = state_ptr;
    }

    // The size after, lots_after >= 1 on the order's side, must fit a tier: the first, or a higher one.
    tempvar one = 1;
    tempvar zero = 0;
    let fitting = muldiv_ptr;
    assert fitting.a = first.lots_upto - lots_after + SIGNED_BOUND;
    assert fitting.b = one;
    assert fitting.e = zero;
    assert fitting.c = SIGNED_BOUND;
    let fee = muldiv_ptr + Muldiv.SIZE;
    local paid = order.lots * order.price_ticks * market.multiplier;
    assert fee.a = paid;
    assert fee.b = market.taker_ppm;
    assert fee.e = PPM - 1;
    assert fee.c = PPM;
    // What is there before any margin: the cash after the fill, and the other positions.
    local cash = account.collateral - owed - sign * paid - fee.q + others;
    let muldiv_ptr = muldiv_ptr + 2 * Muldiv.SIZE;
    local leaf: MarginLeaf*;
    if (fitting.q != 0) {
        assert leaf = first;
        tempvar muldiv_ptr = muldiv_ptr;
        tempvar state_ptr = state_ptr;
    } else {
        let (higher, _, is_found) = find_higher_tier(order.market, 0, lots_after);
        assert is_found = 1;
        assert leaf = higher;
        tempvar muldiv_ptr = muldiv_ptr;
        tempvar state_ptr = state_ptr;
    }
    local state_ptr: felt* = state_ptr;
    local imf_ppm;
    if (position.imf_ppm == 0) {
        assert imf_ppm = leaf.imf_ppm;
        tempvar muldiv_ptr = muldiv_ptr;
    } else {
        let answer = initial_fraction(leaf, position.imf_ppm);
        assert imf_ppm = answer;
        tempvar muldiv_ptr = muldiv_ptr;
    }

    // position_sum (margin/position.cairo) of a position that has paid its funding; then I' >= 0.
    tempvar bias = leaf.bias;
    assert muldiv_ptr.a = lots_after;
    assert muldiv_ptr.b = (sign * PPM - imf_ppm) * leaf.mark_value + PPM * bias;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = PPM;
    assert [range_check_ptr + 1] = cash + muldiv_ptr.q - lots_after * bias;
    let range_check_ptr = range_check_ptr + 2;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    return (other_bits=other_bits, owed=owed, others=others, slack=slack, use=use);
}

// Proven here: the sums of other positions that an order needs: all three if it meets the book, else the
// free collateral alone.
func sum_met{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    crosses: felt, account: felt, positions: felt, oldest_ms: felt
) -> (initial: felt, slack: felt, use: felt) {
    if (crosses == 0) {
        let initial = sum_positions(account, positions, 0, oldest_ms, 0);
        return (initial=initial, slack=0, use=0);
    }
    return sum_others(account, positions, 0, oldest_ms, 0, 0, 0);
}
