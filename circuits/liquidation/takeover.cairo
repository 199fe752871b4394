// Takeover by the fund, and the beginning of deleveraging where it takes nothing (docs/spec/liquidation.md
// § 5.4, § 5.5).

from generated.constants import BALANCE_MAX, FUND_ACCOUNT, MARKETS_MAX
from generated.leaves import AccountLeaf, DeleveragingLeaf, MarginLeaf, PositionLeaf
from lib.builtins import Muldiv
from lib.integers import halve, is_nonnegative, is_not_zero
from lib.powers import power_of_two
from liquidation.exchange import Effect, add_effects, change_position, touch_account
from liquidation.formulas import takeover_terms
from liquidation.parts import Part, sum_closeouts
from liquidation.victim import Victim
from margin.fill_check import FillSide, margin_code
from margin.position import funding_owed
from margin.sums import sum_positions
from registers import Slots, with_lists
from state.accounts import read_account, read_position
from state.due import read_due
from state.markets import read_interest, read_margin
from state.system import write_deleveraging

// Proven here: the fund takes the lots that the rules name, if it may; else they are to be deleveraged.
// The lots taken.
func take_over{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(victim: Victim*) -> felt {
    alloc_locals;
    local part: Part* = victim.part;
    local market = part.market;
    let closeout = sum_closeouts(victim.parts, victim.collateral);
    let (local lots, loss) = takeover_terms(
        part.leaf, part.lots, victim.tav, victim.tav - victim.slack, closeout, victim.margin
    );
    local quote = part.sign * lots * part.leaf.mark_value - loss;
    let first = read_margin(market, 0);
    local first: MarginLeaf* = first;
    let takes = fund_takes(victim.account, market, first, part.sign * lots, quote);
    if (takes == 0) {
        start_deleveraging(victim.account, market, lots, quote);
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

// Proven here: 1 if the fund is another account, not due, and with `change` more lots for `quote` within
// a tier, BALANCE_MAX and its initial margin; else 0.
func fund_takes{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    account: felt, market: felt, first: MarginLeaf*, change: felt, quote: felt
) -> felt {
    alloc_locals;
    if (account == FUND_ACCOUNT) {
        return 0;
    }
    let due = read_due(FUND_ACCOUNT);
    if (due.is_due != 0) {
        return 0;
    }
    let leaf = read_account(FUND_ACCOUNT);
    local leaf: AccountLeaf* = leaf;
    let position = read_position(FUND_ACCOUNT, market);
    local position: PositionLeaf* = position;
    let owed = funding_owed(first, position.size, position.funding);
    local collateral = leaf.collateral - owed - quote;
    let is_above = is_nonnegative(collateral + BALANCE_MAX);
    local is_above = is_above;
    let is_below = is_nonnegative(BALANCE_MAX - collateral);
    if (is_above * is_below == 0) {
        return 0;
    }

    let is_open = is_not_zero(position.size);
    local is_open = is_open;
    let bit = power_of_two(market);
    local other_bits = leaf.positions - is_open * bit;
    let others = sum_positions(FUND_ACCOUNT, other_bits, 0, 0, 0);
    local others = others;
    local size = position.size + change;
    let is_long = is_nonnegative(size);
    local sign = 2 * is_long - 1;
    // margin_code reads cash after, other positions and own leverage.
    tempvar side = new FillSide(
        sign=sign,
        lots=0,
        account=FUND_ACCOUNT,
        size=size,
        imf_ppm=position.imf_ppm,
        other_bits=other_bits,
        others=others,
        slack=0,
        use=0,
        collateral=collateral,
        collateral_after=collateral,
    );
    let (code, _, _) = margin_code(market, first, side, sign * size, sign);
    if (code != 0) {
        return 0;
    }
    return 1;
}

// Guarantees: the lots are to be closed against the whole other side, half of the open interest.
// Assumes: no deleveraging runs; open interest counts both sides.
func start_deleveraging{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    account: felt, market: felt, lots: felt, quote: felt
) {
    alloc_locals;
    let interest = read_interest(market);
    let (total, _) = halve(interest.open_interest);
    write_deleveraging(
        DeleveragingLeaf(
            target=1 + market + MARKETS_MAX * account,
            lots=lots,
            quote=quote,
            total=total,
            visited=0,
            closed=0,
            paid=0,
            last=0,
        ),
    );
    return ();
}
