// A change of a position outside of the matching loop: by a liquidating fill, a takeover or deleveraging.

from generated.leaves import AccountLeaf, InterestLeaf, MarginLeaf, PositionLeaf
from lib.builtins import Muldiv
from lib.integers import is_not_zero, magnitude
from lib.powers import power_of_two
from liquidation.lists import unlist
from liquidation.tenure import follow_tenure
from liquidation.touch import touch
from margin.position import funding_owed
from registers import Lists
from state.accounts import read_account, read_position, write_account, write_position
from state.markets import read_interest, write_interest

// What both sides of an exchange do to the market: funding paid to its clearing account, and by how much
// |size| grows.
struct Effect {
    owed: felt,
    growth: felt,
}

// Guarantees: the account has paid its funding in the market, then its position has `change` more lots
// (signed), its cash `quote` more, its bitmap the market's bit just if the size is not 0, and its position
// `orders_change` more open orders; a position of size 0 stands in no list; its tenure has followed.
// Assumes: `first` is tier 0 of the market, market < 32; the size after is within the position limit.
func change_position{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    account: felt, market: felt, first: MarginLeaf*, change: felt, quote: felt, orders_change: felt
) -> Effect {
    alloc_locals;
    let leaf = read_account(account);
    local leaf: AccountLeaf* = leaf;
    let position = read_position(account, market);
    local position: PositionLeaf* = position;
    let owed = funding_owed(first, position.size, position.funding);
    local owed = owed;
    local size = position.size + change;
    let was_open = is_not_zero(position.size);
    local was_open = was_open;
    let is_open = is_not_zero(size);
    local is_open = is_open;
    let bit = power_of_two(market);
    write_account(
        account=account,
        status=leaf.status,
        collateral=leaf.collateral - owed + quote,
        positions=leaf.positions + (is_open - was_open) * bit,
    );
    write_position(account, market, size, is_open * first.funding, orders_change);
    let lots_before = magnitude(position.size);
    local lots_before = lots_before;
    let lots = magnitude(size);
    local growth = lots - lots_before;
    follow_tenure(account, market, position.size, size);
    if (size == 0) {
        unlist(account, market);
        return (Effect(owed=owed, growth=growth));
    }
    return (Effect(owed=owed, growth=growth));
}

// Guarantees: the market's open interest and clearing account after both sides of an exchange.
func add_effects{state_ptr: felt*}(market: felt, one: Effect, other: Effect) {
    alloc_locals;
    let interest = read_interest(market);
    write_interest(
        market,
        interest.open_interest + one.growth + other.growth,
        interest.clearing + one.owed + other.owed,
    );
    return ();
}

// Guarantees: the account's cash is `amount` (signed) more.
func add_cash{state_ptr: felt*}(account: felt, amount: felt) {
    alloc_locals;
    let leaf = read_account(account);
    write_account(
        account=account,
        status=leaf.status,
        collateral=leaf.collateral + amount,
        positions=leaf.positions,
    );
    return ();
}

// Proven here: touch of an account as it is now (liquidation/touch.cairo).
func touch_account{muldiv_ptr: Muldiv*, state_ptr: felt*, lists: Lists*}(account: felt) {
    alloc_locals;
    let leaf = read_account(account);
    return touch(account, leaf.positions, leaf.collateral);
}
