// One fill: both fill checks, the market's bounds, then both accounts, fees and the maker (docs/spec/
// matching.md § 1, § 2).

from generated.constants import BALANCE_MAX, PPM
from generated.leaves import (
    AccountLeaf,
    InterestLeaf,
    MarginLeaf,
    MarketLeaf,
    OrderLeaf,
    PositionLeaf,
)
from lib.builtins import Muldiv
from lib.integers import is_nonnegative, is_not_zero
from liquidation.settle import settle
from margin.fill_check import FillSide, check_fill
from margin.position import funding_owed
from margin.sums import sum_others
from matching.incoming import Incoming, mirror_key
from matching.removal import remove_order
from registers import Slots
from state.accounts import write_account, write_position
from state.orders import write_order_lots

// What stays the same while an order meets the book.
struct Taking {
    order: Incoming*,
    market: MarketLeaf*,
    // As it was before the order: its bounds and the maker's fee.
    interest: InterestLeaf*,
    // Tier 0 of the market; mark and funding are those of every tier.
    first: MarginLeaf*,
    // The greatest key of a level that the order crosses.
    limit_key: felt,
    // The taker's master, of whose accounts orders may be its own (matching/own.cairo).
    master: felt,
    // 1 for a buy, -1 for a sale.
    sign: felt,
    // 2^market, the market's bit of `positions`.
    bit: felt,
    // The taker's own leverage in the market, its positions in others and their free collateral.
    imf_ppm: felt,
    other_bits: felt,
    others: felt,
    // What those are above their maintenance margins.
    slack: felt,
}

// What a taker has got so far; its account and the market's interest are written when it is done.
struct Progress {
    remaining: felt,
    // Lots that self-trade prevention took off: neither remaining nor filled.
    withdrawn: felt,
    // Of a market order: ticks * lots by which its fills were better than its limit.
    credit: felt,
    // With the funding that the position owed taken off.
    collateral: felt,
    // What the triggers of its positions in other markets may use up.
    use: felt,
    size: felt,
    // That funding, until the first fill pays it to the clearing account.
    owed: felt,
    // All fees that the venue has earned.
    fees: felt,
    clearing: felt,
    open_interest: felt,
}

// The ends of a meeting.
const FILLED = 0;
const MAKER_FAILED = 1;
const TAKER_STOPPED = 2;

// Proven here: what becomes of meeting a living maker of another account: it fills `lots`, or the
// maker fails its check, or the taker stops; in this order of checks. Only a fill changes anything.
// Guarantees: which of the three; whether the maker's level is gone; the taker's progress.
// Assumes: 1 <= lots <= maker.lots and <= remaining; `maker` is the living order in `slot`, at `level_key`;
// the leaves are its account's and its position's, now.
func try_fill{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    taking: Taking*,
    progress: Progress*,
    level_key: felt,
    slot: felt,
    maker: OrderLeaf*,
    maker_account: AccountLeaf*,
    maker_position: PositionLeaf*,
    lots: felt,
) -> (end: felt, level_is_gone: felt, progress: Progress*) {
    alloc_locals;
    local order: Incoming* = taking.order;
    local first: MarginLeaf* = taking.first;
    local sign = taking.sign;
    let price = mirror_key(level_key, order.side);
    local notional = lots * price * taking.market.multiplier;

    // Both fees, rounded up; a rebate is a maker's fee below 0, so that 10^6 is added to its ppm.
    tempvar below_ppm = PPM - 1;
    tempvar ppm = PPM;
    let makers = muldiv_ptr;
    assert makers.a = notional;
    assert makers.b = taking.interest.maker_ppm + ppm;
    assert makers.e = below_ppm;
    assert makers.c = ppm;
    local fee_maker = makers.q - notional;
    let takers = muldiv_ptr + Muldiv.SIZE;
    assert takers.a = notional;
    assert takers.b = taking.market.taker_ppm;
    assert takers.e = below_ppm;
    assert takers.c = ppm;
    local fee_taker = takers.q;
    let muldiv_ptr = muldiv_ptr + 2 * Muldiv.SIZE;

    let is_open = is_not_zero(maker_position.size);
    local other_bits = maker_account.positions - is_open * taking.bit;
    let (local others, local slack, local use) = sum_others(
        maker.account, other_bits, 0, 0, 0, 0, 0
    );
    let owed = funding_owed(first, maker_position.size, maker_position.funding);
    local maker_owed = owed;
    tempvar maker_paid = maker_account.collateral - maker_owed;
    local maker_collateral = maker_paid + sign * notional - fee_maker;
    tempvar maker_side = new FillSide(
        sign=-sign,
        lots=lots,
        account=maker.account,
        size=maker_position.size,
        imf_ppm=maker_position.imf_ppm,
        other_bits=other_bits,
        others=others,
        slack=slack,
        use=use,
        collateral=maker_paid,
        collateral_after=maker_collateral,
    );
    local maker_side: FillSide* = maker_side;
    let (
        code, local maker_growth, local maker_leaf: MarginLeaf*, local maker_tier, local maker_sign
    ) = check_fill(order.market, first, maker_side);
    if (code != 0) {
        return (end=MAKER_FAILED, level_is_gone=0, progress=progress);
    }

    local taker_collateral = progress.collateral - sign * notional - fee_taker;
    tempvar taker_side = new FillSide(
        sign=sign,
        lots=lots,
        account=order.account,
        size=progress.size,
        imf_ppm=taking.imf_ppm,
        other_bits=taking.other_bits,
        others=taking.others,
        slack=taking.slack,
        use=progress.use,
        collateral=progress.collateral,
        collateral_after=taker_collateral,
    );
    local taker_side: FillSide* = taker_side;
    let (
        code, taker_growth, local taker_leaf: MarginLeaf*, local taker_tier, local taker_sign
    ) = check_fill(order.market, first, taker_side);
    if (code != 0) {
        return (end=TAKER_STOPPED, level_is_gone=0, progress=progress);
    }
    tempvar after = new Progress(
        remaining=progress.remaining - lots,
        withdrawn=progress.withdrawn,
        credit=progress.credit + order.is_market * (taking.limit_key - level_key) * lots,
        collateral=taker_collateral,
        use=progress.use,
        size=progress.size + sign * lots,
        owed=0,
        fees=progress.fees + fee_taker + fee_maker,
        clearing=progress.clearing + progress.owed + maker_owed,
        open_interest=progress.open_interest + maker_growth + taker_growth,
    );
    local after: Progress* = after;
    let is_bounded = market_allows(taking, progress, after);
    if (is_bounded == 0) {
        return (end=TAKER_STOPPED, level_is_gone=0, progress=progress);
    }

    let is_open = is_not_zero(after.size);
    let taker_position = write_position(
        order.account, order.market, after.size, is_open * first.funding, 0
    );
    local taker_position: PositionLeaf* = taker_position;
    let level_is_gone = pay_maker(taking, maker_side, maker_account.status, slot, maker, lots);
    local level_is_gone = level_is_gone;

    let is_moved = settle(
        order.market, taking.bit, taker_side, taker_leaf, taker_tier, taker_sign, taker_position
    );
    local is_moved = is_moved;
    settle(
        order.market, taking.bit, maker_side, maker_leaf, maker_tier, maker_sign, maker_position
    );
    if (is_moved == 0) {
        return (end=FILLED, level_is_gone=level_is_gone, progress=after);
    }
    let moved = with_use(taking, after);
    return (end=FILLED, level_is_gone=level_is_gone, progress=moved);
}

