"""`zkperp inspect`: what is in a batch directory."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from zkperp import _native
from zkperp._generated.output import OUTPUT_WORDS, Output
from zkperp.cli.terminal import Json, report, working

_MICRO = 1_000_000
_INDENT = " " * 8
_MONEY = {"amount", "amount_done", "credited", "returned", "maker_fee", "taker_fee"}
_TIMES = {"valid_until_ms", "expiry_ms", "timestamp_ms", "time_ms"}
_NUMBERS = {"lots", "filled_lots", "left_lots", "price_ticks", "price", "maker_lots_left"}
_IN_MARKET = "{lots} lots at {price_ticks}"
_DONE = "{filled_lots} filled, {left_lots} left"
# What is shown of each kind of command; --json has all of it.
_COMMANDS = {
    "time": "to {time_ms}",
    "oracle_price": "market {market} at {price_ticks}, of {timestamp_ms}",
    "deposit": "request {request}, {amount} for account {account} of {owner}: {outcome}",
    "forced_withdrawal": (
        "request {request}, {amount} of account {account} to {owner}: {outcome}, {amount_done} paid"
    ),
    "place": f"account {{account}} {{side}} {{type}}, {_IN_MARKET}, market {{market}}: "
    f"order {{order_id}}, {_DONE}",
    "cancel": "account {account} order {order_id}, {left_lots} lots",
    "amend": f"account {{account}} order {{order_id}}, {_IN_MARKET}: {_DONE}",
    "withdraw": "account {account}, {amount}",
    "burn_nonce": "account {account} key {key}, up to {nonce}",
}
_EVENTS = {
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
    "mark": "market {market} at {price}",
    "key_set": "account {account} key {key}",
    "nonce_burned": "account {account} key {key}, up to {nonce}",
}


def inspect(
    directory: Annotated[Path, typer.Argument(help="Batch directory (zkperp replay).")],
    first: Annotated[
        int | None, typer.Option(help="Show so many commands only. Default: all.", min=0)
    ] = None,
    as_json: Json = False,
) -> None:
    """Show a batch: roots, public words, each command with its outcome and events, bytes of data.

    The commands are applied again, signatures verified: what is shown is what they do. A directory
    that was cut short or changed is refused, with the file's name.

    Example: zkperp inspect batches/batch-000001 --first 20
    """
    with working(f"reading {directory.name}"):
        batch: dict[str, Any] = json.loads(_native.inspect_batch(directory))
    data, commands = batch["data_bytes"], batch["commands"]
    batch["bytes_per_command"] = data["commands"] / len(commands)
    batch["bytes_per_command_all"] = (data["all"] - data["fixed"]) / len(commands)
    batch["public_words"] = dict(_public_words(batch["public_words"]))
    report(batch, list(_lines(batch, first)), as_json=as_json)


def _public_words(words: list[str]) -> Iterator[tuple[str, str | list[str]]]:
    """Yield name and value of each public word, several where a name has several words."""
    starts = [word.value for word in Output]
    for word, end in zip(Output, [*starts[1:], OUTPUT_WORDS], strict=True):
        value = words[word:end]
        yield word.name.lower(), value[0] if len(value) == 1 else value


def _lines(batch: dict[str, Any], first: int | None) -> Iterator[str]:
    commands, data = batch["commands"], batch["data_bytes"]
    kinds = Counter(command["kind"] for command in commands)
    events = Counter(event["type"] for command in commands for event in command["events"])
    yield f"batch {batch['batch_number']}, chain {batch['chain_id']}, contract {batch['rollup']}"
    yield f"time      {_time(batch['first_time_ms'])} to {_time(batch['last_time_ms'])}"
    yield f"old root  {_digest(batch['old_root'])}"
    yield f"new root  {_digest(batch['new_root'])}, {batch['changed_leaves']} leaves changed"
    yield f"log       {_digest(batch['public_words']['log_before'])}"
    yield f"      to  {_digest(batch['public_words']['log_after'])}"
    yield f"commands  {len(commands)}: {_counts(kinds)}"
    yield f"events    {sum(events.values())}: {_counts(events)}"
    yield (
        f"data      {data['all']:,} bytes: {data['fixed']} fixed, {data['requests']:,} of "
        f"requests, {data['withdrawals']:,} of withdrawals, {data['commands']:,} of commands"
    )
    yield (
        f"          {batch['bytes_per_command']:.1f} bytes a command, "
        f"{batch['bytes_per_command_all']:.1f} with requests and withdrawals"
    )
    for withdrawal in batch["withdrawals"]:
        yield f"pays      {_usdc(withdrawal['amount'])} to {withdrawal['owner']}"
    time_ms = batch["first_time_ms"]
    for command in commands[:first]:
        yield _command(command, command["time_ms"] - time_ms)
        yield from (_INDENT + _event(event) for event in command["events"])
        time_ms = command["time_ms"]
    left = len(commands) - len(commands[:first])
    if left > 0:
        yield f"and {left} commands more"


def _command(command: dict[str, Any], step_ms: int) -> str:
    kind = command.get("request_kind", command["kind"])
    number, shown = command["number"], _filled(_COMMANDS[kind], command)
    return f"{number:6}  +{step_ms} ms  {kind}: {shown}"


def _event(event: dict[str, Any]) -> str:
    return f"{event['type']}: {_filled(_EVENTS[event['type']], event)}"


def _filled(template: str, members: dict[str, Any]) -> str:
    return template.format_map({name: _value(name, value) for name, value in members.items()})


def _value(name: str, value: object) -> str:
    if not isinstance(value, int):
        return str(value)
    if name in _MONEY:
        return _usdc(value)
    if name in _TIMES:
        return _time(value)
    return f"{value:,}" if name in _NUMBERS else str(value)


def _usdc(micro: int) -> str:
    sign = "-" if micro < 0 else ""
    whole, rest = divmod(abs(micro), _MICRO)
    return f"{sign}{whole:,}.{rest:06} USDC"


def _time(milliseconds: int) -> str:
    # Not by a float: it would round. Program time reaches years that datetime does not know.
    seconds, rest = divmod(milliseconds, 1000)
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}.{rest:03}"
    except (OverflowError, ValueError):
        return f"{milliseconds} ms"


def _digest(felts: list[str]) -> str:
    return " ".join(f"{int(felt):016x}" for felt in felts)


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counter.most_common()) or "none"
