// Where what remains of an order goes (docs/spec/state.md § 7, § 8, append; matching.md § 5).

from generated.constants import (
    KEY_TAIL,
    LEVEL_BASE,
    LEVEL_SLOTS_MAX,
    OPEN_ORDERS_MAX,
    ORDERS_CLEARED_SHIFT,
    ORDER_BASE,
    ORDER_SLOTS_MAX,
)
from lib.builtins import ACCESS_CELLS, Muldiv
from lib.integers import RANGE_TOP, assert_at_least
from matching.incoming import Incoming
from registers import Slots
from state.accesses import LevelAccess, OrderAccess
from state.client_orders import name_order

// Proven here: an order that may rest finds room, before matching (3001, 3002).
// Assumes: the slots' numbers are below 2^62; `orders` is the packed count, after its account's `cleared`.
func assert_room{range_check_ptr, muldiv_ptr: Muldiv*, slots: Slots*}(
    order: Incoming*, orders: felt
) {
    if (order.rests == 0) {
        return ();
    }
    // open_orders, the low part of the count.
    assert muldiv_ptr.a = orders;
    assert muldiv_ptr.b = 1;
    assert muldiv_ptr.e = 0;
    assert muldiv_ptr.c = ORDERS_CLEARED_SHIFT;
    assert [range_check_ptr] = (OPEN_ORDERS_MAX - 1) - muldiv_ptr.r;
    let range_check_ptr = range_check_ptr + 1;
    let muldiv_ptr = muldiv_ptr + Muldiv.SIZE;
    // No factor is zero: both free lists have a slot.
    if (slots.order_free * slots.level_free != 0) {
        return ();
    }
    if (slots.order_free == 0) {
        assert_at_least(ORDER_SLOTS_MAX - 1, slots.order_high);
        tempvar range_check_ptr = range_check_ptr;
    } else {
        tempvar range_check_ptr = range_check_ptr;
    }
    if (slots.level_free == 0) {
        assert_at_least(LEVEL_SLOTS_MAX - 1, slots.level_high);
        return ();
    }
    return ();
}

