// A due account meets the best order on the other side of the book (docs/spec/liquidation.md § 5.3).

from generated.constants import BALANCE_MAX, FUND_ACCOUNT, KEY_TAIL, PPM
from generated.leaves import (
    AccountLeaf,
    LevelLeaf,
    MarginLeaf,
    OrderLeaf,
    PositionLeaf,
)
from lib.builtins import Muldiv
from lib.integers import is_nonnegative, is_not_zero
from lib.powers import power_of_two
from liquidation.exchange import Effect, add_cash, add_effects, change_position, touch_account
from liquidation.formulas import LiquidationFill, liquidation_fill, zero_loss
from liquidation.parts import Part
from liquidation.victim import Victim
from margin.fill_check import FillSide, check_fill
from margin.position import funding_owed
from margin.sums import sum_positions
from matching.dead import fillable_lots, is_dead
from matching.incoming import mirror_key
from matching.removal import drop_order
from registers import Slots, with_lists
from state.accounts import read_account, read_position
from state.due import read_due
from state.levels import read_level
from state.markets import read_interest, read_margin, read_market, read_pricing
from state.orders import read_order, write_order_lots

// Proven here: 1 if there is a best order at a price that leaves the account no worse, and what becomes of
// it: it is removed, or fills; else 0. The lots filled, and the venue's fees after.
// Assumes: tav >= 0.
func meet_best{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    victim: Victim*, now_ms: felt, fees: felt
) -> (is_met: felt, lots: felt, fees: felt) {
    alloc_locals;
    local part: Part* = victim.part;
    // A long sells to bids, whose side is 0.
    local makers = (1 - part.sign) / 2;
    let head = read_level(4 * part.market + 2 * makers);
    let level = read_level(head.next);
    local level: LevelLeaf* = level;
    if (level.key == KEY_TAIL) {
        return (is_met=0, lots=0, fees=fees);
    }
    let price = mirror_key(level.key, 1 - makers);
    local price = price;
    let market = read_market(part.market);
    local lot_price = price * market.multiplier;
    local loss = part.sign * (part.leaf.mark_value - lot_price) * PPM;
    let zero = zero_loss(part.leaf, victim.tav, victim.tav - victim.slack);
    local zero = zero;
    let is_fair = is_nonnegative(zero - loss);
    if (is_fair == 0) {
        return (is_met=0, lots=0, fees=fees);
    }

    local slot = level.first;
    let maker = read_order(slot);
    local maker: OrderLeaf* = maker;
    let account = read_account(maker.account);
    local account: AccountLeaf* = account;
    let position = read_position(maker.account, part.market);
    local position: PositionLeaf* = position;
    let most = living_lots(maker, account, position, victim, now_ms);
    local most = most;
    if (most == 0) {
        drop_order(slot, maker, part.market);
        return (is_met=1, lots=0, fees=fees);
    }
    let pricing = read_pricing(part.market);
    let fill = liquidation_fill(
        part.leaf,
        part.lots,
        -victim.slack,
        zero,
        loss,
        lot_price,
        most,
        pricing.liquidation_ppm,
        pricing.bonus_ppm,
    );
    let (lots, fees) = try_liquidation(
        victim, slot, maker, account, position, fill, fees
    );
    return (is_met=1, lots=lots, fees=fees);
}

// Proven here: how many lots of the order may fill: 0 if it is cleared, expired or idle, the account's own, or
// a due account's.
// Assumes: the leaves are its account's and its position's.
func living_lots{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    maker: OrderLeaf*,
    account: AccountLeaf*,
    position: PositionLeaf*,
    victim: Victim*,
    now_ms: felt,
) -> felt {
    alloc_locals;
    if (maker.account == victim.account) {
        return 0;
    }
    let dead = is_dead(maker.order_id, maker.expiry_ms, account, position.orders, now_ms);
    if (dead != 0) {
        return 0;
    }
    let due = read_due(maker.account);
    if (due.is_due != 0) {
        return 0;
    }
    // The account sells what is long, so that it meets buyers.
    let most = fillable_lots(maker, -victim.part.sign, position.size);
    return most;
}

