"""How many orders an account has open in a market, and which of them are dead (orders.md § 3)."""

from tests.model.margin import size_of
from tests.model.options import Options
from tests.model.state import (
    State,
    account_address,
    level_address,
    order_address,
    position_address,
)
from zkperp._generated.codes import RemovalReason, Side
from zkperp._generated.constants import ORDERS_CLEARED_SHIFT
from zkperp._generated.leaves import AccountFelt, LevelFelt, OrderFelt, PositionFelt


def counted(state: State, account: int, market: int) -> tuple[int, int]:
    """Return open_orders and `cleared` of a position leaf."""
    orders = state.get(position_address(account, market), PositionFelt.ORDERS)
    cleared, count = divmod(orders, ORDERS_CLEARED_SHIFT)
    return count, cleared


def write_count(state: State, account: int, market: int, count: int, cleared: int) -> None:
    """Write open_orders and `cleared` of a position leaf."""
    orders = count + ORDERS_CLEARED_SHIFT * cleared
    state.put(position_address(account, market), PositionFelt.ORDERS, orders)


def recounted(state: State, account: int, market: int) -> tuple[int, int]:
    """Return both as a new order finds them: none is open where the account has been cleared."""
    count, cleared = counted(state, account, market)
    of_account = state.get(account_address(account), AccountFelt.CLEARED)
    return (0, of_account) if of_account > cleared else (count, cleared)


def count_rested(state: State, account: int, market: int) -> None:
    """Count an order that begins to rest."""
    count, cleared = recounted(state, account, market)
    write_count(state, account, market, count + 1, cleared)


def count_removed(state: State, account: int, market: int, order_id: int) -> None:
    """Count an order that goes, if it was still counted (state.md § 8)."""
    count, cleared = counted(state, account, market)
    if order_id >= cleared:
        write_count(state, account, market, count - 1, cleared)


def is_silent(state: State, account: int, now: int) -> bool:
    """Say whether an account's dead man's switch has passed."""
    return 0 < state.get(account_address(account), AccountFelt.DEADLINE_MS) <= now


def below_cleared(state: State, account: int, market: int) -> int:
    """Return the id below which an account's orders in a market are cleared."""
    _, cleared = counted(state, account, market)
    return max(cleared, state.get(account_address(account), AccountFelt.CLEARED))


def is_cleared_id(state: State, account: int, market: int, order_id: int, now: int) -> bool:
    """Say whether an account has cleared an order, resting or waiting, or fallen silent."""
    return order_id < below_cleared(state, account, market) or is_silent(state, account, now)


def is_cleared(state: State, market: int, slot: int, now: int) -> bool:
    """Say whether a resting order's account has cleared it or fallen silent."""
    order_id, account, *_ = state.leaf(order_address(slot))
    return is_cleared_id(state, account, market, order_id, now)


def is_expired(state: State, slot: int, now: int) -> bool:
    """Say whether an order's time is over."""
    return state.get(order_address(slot), OrderFelt.EXPIRY_MS) <= now


def is_reduce_only(state: State, slot: int) -> bool:
    """Say whether a resting order only reduces."""
    return Options.of_flags(state.get(order_address(slot), OrderFelt.FLAGS)).reduce_only


def is_idle(state: State, market: int, slot: int) -> bool:
    """Say whether an order only reduces, and would not."""
    leaf = state.leaf(order_address(slot))
    book = state.get(level_address(leaf[OrderFelt.LEVEL]), LevelFelt.BOOK)
    sign = 1 if Side((book - 1) % 2) == Side.BID else -1
    size = size_of(state, leaf[OrderFelt.ACCOUNT], market)
    return is_reduce_only(state, slot) and sign * size >= 0


def why_dead(state: State, market: int, slot: int, now: int) -> RemovalReason | None:
    """Return why a resting order can't fill, whoever meets it; None: it is alive."""
    if is_cleared(state, market, slot, now):
        return RemovalReason.CLEARED
    if is_expired(state, slot, now):
        return RemovalReason.EXPIRED
    return RemovalReason.IDLE if is_idle(state, market, slot) else None


def fillable(state: State, market: int, slot: int) -> int:
    """Return the most lots that a resting order may fill: it never turns what it only reduces."""
    leaf = state.leaf(order_address(slot))
    if not is_reduce_only(state, slot):
        return leaf[OrderFelt.LOTS]
    return min(leaf[OrderFelt.LOTS], abs(size_of(state, leaf[OrderFelt.ACCOUNT], market)))
