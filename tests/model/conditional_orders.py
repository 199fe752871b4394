"""Placing and cancelling a conditional order (docs/spec/conditional.md § 2)."""

from tests.model import books, conditionals
from tests.model.clearing import fire
from tests.model.commands import Command, Journal, refuse
from tests.model.conditionals import Waiting, is_reached, key_of, recounted, tenure_of
from tests.model.margin import size_of
from tests.model.options import Options
from tests.model.orders import check_market
from tests.model.state import (
    CLOCK,
    Felts,
    State,
    conditional_address,
    market_address,
    terms_address,
)
from zkperp._generated.codes import Condition, Direction, RemovalReason, Side
from zkperp._generated.constants import (
    CONDITIONALS_MAX,
    FORM_SIDE_SHIFT,
    ORDER_ID_MAX,
    RECORD_OPTIONS_SHIFT,
)
from zkperp._generated.events import EventType
from zkperp._generated.leaves import ClockFelt, ConditionalFelt, MarketFelt
from zkperp._generated.refusals import Refusal


def direction_of(side: int, condition: int) -> Direction:
    """Return from where the mark reaches a trigger: a stop follows the price that runs away."""
    stop = condition == Condition.STOP
    return Direction.RISING if stop == (side == Side.BID) else Direction.FALLING


def is_reduce_only(options: int) -> bool:
    """Say whether an order with these options only reduces."""
    return Options.of(options, 0).reduce_only


def check_numbers(state: State, command: Command, now: int) -> None:
    """Check price, lots, expiry and trigger (§ 2.2 - § 2.6)."""
    leaf = state.leaf(market_address(command.market))
    price_max = leaf[MarketFelt.PRICE_MAX]
    refuse(Refusal.BAD_PRICE, when=not 1 <= command.price_ticks <= price_max)
    least = 0 if is_reduce_only(command.options) else leaf[MarketFelt.LOTS_MIN]
    refuse(Refusal.BAD_LOTS, when=not least <= command.lots <= leaf[MarketFelt.LOTS_MAX])
    refuse(Refusal.BAD_EXPIRY, when=command.expiry_ms <= now)
    refuse(Refusal.NO_PRICE, when=leaf[MarketFelt.PRICE_HIGH] == 0)
    trigger, direction = command.trigger_ticks, direction_of(command.side, command.condition)
    no_price = not 1 <= trigger <= price_max
    reached = is_reached(state, command.market, direction, key_of(direction, trigger))
    refuse(Refusal.BAD_TRIGGER, when=no_price or reached)


def check_room(state: State, command: Command) -> None:
    """Check that one more order can wait (§ 2.7 - § 2.9)."""
    count, _ = recounted(state, command.account, command.market)
    refuse(Refusal.TOO_MANY_CONDITIONALS, when=count >= CONDITIONALS_MAX)
    refuse(
        Refusal.CONDITIONALS_FULL,
        when=not books.available(state, conditionals.SLOTS),
    )
    following = state.get(CLOCK, ClockFelt.NEXT_ORDER_ID)
    refuse(Refusal.ORDER_IDS_USED_UP, when=following == ORDER_ID_MAX)


def check_reduces(state: State, command: Command) -> None:
    """Check that what only reduces has something to reduce (§ 2.10)."""
    sign = 1 if command.side == Side.BID else -1
    grows = sign * size_of(state, command.account, command.market) >= 0
    refuse(Refusal.WOULD_NOT_REDUCE, when=is_reduce_only(command.options) and grows)


def own_waiting(state: State, command: Command, order_id: int) -> Waiting:
    """Return the sender's waiting order with this id, dead or not.

    Raises:
        RefusedError: UNKNOWN_ORDER or NOT_OWNER.
    """
    order = conditionals.find(state, order_id)
    refuse(Refusal.UNKNOWN_ORDER, when=order is None)
    assert order is not None
    refuse(Refusal.NOT_OWNER, when=order.account != command.account)
    return order


def checked_partner(state: State, command: Command) -> int:
    """Return the slot of the order that is to be the partner, 0: none (§ 2.11)."""
    if command.partner == 0:
        return 0
    other = own_waiting(state, command, command.partner)
    makes_a_pair = (
        other.partner == 0
        and other.market == command.market
        and other.side == command.side
        and is_reduce_only(other.options)
        and is_reduce_only(command.options)
        and other.direction != direction_of(command.side, command.condition)
    )
    refuse(Refusal.BAD_PARTNER, when=not makes_a_pair)
    return other.slot


def place_conditional(state: State, journal: Journal, command: Command, now: int) -> Felts:
    """Let an order wait for its trigger."""
    account, market = command.account, command.market
    fire(state, journal, account, now)
    check_market(state, market)
    check_numbers(state, command, now)
    check_room(state, command)
    check_reduces(state, command)
    partner = checked_partner(state, command)
    order_id = state.get(CLOCK, ClockFelt.NEXT_ORDER_ID)
    state.put(CLOCK, ClockFelt.NEXT_ORDER_ID, order_id + 1)
    put_in(state, command, order_id, partner)
    journal.emit(
        EventType.CONDITIONAL_PLACED,
        order_id,
        account,
        market,
        command.side,
        command.order_type,
        command.trigger_ticks,
        direction_of(command.side, command.condition),
        command.price_ticks,
        command.lots,
        command.partner,
    )
    return (0, order_id, 0, command.lots)


def put_in(state: State, command: Command, order_id: int, partner: int) -> None:
    """Write a new order's leaves, and bring it into its list, its count and its pair."""
    account, market = command.account, command.market
    direction = direction_of(command.side, command.condition)
    slot = books.allocate(state, conditionals.SLOTS)
    state.write(
        conditional_address(slot),
        order_id,
        account,
        books.book_of(market, direction),
        key_of(direction, command.trigger_ticks),
        0,
        0,
        partner,
        tenure_of(state, account, market),
    )
    state.write(
        terms_address(slot),
        command.order_type + FORM_SIDE_SHIFT * command.side,
        command.price_ticks,
        command.lots + RECORD_OPTIONS_SHIFT * command.options,
        command.expiry_ms,
    )
    conditionals.insert(state, market, direction, slot)
    if partner != 0:
        state.put(conditional_address(partner), ConditionalFelt.PARTNER, slot)
    count, cleared = recounted(state, account, market)
    conditionals.write_count(state, account, market, count + 1, cleared)


def cancel_conditional(state: State, journal: Journal, command: Command) -> Felts:
    """Take a conditional order away, dead or not."""
    order = own_waiting(state, command, command.order_id)
    conditionals.drop(state, journal, order, RemovalReason.CANCELLED)
    return (0, order.order_id, 0, order.lots)
