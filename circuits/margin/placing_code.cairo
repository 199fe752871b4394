// The placement rule as an answer (docs/spec/margin.md § 4): of an order that a conditional one places it is
// asked, not asserted (margin/placement.cairo), since where it fails that has to be proven.

from generated.codes import (
    REFUSAL_INITIAL_MARGIN,
    REFUSAL_ISOLATED_ELSEWHERE,
    REFUSAL_POSITION_LIMIT,
    REFUSAL_TICK_OVERDUE,
    REFUSAL_WOULD_NOT_REDUCE,
)
from generated.constants import PPM
from generated.leaves import AccountLeaf, MarginLeaf, MarketLeaf, PositionLeaf
from lib.builtins import Muldiv
from lib.fractions import ppm_ceil
from lib.integers import is_nonnegative, is_not_zero
from lib.powers import power_of_two
from margin.fill_check import FillSide, margin_code
from margin.position import funding_owed
from margin.sums import count_overdue, sum_positions
from matching.incoming import Incoming

// Proven here: 0 if the order passes the placement rule, else the code of its first check that fails (2009,
// 1108, 2001, 4102, 2002). The prover has no say: every comparison is answered by a quotient with one solution.
// Assumes: 1 <= lots <= lots_max, 1 <= price <= price_max, market < 32; the leaves are the order's market's, its
// tier 0, its account's and its position's, as they are now.
// Not proven here: that the tiers of positions in other markets are found; the invariants have it.
func placement_code{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    order: Incoming*,
    market: MarketLeaf*,
    first: MarginLeaf*,
    account: AccountLeaf*,
    position: PositionLeaf*,
) -> felt {
    alloc_locals;
    local sign = 1 - 2 * order.side;
    // The position before and after, on the order's side.
    local along = sign * position.size;
    local lots_after = along + order.lots;
    if (order.options.reduce_only != 0) {
        let would_reduce = is_nonnegative(-along - 1);
        return (1 - would_reduce) * REFUSAL_WOULD_NOT_REDUCE;
    }
    // An order that only reduces leaves nothing on its side.
    let grows = is_nonnegative(lots_after - 1);
    if (grows == 0) {
        return 0;
    }
    if (account.mode * (account.mode - 1 - order.market) != 0) {
        return REFUSAL_ISOLATED_ELSEWHERE;
    }

    let is_open = is_not_zero(position.size);
    local is_open = is_open;
    let bit = power_of_two(order.market);
    local other_bits = account.positions - is_open * bit;
    let others = sum_positions(order.account, other_bits, 0, 0, 0);
    local others = others;
    let owed = funding_owed(first, position.size, position.funding);
    local collateral = account.collateral - owed;
    local paid = order.lots * order.price_ticks * market.multiplier;
    let fee = ppm_ceil(paid, market.taker_ppm);
    // The margin's code doesn't read what only filling needs.
    tempvar side = new FillSide(
        sign=sign,
        lots=order.lots,
        account=order.account,
        size=position.size,
        imf_ppm=position.imf_ppm,
        other_bits=other_bits,
        others=others,
        slack=0,
        use=0,
        collateral=collateral,
        collateral_after=collateral - sign * paid - fee,
    );
    let (local code, _, _) = margin_code(order.market, first, side, lots_after, sign);
    if (code == REFUSAL_POSITION_LIMIT) {
        return code;
    }
    let is_recent = is_nonnegative(first.tick_ms - order.oldest_ms);
    if (is_recent == 0) {
        return REFUSAL_TICK_OVERDUE;
    }
    let overdue = count_overdue(other_bits, 0, order.oldest_ms);
    if (overdue != 0) {
        return REFUSAL_TICK_OVERDUE;
    }
    return code;
}