// Proven here: the order rests with `lots` at `price`, at the end of the one level with its book and key, and
// its client id leads to it. An
// existing level is known by book and key; a new one goes between two levels of the same book that
// are linked to each other and whose keys lie strictly on both sides, so that its key had no level.
// Slots are taken as the rule says: the head of the free list, whose leaf links to the next head, else
// the lowest one never used, whose leaf is all zeros: the list stays empty.
// Assumes: an order and a level slot are available; 1 <= price <= price_max; `names` is the account's.
// Not proven here: its count, which the caller writes with the position.
func rest_order{range_check_ptr, muldiv_ptr: Muldiv*, state_ptr: felt*, slots: Slots*}(
    order: Incoming*, lots: felt, price: felt, names: felt
) {
    alloc_locals;
    tempvar side = order.side;
    // 1 + 2 * market + side, and the price, of a bid its mirror image (matching/incoming.cairo).
    local book = 2 * order.market + side + 1;
    local key = price + (1 - side) * (KEY_TAIL - 2 * price);
    local named_level = order.level_slot;
    assert [range_check_ptr] = named_level;
    assert [range_check_ptr + 1] = named_level + (RANGE_TOP - (LEVEL_SLOTS_MAX - 1));

    local order_slot;
    local order_high;
    if (slots.order_free != 0) {
        assert order_slot = slots.order_free;
        assert order_high = slots.order_high;
    } else {
        assert order_slot = slots.order_high;
        assert order_high = order_slot + 1;
    }

    // The order's level and the order before it there; the level slots after.
    local level;
    local prev;
    local level_free;
    local level_high;
    if (order.opens_level == 0) {
        let existing = cast(state_ptr, LevelAccess*);
        assert existing.key = LEVEL_BASE + named_level;
        assert existing.before.book = book;
        assert existing.before.key = key;
        assert level = named_level;
        assert prev = existing.before.last;
        assert level_free = slots.level_free;
        assert level_high = slots.level_high;
        assert existing.after.book = book;
        assert existing.after.key = key;
        assert existing.after.prev = existing.before.prev;
        assert existing.after.next = existing.before.next;
        assert existing.after.first = existing.before.first;
        assert existing.after.last = order_slot;
        assert existing.after.reserved6 = existing.before.reserved6;
        assert existing.after.reserved7 = existing.before.reserved7;

        let newest = cast(state_ptr + ACCESS_CELLS, OrderAccess*);
        assert newest.key = ORDER_BASE + prev;
        assert newest.after.order_id = newest.before.order_id;
        assert newest.after.account = newest.before.account;
        assert newest.after.level = newest.before.level;
        assert newest.after.prev = newest.before.prev;
        assert newest.after.next = order_slot;
        assert newest.after.lots = newest.before.lots;
        assert newest.after.expiry_ms = newest.before.expiry_ms;
        assert newest.after.flags = newest.before.flags;
        tempvar range_check_ptr = range_check_ptr + 2;
        tempvar state_ptr = state_ptr + 2 * ACCESS_CELLS;
    } else {
        // The only order of its level. As a cell that holds 0, `prev` also stands for the zeros below.
        assert prev = 0;
        let opened = cast(state_ptr + 2 * ACCESS_CELLS, LevelAccess*);
        if (slots.level_free != 0) {
            assert level = slots.level_free;
            assert level_high = slots.level_high;
        } else {
            assert level = slots.level_high;
            assert level_high = level + 1;
        }

        let better = cast(state_ptr, LevelAccess*);
        assert better.key = LEVEL_BASE + named_level;
        local worse_slot = better.before.next;
        assert better.before.book = book;
        assert [range_check_ptr + 2] = key - better.before.key - 1;
        assert better.after.book = book;
        assert better.after.key = better.before.key;
        assert better.after.prev = better.before.prev;
        assert better.after.next = level;
        assert better.after.first = better.before.first;
        assert better.after.last = better.before.last;
        assert better.after.reserved6 = better.before.reserved6;
        assert better.after.reserved7 = better.before.reserved7;

        let worse = cast(state_ptr + ACCESS_CELLS, LevelAccess*);
        assert worse.key = LEVEL_BASE + worse_slot;
        assert worse.before.book = book;
        assert worse.before.prev = named_level;
        assert [range_check_ptr + 3] = worse.before.key - key - 1;
        assert worse.after.book = book;
        assert worse.after.key = worse.before.key;
        assert worse.after.prev = level;
        assert worse.after.next = worse.before.next;
        assert worse.after.first = worse.before.first;
        assert worse.after.last = worse.before.last;
        assert worse.after.reserved6 = worse.before.reserved6;
        assert worse.after.reserved7 = worse.before.reserved7;

        assert opened.key = LEVEL_BASE + level;
        // Follows from the invariants; a second lock on the door.
        assert opened.before.book = prev;
        assert opened.after.book = book;
        assert opened.after.key = key;
        assert opened.after.prev = named_level;
        assert opened.after.next = worse_slot;
        assert opened.after.first = order_slot;
        assert opened.after.last = order_slot;
        assert opened.after.reserved6 = prev;
        assert opened.after.reserved7 = prev;
        assert level_free = opened.before.next;
        tempvar range_check_ptr = range_check_ptr + 4;
        tempvar state_ptr = state_ptr + 3 * ACCESS_CELLS;
    }

    let resting = cast(state_ptr, OrderAccess*);
    assert resting.key = ORDER_BASE + order_slot;
    // Follows from the invariants; a second lock on the door.
    assert resting.before.order_id = 0;
    assert resting.after.order_id = order.order_id;
    assert resting.after.account = order.account;
    assert resting.after.level = level;
    assert resting.after.prev = prev;
    assert resting.after.next = 0;
    assert resting.after.lots = lots;
    assert resting.after.expiry_ms = order.expiry_ms;
    assert resting.after.flags = order.flags;
    let state_ptr = state_ptr + ACCESS_CELLS;
    tempvar slots = new Slots(
        order_free=resting.before.next,
        order_high=order_high,
        level_free=level_free,
        level_high=level_high,
        lists=slots.lists,
    );
    if (order.client_id != 0) {
        local range_check_ptr = range_check_ptr;
        name_order(
            order.account, names, order.client_id, order.order_id, order_slot, order.market
        );
        return ();
    }
    return ();
}
