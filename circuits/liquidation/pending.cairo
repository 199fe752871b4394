// Markets whose trigger lists have to be looked through (docs/spec/liquidation.md § 3).

from lib.builtins import Muldiv
from lib.integers import halve
from lib.powers import power_of_two
from liquidation.triggers import find_crossed

// Proven here: 2^market if a trigger of the market is crossed, else 0.
// Assumes: market < 32.
func pending_bit{muldiv_ptr: Muldiv*, state_ptr: felt*}(market: felt) -> felt {
    alloc_locals;
    let crossed = find_crossed(market, 0);
    if (crossed == 0) {
        return 0;
    }
    let bit = power_of_two(market);
    return bit;
}

// Proven here: the lowest market of a bitmap, counted from `market` for bit 0. A bitmap of 0 has no proof:
// the market would not end at 32, and its halves never at a bit.
// Assumes: pending < 2^32.
func lowest_market{muldiv_ptr: Muldiv*}(pending: felt, market: felt) -> felt {
    let (half, bit) = halve(pending);
    if (bit == 0) {
        return lowest_market(half, market + 1);
    }
    return market;
}
