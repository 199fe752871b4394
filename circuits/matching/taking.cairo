// An order that crosses the best level: the book, then what the taker has after it (docs/spec/matching.md
// § 1, § 4).

from generated.leaves import (
    AccountLeaf,
    InterestLeaf,
    LevelLeaf,
    MarginLeaf,
    MarketLeaf,
    PositionLeaf,
)
from lib.builtins import Muldiv
from lib.integers import is_not_zero
from lib.powers import power_of_two
from matching.fill import Progress, Taking
from matching.incoming import Incoming, sign_of
from matching.loop import Ending, meet_level
from matching.resting import rest_order
from registers import Slots
from state.accounts import master_of, write_account
from state.markets import read_interest, write_interest
from state.open_orders import count_order

// Proven here: matching of an order that crosses the best level, then the market's interest and both of
// the taker's leaves.
// Guarantees: lots filled, lots that rest, the venue's fees after, and makers met, `met` of them before.
// Assumes: the checks of matching/enter.cairo, and what it read; `level` is the leaf of `best`, the best
// level of the other side; `other_bits` to `use` are those of the placement rule.
func take_and_rest{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    order: Incoming*,
    market: MarketLeaf*,
    first: MarginLeaf*,
    account: AccountLeaf*,
    position: PositionLeaf*,
    other_bits: felt,
    owed: felt,
    others: felt,
    slack: felt,
    use: felt,
    limit_key: felt,
    best: felt,
    level: LevelLeaf*,
    met: felt,
    fees: felt,
) -> (filled: felt, resting: felt, fees: felt, met: felt) {
    alloc_locals;
    let interest = read_interest(order.market);
    local interest: InterestLeaf* = interest;
    let bit = power_of_two(order.market);
    local bit = bit;
    let sign = sign_of(order.side);
    let master = master_of(order.account, account);
    tempvar taking = new Taking(
        order=order,
        market=market,
        interest=interest,
        first=first,
        limit_key=limit_key,
        master=master,
        sign=sign,
        bit=bit,
        imf_ppm=position.imf_ppm,
        other_bits=other_bits,
        others=others,
        slack=slack,
    );
    tempvar start = new Progress(
        remaining=order.lots,
        withdrawn=0,
        credit=0,
        collateral=account.collateral - owed,
        use=use,
        size=position.size,
        owed=owed,
        fees=fees,
        clearing=interest.clearing,
        open_interest=interest.open_interest,
    );
    let ending = meet_level(taking, best, level, market.lots_max, met, start);
    local ending: Ending = ending;
    local progress: Progress* = ending.progress;

    // What remains rests if the order may rest and was not stopped; else it is dropped.
    local resting = order.rests * (1 - ending.is_stopped) * progress.remaining;
    local filled = order.lots - progress.remaining - progress.withdrawn;
    if (filled != 0) {
        // Each fill has written the position.
        let is_open = is_not_zero(progress.size);
        write_account(
            account=order.account,
            status=account.status,
            collateral=progress.collateral,
            positions=other_bits + is_open * bit,
        );
        write_interest(order.market, progress.open_interest, progress.clearing);
        tempvar state_ptr = state_ptr;
    } else {
        tempvar state_ptr = state_ptr;
    }
    rest_if_any(order, account, resting, ending.price);
    return (filled=filled, resting=resting, fees=progress.fees, met=ending.met);
}

// Guarantees: `lots` of the order rest at `price` and are counted as an open order, if that is not 0.
func rest_if_any{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    order: Incoming*, account: AccountLeaf*, lots: felt, price: felt
) {
    if (lots == 0) {
        return ();
    }
    count_order(order.account, order.market, account.cleared);
    return rest_order(order, lots, price, account.names);
}
