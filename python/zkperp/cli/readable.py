"""Commands and events of a batch as lines for people; `--json` has all of their fields."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from zkperp.cli.options import usdc

__all__ = ["command_text", "event_text", "time_text"]

_MONEY = {
    "amount",
    "amount_done",
    "bonus",
    "credited",
    "fee",
    "maker_fee",
    "mmr",
    "quote",
    "returned",
    "taker_fee",
    "tav",
}
_TIMES = {"valid_until_ms", "expiry_ms", "timestamp_ms", "time_ms", "due_ms"}
# 0: none.
_CLIENT_IDS = {"client_id", "maker_client_id", "taker_client_id"}
_NUMBERS = {
    "filled_lots",
    "funding",
    "impact_ask",
    "impact_bid",
    "imf_ppm",
    "index",
    "index_ticks",
    "left_lots",
    "limit",
    "lots",
    "resting_lots",
    "maker_lots_left",
    "mark",
    "mark_ticks",
    "premium_ppm",
    "price",
    "price_ticks",
    "rate_ppm",
    "total",
    "trigger",
    "trigger_ticks",
}
_IN_MARKET = "{lots} lots at {price_ticks}"
_DONE = "{filled_lots} filled, {left_lots} left"
_WAITING = "{size} at {price_ticks}, market {market}{asks}, {condition} at {trigger_ticks}{pair}"
# What is shown of each kind of command; --json has all of it.
_COMMANDS: Final = {
    "time": "to {time_ms}",
    "oracle_report": "key {key}, {prices}, of {timestamp_ms}",
    "tick": "market {market}",
    "fund": "all markets, hour of {time_ms}",
    "sweep": "",
    "liquidate": "",
    "deleverage": "account {account}",
    "deposit": "request {request}, {amount} for account {account} of {owner}",
    "forced_withdrawal": "request {request}, {amount} of account {account} to {owner}",
    "place": f"account {{account}} {{side}} {{type}}, {_IN_MARKET}, market {{market}}{{asks}}",
    "place_conditional": f"account {{account}} {{side}} {{type}}, {_WAITING}",
    "cancel_conditional": "account {account} order {order_id}",
    "trigger": "",
    "cancel": "account {account} order {order_id}",
    "cancel_named": "account {account}{client_id}",
    "cancel_all": "account {account}, {where}",
    "set_deadline": "account {account}, {deadline_ms}",
    "quote": "account {account} {type}, market {market}: {entries}",
    "amend": f"account {{account}} order {{order_id}}, {_IN_MARKET}",
    "withdraw": "account {account}, {amount}",
    "burn_nonce": "account {account} key {key}, up to {nonce}",
    "create_account": "account {account}, {type}, market {market}",
    "transfer": "account {account} to account {to}, {amount}",
    "set_leverage": "account {account} in market {market}, at least {imf_ppm} ppm",
}
# What is shown of an accepted one's outcome, where there is more than that it was accepted.
_OUTCOMES: Final = {
    "tick": "index {index_ticks}, mark {mark_ticks}",
    "sweep": "market {market}, account {account}, is due: {is_due}",
    "liquidate": "account {account} in market {market}, {lots} lots",
    "deleverage": "{lots} lots",
    "deposit": "{outcome}",
    "forced_withdrawal": "{outcome}, {amount_done} paid",
    "place": f"order {{order_id}}, {_DONE}",
    "place_conditional": "order {order_id}",
    "cancel_conditional": "order {order_id}",
    "trigger": "{fired}",
    "cancel": "{left_lots} lots",
    "cancel_named": "order {order_id}, {left_lots} lots",
    "cancel_all": "those below order {cleared_below}",
    "quote": "{placed} placed from order {first_order_id} on, {resting_lots} lots rest",
    "amend": _DONE,
    "create_account": "account {created}",
}
_EVENTS: Final = {
    "order_rested": "order {order_id}{client_id} of account {account}, {side} {lots} at {price}",
    "trade": (
        "{lots} at {price}, account {taker_account} (order {taker_order_id}{taker_client_id}, "
        "{taker_side}, fee {taker_fee}) with account {maker_account} (order {maker_order_id}"
        "{maker_client_id}, fee {maker_fee}, {maker_lots_left} left)"
    ),
    "order_removed": "order {order_id}{client_id} of account {account}, {lots} lots, {reason}",
    "taker_stopped": "order {order_id}{client_id} of account {account} drops {lots} lots, {code}",
    "order_reduced": "order {order_id}{client_id} of account {account}, to {lots} lots",
    "deposit": "account {account}, {credited} credited, {returned} returned",
    "withdrawal": "account {account}, {amount}, {origin}",
    "request_rejected": "request {request} of account {account}, {code}",
    "mark": (
        "market {market} at {mark}, index {index}, premium {premium_ppm} ppm, impact bid "
        "{impact_bid}, ask {impact_ask}"
    ),
    "key_set": "account {account} key {key}",
    "nonce_burned": "account {account} key {key}, up to {nonce}",
    "oracle_report": "key {key}, market {market} at {price}, of {timestamp_ms}",
    "funding": (
        "market {market}, {rate_ppm} ppm of index {index}, all told {funding} millionths of a "
        "micro-USDC a lot"
    ),
    "funding_paid": "account {account} in market {market}, {amount}",
    "account_created": "account {account} of account {master}, mode {mode}",
    "transfer": "account {from} to account {to}, {amount}",
    "liquidation_due": "account {account}, worth {tav}, maintenance margin {mmr}",
    "recovered": "account {account}",
    "liquidation": (
        "account {account} in market {market}, {lots} lots at {price}, fee {fee}, of it {bonus} to "
        "the maker"
    ),
    "takeover": "account {account} in market {market}, {lots} lots by the fund for {quote}",
    "deleveraging": (
        "account {account} in market {market}, {lots} lots for {quote} against {total} lots"
    ),
    "deleveraged": (
        "account {account} with account {counterparty} in market {market}, {lots} lots for {quote}"
    ),
    "debt_covered": "account {account}, {amount} by the fund",
    "orders_cleared": "account {account}, {where}: those below order {below}",
    "deadline_set": "account {account}, {deadline_ms}",
    "conditional_placed": (
        "order {order_id} of account {account}, {side} {size} at {price}, {order_type}, waits in "
        "market {market} for a mark {direction} to {trigger}{pair}"
    ),
    "conditional_removed": "order {order_id} of account {account} in market {market}, {reason}",
    "triggered": (
        "order {order_id} of account {account} in market {market}, {side} {lots} at {limit}"
    ),
    "conditional_rejected": "order {order_id} of account {account} in market {market}, {code}",
    "leverage_set": "account {account} in market {market}, at least {imf_ppm} ppm",
}


def command_text(command: Mapping[str, Any]) -> str:
    """Return a command with its outcome; one that was refused without an outcome.

    Args:
        command: as `_native.inspect_batch` and `_native.Desk` have them.
    """
    kind = command.get("request_kind", command["kind"])
    members = {**command, "asks": _asks(command), **_derived(command)}
    shown = _filled(_COMMANDS[kind], members) if kind in _COMMANDS else "no such command"
    outcome = "" if command.get("refusal") else _OUTCOMES.get(kind, "")
    done = _filled(outcome, members)
    return ": ".join(part for part in (kind, shown, done) if part)


def event_text(event: Mapping[str, Any]) -> str:
    """Return an event by its type and its fields."""
    members = {**event, **_derived(event)}
    return f"{event['type']}: {_filled(_EVENTS[event['type']], members)}"


def time_text(milliseconds: int) -> str:
    """Return a program time, UTC."""
    # Not by a float: it would round. Program time reaches years that datetime does not know.
    seconds, rest = divmod(milliseconds, 1000)
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}.{rest:03}"
    except (OverflowError, ValueError):
        return f"{milliseconds} ms"


def _filled(template: str, members: Mapping[str, Any]) -> str:
    return template.format_map({name: _value(name, value) for name, value in members.items()})


def _asks(order: Mapping[str, Any]) -> str:
    """Return what an order asks for beside its type."""
    stp, is_owner_wide = order.get("stp", "cancel_maker"), order.get("stp_owner", False)
    parts = [_client_id(order.get("client_id", 0))]
    if order.get("reduce_only", False):
        parts.append(", reduce-only")
    if stp != "cancel_maker" or is_owner_wide:
        parts.append(f", self-trade {stp}{' by owner' if is_owner_wide else ''}")
    return "".join(parts)


def _derived(members: Mapping[str, Any]) -> dict[str, str]:
    """Return what a command or an event is shown with that is not one of its fields."""
    lots, partner = members.get("lots"), members.get("partner")
    return {
        "where": _where(members),
        "size": f"{lots:,} lots" if lots else "the position",
        "pair": f", partner of order {partner}" if partner else "",
        "fired": _fired(members),
    }


def _fired(members: Mapping[str, Any]) -> str:
    """Return which order `trigger` was about."""
    order_id = members.get("order_id")
    return (
        f"order {order_id}, {members.get('outcome')}" if order_id else "none is left in the market"
    )


def _where(members: Mapping[str, Any]) -> str:
    """Return the market that something is about; None in it: all of them."""
    market = members.get("market")
    return "all markets" if market is None else f"market {market}"


def _entry(entry: Mapping[str, Any]) -> str:
    """Return an entry of a quote."""
    if entry["lots"] == 0:
        return f"{entry['client_id']} goes"
    asks = _asks({**entry, "client_id": 0})
    shown = f"{entry['side']} {entry['lots']:,} at {entry['price_ticks']:,}"
    return f"{entry['client_id']} {shown}{asks}"


def _value(name: str, value: object) -> str:
    if isinstance(value, list):
        return _LISTS[name](value) if name in _LISTS else str(value)
    if not isinstance(value, int):
        return str(value)
    if name in _WORDS:
        return _WORDS[name](value)
    return f"{value:,}" if name in _NUMBERS else str(value)


def _prices(prices: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"market {item['market']} at {item['price_ticks']:,}" for item in prices)


def _entries(entries: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(map(_entry, entries))


def _client_id(client_id: int) -> str:
    return f", client id {client_id}" if client_id else ""


def _deadline(milliseconds: int) -> str:
    return f"orders die at {time_text(milliseconds)}" if milliseconds else "off"


_LISTS: Final[Mapping[str, Callable[[Sequence[Mapping[str, Any]]], str]]] = {
    "prices": _prices,
    "entries": _entries,
}
_WORDS: Final[Mapping[str, Callable[[int], str]]] = {
    **dict.fromkeys(_MONEY, usdc),
    **dict.fromkeys(_TIMES, time_text),
    **dict.fromkeys(_CLIENT_IDS, _client_id),
    "deadline_ms": _deadline,
}
