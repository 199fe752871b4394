// Takeover by the fund, and the beginning of deleveraging where it takes nothing (docs/spec/liquidation.md
// § 5.4, § 5.5).

from generated.constants import BALANCE_MAX, FUND_ACCOUNT, MARKETS_MAX
from generated.leaves import AccountLeaf, MarginLeaf, PositionLeaf
from lib.builtins import Muldiv
from lib.integers import halve, is_nonnegative, magnitude
from liquidation.exchange import Effect, add_effects, change_position, touch_account
from liquidation.formulas import closing_loss, takeover_terms
from liquidation.parts import Part, find_parts, part_value, sum_closeouts, sum_values
from liquidation.victim import Victim
from margin.position import funding_owed
from margin.tiers import find_tier
from registers import Slots, with_lists
from state.accounts import read_account, read_position
from state.markets import read_interest, read_margin
from state.system import open_deleveraging

// Proven here: the fund takes the lots that the rules name, if there is room; else deleveraging starts, of
// the fund where it holds the same side, else of the account. The lots taken.
// Assumes: no deleveraging runs.
func take_over{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(victim: Victim*) -> felt {
    alloc_locals;
    local part: Part* = victim.part;
    local market = part.market;
    if (victim.account == FUND_ACCOUNT) {
        deleverage_fund(part, victim.tav, victim.tav - victim.slack, victim.margin);
        return 0;
    }
    let closeout = sum_closeouts(victim.parts, victim.collateral);
    let (local lots, loss) = takeover_terms(
        part.leaf, part.lots, victim.tav, victim.tav - victim.slack, closeout, victim.margin
    );
    local quote = part.sign * lots * part.leaf.mark_value - loss;
    let first = read_margin(market, 0);
    local first: MarginLeaf* = first;
    let fund = read_account(FUND_ACCOUNT);
    local fund: AccountLeaf* = fund;
    let position = read_position(FUND_ACCOUNT, market);
    local position: PositionLeaf* = position;
    let takes = fund_takes(fund, position, market, first, part.sign * lots, quote);
    if (takes == 0) {
        let is_full = is_nonnegative(part.sign * position.size - 1);
        if (is_full == 0) {
            start_deleveraging(victim.account, market, lots, quote);
            return 0;
        }
        deleverage_full_fund(fund, position, market);
        return 0;
    }
    let given = change_position(
        victim.account, market, first, -part.sign * lots, quote, 0
    );
    local given: Effect = given;
    let taken = change_position(
        FUND_ACCOUNT, market, first, part.sign * lots, -quote, 0
    );
    local taken: Effect = taken;
    add_effects(market, given, taken);
    let lists = slots.lists;
    touch_account{lists=lists}(FUND_ACCOUNT);
    let slots = with_lists(slots, lists);
    return lots;
}

// Proven here: 1 if the fund, with `change` more lots for `quote`, is within a tier and BALANCE_MAX; else 0.
// Its margin is not asked for.
// Assumes: leaf and position are the fund's, `first` is tier 0 of the market.
func fund_takes{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    leaf: AccountLeaf*,
    position: PositionLeaf*,
    market: felt,
    first: MarginLeaf*,
    change: felt,
    quote: felt,
) -> felt {
    alloc_locals;
    let owed = funding_owed(first, position.size, position.funding);
    local collateral = leaf.collateral - owed - quote;
    let is_above = is_nonnegative(collateral + BALANCE_MAX);
    local is_above = is_above;
    let is_below = is_nonnegative(BALANCE_MAX - collateral);
    if (is_above * is_below == 0) {
        return 0;
    }
    let lots = magnitude(position.size + change);
    let (_, _, is_found) = find_tier(market, 0, first, lots);
    return is_found;
}

// Guarantees: all lots of the fund in the market are to be closed.
// Assumes: leaf and position are the fund's; its size is not 0.
func deleverage_full_fund{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    leaf: AccountLeaf*, position: PositionLeaf*, market: felt
) {
    alloc_locals;
    let parts = find_parts(FUND_ACCOUNT, leaf.positions, 0);
    local parts: Part* = parts;
    let tav = sum_values(parts, leaf.collateral);
    local tav = tav;
    let part = find_part(parts, market);
    local part: Part* = part;
    // Follows from the invariants, by which the bitmap has the market; a second lock on the door.
    assert part.sign * part.lots = position.size;
    let value = part_value(part);
    return deleverage_fund(
        part, tav, tav - leaf.collateral - parts.slack_sum, value - part.slack
    );
}

// Proven here: the part of this market.
// Assumes: it is `part` or behind it, else there is no run, or an empty part.
func find_part(part: Part*, market: felt) -> Part* {
    if (part.market == market) {
        return part;
    }
    return find_part(part.rest, market);
}

// Guarantees: all lots of the fund in the part's market are to be closed.
// Assumes: `part` is the fund's, and its maintenance margin is `margin`; tav and mmr are the fund's.
func deleverage_fund{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    part: Part*, tav: felt, mmr: felt, margin: felt
) {
    alloc_locals;
    let loss = closing_loss(tav, mmr, margin);
    return start_deleveraging(
        FUND_ACCOUNT, part.market, part.lots, part.sign * part.lots * part.leaf.mark_value - loss
    );
}

// Guarantees: the lots are to be closed against the whole other side, half of the open interest.
// Assumes: no deleveraging runs; open interest counts both sides.
func start_deleveraging{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    account: felt, market: felt, lots: felt, quote: felt
) {
    let interest = read_interest(market);
    let (total, _) = halve(interest.open_interest);
    open_deleveraging(1 + market + MARKETS_MAX * account, lots, quote, total);
    return ();
}
