// One fill: both fill checks, then both accounts, the fees and the maker (docs/spec/matching.md § 2).

from generated.constants import BALANCE_MAX
from generated.leaves import AccountLeaf, MarketLeaf, OrderLeaf, PositionLeaf
from lib.builtins import Muldiv
from lib.integers import is_nonnegative, is_not_zero
from margin import Portfolio, maker_fee, sum_positions, taker_fee
from matching.checks import FillSide, fill_code
from matching.incoming import Incoming, mirror_key
from matching.removal import remove_order
from registers import Slots
from state.accounts import read_account, read_position, write_account, write_position
from state.orders import write_order_lots

// What stays the same while an order meets the book.
struct Taking {
    order: Incoming*,
    market: MarketLeaf*,
    // The greatest key of a level that the order crosses.
    limit_key: felt,
    // 1 for a buy, -1 for a sale.
    sign: felt,
    // 2^market, the market's bit of `positions`.
    bit: felt,
    // The taker's positions in other markets.
    others: Portfolio,
}

// What a taker has got so far; its leaves are written when it is done.
struct Progress {
    remaining: felt,
    // Of a market order: ticks * lots by which its fills were better than its limit.
    credit: felt,
    collateral: felt,
    size: felt,
    // All fees that the venue has earned.
    fees: felt,
}

// The ends of a meeting.
const FILLED = 0;
const MAKER_FAILED = 1;
const TAKER_STOPPED = 2;

// Proven here: what becomes of meeting a living maker of another account: it fills `lots`, or the
// maker fails its check, or the taker stops; in this order of checks. Only a fill changes anything.
// Guarantees: which of the three; whether the maker's level is gone; the taker's progress.
// Assumes: 1 <= lots <= maker.lots and <= remaining; `maker` is the order in `slot`, at `level`.
func try_fill{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    taking: Taking*, progress: Progress*, level_key: felt, slot: felt, maker: OrderLeaf*, lots: felt
) -> (end: felt, level_is_gone: felt, progress: Progress*) {
    alloc_locals;
    let order = taking.order;
    let market = taking.market;
    let price = mirror_key(level_key, order.side);
    local price = price;
    local notional = lots * price * market.multiplier;

    let fee = maker_fee(market, notional);
    local fee_maker = fee;
    let fee = taker_fee(market, notional);
    local fee_taker = fee;

    let maker_account = read_account(maker.account);
    local maker_account: AccountLeaf* = maker_account;
    let maker_position = read_position(maker.account, order.market);
    local maker_position: PositionLeaf* = maker_position;
    let is_open = is_not_zero(maker_position.size);
    local other_bits = maker_account.positions - is_open * taking.bit;
    let maker_others = sum_positions(maker.account, other_bits, 0, 0, Portfolio(0, 0, 0));
    local maker_collateral = maker_account.collateral + taking.sign * notional - fee_maker;
    tempvar maker_side = new FillSide(
        sign=-taking.sign,
        lots=lots,
        price_ticks=price,
        size=maker_position.size,
        others=maker_others,
        collateral_after=maker_collateral,
    );
    let code = fill_code(market, maker_side);
    if (code != 0) {
        return (end=MAKER_FAILED, level_is_gone=0, progress=progress);
    }

    local taker_collateral = progress.collateral - taking.sign * notional - fee_taker;
    tempvar taker_side = new FillSide(
        sign=taking.sign,
        lots=lots,
        price_ticks=price,
        size=progress.size,
        others=taking.others,
        collateral_after=taker_collateral,
    );
    let code = fill_code(market, taker_side);
    if (code != 0) {
        return (end=TAKER_STOPPED, level_is_gone=0, progress=progress);
    }
    local fees = progress.fees + fee_taker + fee_maker;
    let is_bounded = is_nonnegative(BALANCE_MAX - fees);
    if (is_bounded == 0) {
        return (end=TAKER_STOPPED, level_is_gone=0, progress=progress);
    }

    tempvar after = new Progress(
        remaining=progress.remaining - lots,
        credit=progress.credit + order.is_market * (taking.limit_key - level_key) * lots,
        collateral=taker_collateral,
        size=progress.size + taking.sign * lots,
        fees=fees,
    );
    local after: Progress* = after;
    local maker_size = maker_position.size - taking.sign * lots;
    let is_open = is_not_zero(maker_size);
    write_account(
        account=maker.account,
        status=maker_account.status,
        collateral=maker_collateral,
        positions=other_bits + is_open * taking.bit,
    );
    if (maker.lots == lots) {
        write_position(maker.account, order.market, maker_size, -1);
        let (_, _, is_gone) = remove_order(slot);
        return (end=FILLED, level_is_gone=is_gone, progress=after);
    }
    write_position(maker.account, order.market, maker_size, 0);
    write_order_lots(slot, maker.lots - lots);
    return (end=FILLED, level_is_gone=0, progress=after);
}
