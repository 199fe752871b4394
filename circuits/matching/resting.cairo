// Where what remains of an order goes (docs/spec/state.md § 8, append; matching.md § 5).

from generated.constants import LEVEL_SLOTS_MAX
from lib.integers import assert_at_least, assert_in_range
from matching.incoming import Incoming, book_of, mirror_key
from registers import Slots
from state.levels import (
    add_level,
    next_level_slot,
    read_level,
    write_level_last,
    write_level_next,
    write_level_prev,
)
from state.orders import add_order, next_order_slot, write_order_next

// Proven here: the order rests with `lots` at the end of the one level with its book and key. An
// existing level is known by book and key; a new one goes between two levels of the same book that
// are linked to each other and whose keys lie strictly on both sides, so that its key had no level.
// Assumes: an order and a level slot are available; 1 <= price <= price_max.
// Not proven here: open_orders, which the caller writes with the position.
func rest_order{range_check_ptr, state_ptr: felt*, slots: Slots*}(order: Incoming*, lots: felt) {
    alloc_locals;
    let book = book_of(order.market, order.side);
    local book = book;
    let key = mirror_key(order.price_ticks, 1 - order.side);
    local key = key;
    let order_slot = next_order_slot();
    local order_slot = order_slot;
    assert_in_range(order.level_slot, LEVEL_SLOTS_MAX - 1);

    if (order.opens_level == 0) {
        let level = write_level_last(order.level_slot, order_slot);
        assert level.book = book;
        assert level.key = key;
        local last = level.last;
        write_order_next(last, order_slot);
        add_order(
            order_id=order.order_id,
            account=order.account,
            level=order.level_slot,
            prev=last,
            lots=lots,
            expiry_ms=order.expiry_ms,
            flags=order.is_post_only,
        );
        return ();
    }

    let level_slot = next_level_slot();
    local level_slot = level_slot;
    let better = write_level_next(order.level_slot, level_slot);
    assert better.book = book;
    assert_at_least(key, better.key + 1);
    local worse_slot = better.next;
    let worse = write_level_prev(worse_slot, level_slot);
    assert worse.book = book;
    assert worse.prev = order.level_slot;
    assert_at_least(worse.key, key + 1);
    add_level(book, key, order.level_slot, worse_slot, order_slot);
    add_order(
        order_id=order.order_id,
        account=order.account,
        level=level_slot,
        prev=0,
        lots=lots,
        expiry_ms=order.expiry_ms,
        flags=order.is_post_only,
    );
    return ();
}
