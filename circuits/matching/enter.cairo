// An order from its checks to its rest: what `place` and `amend` share (docs/spec/commands.md § 5).

from generated.constants import OPEN_ORDERS_MAX
from generated.leaves import AccountLeaf, MarketLeaf, PositionLeaf
from lib.builtins import Muldiv
from lib.integers import assert_at_least, assert_in_range, is_not_zero
from lib.powers import power_of_two
from margin import Portfolio, sum_positions
from matching.checks import assert_placement
from matching.fill import Progress, Taking
from matching.incoming import Incoming, head_of, mirror_key, sign_of
from matching.loop import match_order
from matching.resting import rest_order
from registers import Slots
from state.accounts import read_account, read_position, write_account, write_position
from state.levels import assert_level_slot_available, read_level
from state.markets import read_market
from state.orders import assert_order_slot_available

// Proven here: the market exists (1101) and has a price (4101), price and lots are in its range
// (1102, 1103), an order that rests finds a count, an order slot and a level slot (3001, 3002), the
// placement rule holds (2001, 2002); then matching as matching.md § 1 has it, and both of the taker's
// leaves, written once.
// Guarantees: lots filled, lots that rest, and the venue's fees after.
// Assumes: market < 32, side and the kinds of order are bits, the account is open.
// Not proven here: expiry (l2_place, l2_amend), and the order id.
func enter_order{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    order: Incoming*, fees: felt
) -> (filled: felt, resting: felt, fees: felt) {
    alloc_locals;
    let market = read_market(order.market);
    local market: MarketLeaf* = market;
    assert_at_least(market.multiplier, 1);
    assert_at_least(market.mark_ticks, 1);
    assert_in_range(order.price_ticks - 1, market.price_max - 1);
    assert_in_range(order.lots - 1, market.lots_max - 1);

    let account = read_account(order.account);
    local account: AccountLeaf* = account;
    let position = read_position(order.account, order.market);
    local position: PositionLeaf* = position;
    assert_room(order, position.open_orders);

    let bit = power_of_two(order.market);
    local bit = bit;
    let is_open = is_not_zero(position.size);
    local other_bits = account.positions - is_open * bit;
    let others = sum_positions(order.account, other_bits, 0, 0, Portfolio(0, 0, 0));
    local others: Portfolio = others;
    assert_placement(order, market, account.collateral, position.size, others);

    let sign = sign_of(order.side);
    let limit_key = mirror_key(order.price_ticks, order.side);
    tempvar taking = new Taking(
        order=order, market=market, limit_key=limit_key, sign=sign, bit=bit, others=others
    );
    tempvar start = new Progress(
        remaining=order.lots, credit=0, collateral=account.collateral, size=position.size, fees=fees
    );
    let head_slot = head_of(order.market, 1 - order.side);
    let head = read_level(head_slot);
    let (local progress, is_stopped) = match_order(taking, head.next, 0, start);

    let resting = resting_lots(order, progress.remaining, is_stopped);
    local resting = resting;
    let is_resting = is_not_zero(resting);
    write_position(order.account, order.market, progress.size, is_resting);
    write_taker(order, account, progress, other_bits, bit);
    rest_if_any(order, resting);
    return (filled=order.lots - progress.remaining, resting=resting, fees=progress.fees);
}

// Proven here: an order that may rest finds room, before matching (3001, 3002).
func assert_room{range_check_ptr, slots: Slots*}(order: Incoming*, open_orders: felt) {
    if (order.rests == 0) {
        return ();
    }
    assert_at_least(OPEN_ORDERS_MAX - 1, open_orders);
    assert_order_slot_available();
    assert_level_slot_available();
    return ();
}

// What remains rests if the order may rest and was not stopped; else it is dropped.
func resting_lots(order: Incoming*, remaining: felt, is_stopped: felt) -> felt {
    return order.rests * (1 - is_stopped) * remaining;
}

// Guarantees: collateral and the market's bit are the taker's after its fills; without any, untouched.
func write_taker{state_ptr: felt*}(
    order: Incoming*, account: AccountLeaf*, progress: Progress*, other_bits: felt, bit: felt
) {
    alloc_locals;
    if (progress.remaining == order.lots) {
        return ();
    }
    let is_open = is_not_zero(progress.size);
    return write_account(
        account=order.account,
        status=account.status,
        collateral=progress.collateral,
        positions=other_bits + is_open * bit,
    );
}

// Guarantees: `lots` of the order rest, if that is not 0.
func rest_if_any{range_check_ptr, state_ptr: felt*, slots: Slots*}(order: Incoming*, lots: felt) {
    if (lots == 0) {
        return ();
    }
    return rest_order(order, lots);
}
