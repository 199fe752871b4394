"""The lists in the state: free slots, price levels, orders of a level (docs/spec/state.md § 4-8).

A book is 1 + 2 * market + side. Nothing is remembered beside the leaves: every question walks the
lists.
"""

from typing import NamedTuple

from tests.model.open_orders import count_removed, count_rested
from tests.model.state import CLOCK, Felts, State, level_address, order_address
from zkperp._generated.codes import Side
from zkperp._generated.constants import (
    KEY_TAIL,
    LEVEL_BASE,
    LEVEL_SLOTS_MAX,
    ORDER_BASE,
    ORDER_SLOTS_MAX,
)
from zkperp._generated.leaves import ClockFelt, LevelFelt, OrderFelt


class Slots(NamedTuple):
    """A region of slots and where its free list is kept; each slot begins with a leaf."""

    base: int
    free: int
    high: int
    link: int
    slots_max: int
    keeper: int = CLOCK
    stride: int = 1

    def at(self, slot: int) -> int:
        """Return where a slot's first leaf lives."""
        return self.base + self.stride * slot


ORDERS = Slots(
    ORDER_BASE, ClockFelt.ORDER_FREE, ClockFelt.ORDER_HIGH, OrderFelt.NEXT, ORDER_SLOTS_MAX
)
LEVELS = Slots(
    LEVEL_BASE, ClockFelt.LEVEL_FREE, ClockFelt.LEVEL_HIGH, LevelFelt.NEXT, LEVEL_SLOTS_MAX
)


def available(state: State, slots: Slots) -> bool:
    """Say whether a slot can be allocated (state.md § 7)."""
    free, high = state.get(slots.keeper, slots.free), state.get(slots.keeper, slots.high)
    return free != 0 or high < slots.slots_max


def allocate(state: State, slots: Slots) -> int:
    """Take a slot: the last one released, else the lowest never used (state.md § 7)."""
    free, high = state.get(slots.keeper, slots.free), state.get(slots.keeper, slots.high)
    if free != 0:
        state.put(slots.keeper, slots.free, state.get(slots.at(free), slots.link))
        return free
    state.put(slots.keeper, slots.high, high + 1)
    return high


def release(state: State, slots: Slots, slot: int) -> None:
    """Give a slot back (state.md § 7)."""
    state.write(slots.at(slot))
    state.put(slots.at(slot), slots.link, state.get(slots.keeper, slots.free))
    state.put(slots.keeper, slots.free, slot)


def free_slots(state: State, slots: Slots) -> list[int]:
    """Return a region's free list; its leaves hold nothing but their link (state.md § 7)."""
    found = []
    slot = state.get(slots.keeper, slots.free)
    while slot != 0:
        leaf = state.leaf(slots.at(slot))
        assert not any(word for field, word in enumerate(leaf) if field != slots.link)
        found.append(slot)
        slot = leaf[slots.link]
    return found


def book_of(market: int, side: int) -> int:
    """Return the book of a market's side (state.md § 4)."""
    return 1 + 2 * market + side


def market_and_side(book: int) -> tuple[int, Side]:
    """Return whose book it is."""
    return (book - 1) // 2, Side((book - 1) % 2)


def sort_key(side: int, price: int) -> int:
    """Return a price's sort key, or a key's price; the best has the least key (state.md § 4)."""
    return price if side == Side.ASK else KEY_TAIL - price


def head_of(book: int) -> int:
    """Return the slot of a book's head (state.md § 4)."""
    market, side = market_and_side(book)
    return 4 * market + 2 * side


def tail_of(book: int) -> int:
    """Return the slot of a book's tail (state.md § 4)."""
    return head_of(book) + 1


def best_level(state: State, book: int) -> int | None:
    """Return the slot of the best level, if there is any."""
    best = state.get(level_address(head_of(book)), LevelFelt.NEXT)
    return None if best == tail_of(book) else best


def find_order(state: State, order_id: int) -> int | None:
    """Return the slot of the live order with this id; a free leaf has id 0."""
    if order_id == 0:
        return None
    for slot in range(1, state.get(CLOCK, ClockFelt.ORDER_HIGH)):
        if state.get(order_address(slot), OrderFelt.ORDER_ID) == order_id:
            return slot
    return None


def insert_level(state: State, book: int, key: int, neighbours: tuple[int, int], order: int) -> int:
    """Put a new level with one order between two neighbours (state.md § 8)."""
    before, after = neighbours
    slot = allocate(state, LEVELS)
    state.write(level_address(slot), book, key, before, after, order, order)
    state.put(level_address(before), LevelFelt.NEXT, slot)
    state.put(level_address(after), LevelFelt.PREV, slot)
    return slot


def append(state: State, account: int, book: int, key: int, *, order_id: int, rest: Felts) -> int:
    """Put a new order behind all others of its price; return its slot (state.md § 8).

    Args:
        state: the state.
        account: the owner.
        book: which list.
        key: the price's sort key.
        order_id: the order's id.
        rest: lots, expiry_ms, flags.
    """
    slot = allocate(state, ORDERS)
    before = head_of(book)
    after = state.get(level_address(before), LevelFelt.NEXT)
    while state.get(level_address(after), LevelFelt.KEY) < key:
        before, after = after, state.get(level_address(after), LevelFelt.NEXT)
    if state.get(level_address(after), LevelFelt.KEY) == key:
        level, last = after, state.get(level_address(after), LevelFelt.LAST)
        state.put(order_address(last), OrderFelt.NEXT, slot)
        state.put(level_address(level), LevelFelt.LAST, slot)
    else:
        level, last = insert_level(state, book, key, (before, after), slot), 0
    state.write(order_address(slot), order_id, account, level, last, 0, *rest)
    market, _ = market_and_side(book)
    count_rested(state, account, market)
    return slot


def remove(state: State, slot: int) -> None:
    """Take an order out of its level, and the level out of its list if it was alone (§ 8)."""
    order_id, account, level, before, after, *_ = state.leaf(order_address(slot))
    at = level_address(level)
    market, _ = market_and_side(state.get(at, LevelFelt.BOOK))
    if before != 0:
        state.put(order_address(before), OrderFelt.NEXT, after)
    else:
        state.put(at, LevelFelt.FIRST, after)
    if after != 0:
        state.put(order_address(after), OrderFelt.PREV, before)
    else:
        state.put(at, LevelFelt.LAST, before)
    release(state, ORDERS, slot)
    if state.get(at, LevelFelt.FIRST) == 0:
        better, worse = state.get(at, LevelFelt.PREV), state.get(at, LevelFelt.NEXT)
        state.put(level_address(better), LevelFelt.NEXT, worse)
        state.put(level_address(worse), LevelFelt.PREV, better)
        release(state, LEVELS, level)
    count_removed(state, account, market, order_id)
