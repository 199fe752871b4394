"""`zkperp inspect`: what is in a batch directory."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from zkperp import _native
from zkperp._generated.output import OUTPUT_WORDS, Output
from zkperp.cli.options import usdc
from zkperp.cli.readable import command_text, event_text, time_text
from zkperp.cli.terminal import Json, report, working

_INDENT: Final = " " * 8


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
    yield f"time      {time_text(batch['first_time_ms'])} to {time_text(batch['last_time_ms'])}"
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
        yield f"pays      {usdc(withdrawal['amount'])} to {withdrawal['owner']}"
    time_ms = batch["first_time_ms"]
    for command in commands[:first]:
        step_ms = command["time_ms"] - time_ms
        yield f"{command['number']:6}  +{step_ms} ms  {command_text(command)}"
        yield from (_INDENT + event_text(event) for event in command["events"])
        time_ms = command["time_ms"]
    left = len(commands) - len(commands[:first])
    if left > 0:
        yield f"and {left} commands more"


def _digest(felts: list[str]) -> str:
    return " ".join(f"{int(felt):016x}" for felt in felts)


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counter.most_common()) or "none"
