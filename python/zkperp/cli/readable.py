"""Commands and events of a batch as lines for people; `--json` has all of their fields."""

from collections.abc import Mapping
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
_NUMBERS = {
    "filled_lots",
    "funding",
    "impact_ask",
    "impact_bid",
    "imf_ppm",
    "index",
    "index_ticks",
    "left_lots",
    "lots",
    "maker_lots_left",
    "mark",
    "mark_ticks",
    "premium_ppm",
    "price",
    "price_ticks",
    "rate_ppm",
    "total",
}
_IN_MARKET = "{lots} lots at {price_ticks}"
_DONE = "{filled_lots} filled, {left_lots} left"
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
    "place": f"account {{account}} {{side}} {{type}}, {_IN_MARKET}, market {{market}}",
    "cancel": "account {account} order {order_id}",
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
    "cancel": "{left_lots} lots",
    "amend": _DONE,
    "create_account": "account {created}",
}
_EVENTS: Final = {
    "order_rested": "order {order_id} of account {account}, {side} {lots} at {price}",
    "trade": (
        "{lots} at {price}, account {taker_account} (order {taker_order_id}, {taker_side}, fee "
        "{taker_fee}) with account {maker_account} (order {maker_order_id}, fee {maker_fee}, "
        "{maker_lots_left} left)"
    ),
    "order_removed": "order {order_id} of account {account}, {lots} lots, {reason}",
    "taker_stopped": "order {order_id} of account {account} drops {lots} lots, {code}",
    "order_reduced": "order {order_id} of account {account}, to {lots} lots",
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
    "leverage_set": "account {account} in market {market}, at least {imf_ppm} ppm",
}


def command_text(command: Mapping[str, Any]) -> str:
    """Return a command with its outcome; one that was refused without an outcome.

    Args:
        command: as `_native.inspect_batch` and `_native.Desk` have them.
    """
    kind = command.get("request_kind", command["kind"])
    shown = _filled(_COMMANDS[kind], command) if kind in _COMMANDS else "no such command"
    outcome = "" if command.get("refusal") else _OUTCOMES.get(kind, "")
    done = _filled(outcome, command)
    return ": ".join(part for part in (kind, shown, done) if part)


def event_text(event: Mapping[str, Any]) -> str:
    """Return an event by its type and its fields."""
    return f"{event['type']}: {_filled(_EVENTS[event['type']], event)}"


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


def _value(name: str, value: object) -> str:
    if isinstance(value, list) and name == "prices":
        return ", ".join(f"market {item['market']} at {item['price_ticks']:,}" for item in value)
    if not isinstance(value, int):
        return str(value)
    if name in _MONEY:
        return usdc(value)
    if name in _TIMES:
        return time_text(value)
    return f"{value:,}" if name in _NUMBERS else str(value)