// Proven here: the fill is executed if the maker passes its check and the venue's fees stay within
// 0 .. BALANCE_MAX, else the order is removed. The lots filled, and the fees after.
// Assumes: `maker` is the living order in `slot`; the leaves are its account's and its position's.
func try_liquidation{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    victim: Victim*,
    slot: felt,
    maker: OrderLeaf*,
    account: AccountLeaf*,
    position: PositionLeaf*,
    fill: LiquidationFill*,
    fees: felt,
) -> (lots: felt, fees: felt) {
    alloc_locals;
    local market = victim.part.market;
    local sign = victim.part.sign;
    let interest = read_interest(market);
    // As in matching/fill.cairo.
    assert muldiv_ptr.a = fill.notional;
    assert muldiv_ptr.b = interest.maker_ppm + PPM;
    assert muldiv_ptr.e = PPM - 1;
    assert muldiv_ptr.c = PPM;
    local own_fee = muldiv_ptr.q - fill.notional;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    local fees_after = fees + own_fee;
    // What the maker, which buys from a long, gets.
    local quote = -sign * fill.notional - own_fee + fill.bonus;
    let first = read_margin(market, 0);
    local first: MarginLeaf* = first;
    let code = maker_code(
        maker.account, account, position, market, first, sign, fill.lots, quote
    );
    local code = code;
    let is_above = is_nonnegative(fees_after);
    local is_above = is_above;
    let is_below = is_nonnegative(BALANCE_MAX - fees_after);
    local is_bounded = is_above * is_below;
    if (code != 0) {
        drop_order(slot, maker, market);
        return (lots=0, fees=fees);
    }
    if (is_bounded == 0) {
        drop_order(slot, maker, market);
        return (lots=0, fees=fees);
    }

    let sold = change_position(
        victim.account, market, first, -sign * fill.lots, sign * fill.notional - fill.fee, 0
    );
    local sold: Effect = sold;
    let bought = change_position(
        maker.account, market, first, sign * fill.lots, quote, 0
    );
    local bought: Effect = bought;
    add_effects(market, sold, bought);
    add_cash(FUND_ACCOUNT, fill.fee - fill.bonus);
    take_lots(slot, maker, market, fill.lots);
    let lists = slots.lists;
    touch_account{lists=lists}(maker.account);
    let slots = with_lists(slots, lists);
    return (lots=fill.lots, fees=fees_after);
}

// Guarantees: the order has `lots` less, or is gone where it had no more.
func take_lots{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    slot: felt, maker: OrderLeaf*, market: felt, lots: felt
) {
    if (maker.lots == lots) {
        drop_order(slot, maker, market);
        return ();
    }
    write_order_lots(slot, maker.lots - lots);
    return ();
}

// Proven here: the fill check's code (margin/fill_check.cairo) for a maker that gets `quote` for the lots.
// Assumes: as `check_fill`; sign is 1 if the maker buys, -1 if it sells; the leaves are those of `account`.
func maker_code{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    account: felt,
    leaf: AccountLeaf*,
    position: PositionLeaf*,
    market: felt,
    first: MarginLeaf*,
    sign: felt,
    lots: felt,
    quote: felt,
) -> felt {
    alloc_locals;
    let is_open = is_not_zero(position.size);
    local is_open = is_open;
    let bit = power_of_two(market);
    local other_bits = leaf.positions - is_open * bit;
    let others = sum_positions(account, other_bits, 0, 0, 0);
    local others = others;
    let owed = funding_owed(first, position.size, position.funding);
    local paid = leaf.collateral - owed;
    // The check does not read what only touching needs.
    tempvar side = new FillSide(
        sign=sign,
        lots=lots,
        account=account,
        size=position.size,
        imf_ppm=position.imf_ppm,
        other_bits=other_bits,
        others=others,
        slack=0,
        use=0,
        collateral=paid,
        collateral_after=paid + quote,
    );
    let (code, _, _, _, _) = check_fill(market, first, side);
    return code;
}
