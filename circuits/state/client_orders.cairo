// Orders by the ids that their clients chose (docs/spec/orders.md § 4).
//
// An account has no page of entries or one of its own, which it keeps: `names` is 0 or 1 + page, and a page is
// given once, since next_names only grows. An entry's place in it follows from the client id. So of account
// and client id follows the one leaf that may speak of the order, and the prover has no say about what is
// there: an entry is present just when the order in its slot has its order id, which no other order ever has.
// Every function assumes account < 2^32, range-checked, and `names` of the account's leaf.

from generated.constants import CLIENT_ORDER_BASE, NAMES_LOW_BITS, NAMES_MAX
from generated.leaves import AccountLeaf, ClientOrderLeaf, OrderLeaf
from lib.builtins import ACCESS_CELLS, Muldiv
from lib.integers import is_nonnegative
from registers import Slots, with_names
from state.accesses import ClientOrderAccess
from state.accounts import read_position, write_names
from state.open_orders import is_counted
from state.orders import read_order

// Entries of a page.
const NAMES_PAGE = 2 ** NAMES_LOW_BITS;

// Proven here: where the entry of the client id is, by its low bits. Below 2^39, as page < 2^26.
// Assumes: names != 0; 0 <= client_id < 2^62.
func entry_address{muldiv_ptr: Muldiv*}(names: felt, client_id: felt) -> felt {
    assert muldiv_ptr.a = client_id;
    assert muldiv_ptr.b = 1;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = NAMES_PAGE;
    let low = muldiv_ptr.r;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    return (CLIENT_ORDER_BASE - NAMES_PAGE) + NAMES_PAGE * names + low;
}

// Guarantees: the entry at the client id's place; unchanged.
// Assumes: as `entry_address`.
func read_entry{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    names: felt, client_id: felt
) -> ClientOrderLeaf* {
    let address = entry_address(names, client_id);
    let access = cast(state_ptr, ClientOrderAccess*);
    assert access.key = address;
    assert access.after = access.before;
    let state_ptr = state_ptr + ACCESS_CELLS;
    return &access.before;
}

// Proven here: whether the entry at the client id's place is present; it may be of another client id.
// Guarantees: then the entry and its order's leaf. (Without, they are nothing to be read.)
// Assumes: 0 <= client_id < 2^62.
// Not proven here: that the order is the account's; an entry of its page is written for its orders only.
func find_entry{muldiv_ptr: Muldiv*, state_ptr: felt*}(names: felt, client_id: felt) -> (
    is_present: felt, entry: ClientOrderLeaf*, order: OrderLeaf*
) {
    alloc_locals;
    if (names == 0) {
        return (
            is_present=0, entry=cast(0, ClientOrderLeaf*), order=cast(0, OrderLeaf*)
        );
    }
    let entry = read_entry(names, client_id);
    local entry: ClientOrderLeaf* = entry;
    if (entry.order_id == 0) {
        return (is_present=0, entry=entry, order=cast(0, OrderLeaf*));
    }
    let order = read_order(entry.slot);
    if (order.order_id == entry.order_id) {
        return (is_present=1, entry=entry, order=order);
    }
    return (is_present=0, entry=entry, order=order);
}

// Proven here: the order of a present entry is expired or cleared, in all markets or in its own: one of the
// three is asserted, so an open one has no proof (3011).
// Assumes: `leaf` is the account's leaf after `fire`, so that no deadline of it has passed; entry and order
// are those of `find_entry`, of this account.
func assert_not_open{muldiv_ptr: Muldiv*, state_ptr: felt*}(
    account: felt, leaf: AccountLeaf*, entry: ClientOrderLeaf*, order: OrderLeaf*, now_ms: felt
) {
    let is_expired = is_nonnegative(now_ms - order.expiry_ms);
    if (is_expired != 0) {
        return ();
    }
    let is_cleared = is_nonnegative(leaf.cleared - order.order_id - 1);
    if (is_cleared != 0) {
        return ();
    }
    let position = read_position(account, entry.market);
    let is_open = is_counted(order.order_id, position.orders);
    assert is_open = 0;
    return ();
}

// Proven here: an account without a page finds one (3012): next_names <= 2^26 always, since whoever takes a
// page has shown that it was not 2^26 before.
func assert_page(names: felt, next_names: felt) {
    if (names != 0) {
        return ();
    }
    // The difference has an inverse.
    tempvar left = 1 / (NAMES_MAX - next_names);
    return ();
}

// Proven here: no open order of the account has this client id, or one with the same low bits (3011); an order
// that may rest finds a page (3012).
// Assumes: 0 < client_id < 2^48; `leaf` is the account's leaf after `fire`; rests is a bit.
func assert_client_id_free{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    account: felt, leaf: AccountLeaf*, client_id: felt, rests: felt, now_ms: felt
) {
    alloc_locals;
    if (rests != 0) {
        assert_page(leaf.names, slots.lists.next_names);
    }
    local slots: Slots* = slots;
    let (is_present, entry, order) = find_entry(leaf.names, client_id);
    if (is_present != 0) {
        assert_not_open(account, leaf, entry, order, now_ms);
        return ();
    }
    return ();
}

// Guarantees: the entry at the client id's place is this order. An account without a page has the next one
// from now on, which is nobody else's: next_names is one more.
// Assumes: names are those of the account's leaf, which matching does not change; 0 < client_id < 2^48; the
// order rests in this slot, in this market.
func name_order{muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    account: felt, names: felt, client_id: felt, order_id: felt, order_slot: felt, market: felt
) {
    alloc_locals;
    let names = page_of(account, names);
    let address = entry_address(names, client_id);
    let access = cast(state_ptr, ClientOrderAccess*);
    let before = &access.before;
    assert access.key = address;
    assert access.after = ClientOrderLeaf(
        client_id=client_id,
        order_id=order_id,
        slot=order_slot,
        market=market,
        reserved4=before.reserved4,
        reserved5=before.reserved5,
        reserved6=before.reserved6,
        reserved7=before.reserved7,
    );
    let state_ptr = state_ptr + ACCESS_CELLS;
    return ();
}

// Guarantees: 1 + page of the account, taken now if it had none.
func page_of{state_ptr: felt*, slots: Slots*}(account: felt, names: felt) -> felt {
    alloc_locals;
    if (names != 0) {
        return names;
    }
    // Follows from check 3012; a second lock on the door.
    assert_page(names, slots.lists.next_names);
    local taken = slots.lists.next_names + 1;
    write_names(account, taken);
    let slots = with_names(slots, taken);
    return taken;
}