// Guarantees: the maker's account, position and order after the fill; whether its level is gone.
// Assumes: the fill of `lots` passed every check.
func pay_maker{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    taking: Taking*, side: FillSide*, status: felt, slot: felt, maker: OrderLeaf*, lots: felt
) -> felt {
    alloc_locals;
    local size = side.size + side.sign * lots;
    let is_open = is_not_zero(size);
    local funding = is_open * taking.first.funding;
    write_account(
        account=side.account,
        status=status,
        collateral=side.collateral_after,
        positions=side.other_bits + is_open * taking.bit,
    );
    if (maker.lots == lots) {
        write_position(side.account, taking.order.market, size, funding, -1);
        let (_, _, is_gone) = remove_order(slot);
        return is_gone;
    }
    write_position(side.account, taking.order.market, size, funding, 0);
    write_order_lots(slot, maker.lots - lots);
    return 0;
}

// Proven here: the taker's progress, with what the triggers that it has now may use up.
func with_use{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    taking: Taking*, progress: Progress*
) -> Progress* {
    alloc_locals;
    let (_, _, use) = sum_others(taking.order.account, taking.other_bits, 0, 0, 0, 0, 0);
    tempvar moved = new Progress(
        remaining=progress.remaining,
        withdrawn=progress.withdrawn,
        credit=progress.credit,
        collateral=progress.collateral,
        use=use,
        size=progress.size,
        owed=progress.owed,
        fees=progress.fees,
        clearing=progress.clearing,
        open_interest=progress.open_interest,
    );
    return moved;
}

// Proven here: 1 if fees and clearing stay within BALANCE_MAX (2005) and open interest does not grow past
// its bound (2007), else 0.
// Assumes: `before` is within the bounds; each sum is below 2^60 in size.
func market_allows{muldiv_ptr: Muldiv*}(
    taking: Taking*, before: Progress*, after: Progress*
) -> felt {
    alloc_locals;
    let fees_fit = is_nonnegative(BALANCE_MAX - after.fees);
    if (fees_fit == 0) {
        return 0;
    }
    if (after.clearing != before.clearing) {
        let is_below_top = is_nonnegative(BALANCE_MAX - after.clearing);
        local is_below_top = is_below_top;
        let is_above_bottom = is_nonnegative(BALANCE_MAX + after.clearing);
        if (is_below_top * is_above_bottom == 0) {
            return 0;
        }
        tempvar muldiv_ptr = muldiv_ptr;
    } else {
        tempvar muldiv_ptr = muldiv_ptr;
    }
    let interest_fits = is_nonnegative(taking.interest.oi_max - after.open_interest);
    if (interest_fits != 0) {
        return 1;
    }
    // Past the bound already: it may only not grow.
    return is_nonnegative(before.open_interest - after.open_interest);
}
