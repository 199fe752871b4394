"""`zkperp script`: rule-book commands from a file, on a fresh venue."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from zkperp.cli.account_report import account_lines
from zkperp.cli.options import DEFAULT_SEED, Seed, VenueFile
from zkperp.cli.readable import command_text, event_text
from zkperp.cli.terminal import Json, report
from zkperp.errors import InvalidInput, ZkperpError
from zkperp.script import Line, Result, read_script, run_script
from zkperp.settlement.devnet import built_in_venue
from zkperp.settlement.venue import Venue

_INDENT: Final = " " * 8


def script(
    file: Annotated[Path, typer.Argument(help="JSON lines, an action each.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder of sealed batch directories, to be proven.")
    ] = None,
    venue_file: VenueFile = None,
    seed: Seed = DEFAULT_SEED,
    as_json: Json = False,
) -> None:
    """Run rule-book commands from a file on a fresh venue, and show what becomes of each.

    A line is a JSON object whose "do" is an action: venue, deposit, report, tick, prices (reports
    of every oracle key, then ticks and what they make due), fund, sweep, liquidate, deleverage,
    trigger, liquidate_all, time, wait, place, cancel, amend, cancel_named, cancel_all,
    set_deadline, quote, place_conditional, cancel_conditional, withdraw, request_withdrawal,
    burn_nonce, create_account, transfer, set_leverage, show, seal.
    Accounts and orders have names. Orders may have a client_id, be reduce_only, choose their
    self-trade prevention (stp): docs/examples/orders.jsonl; docs/examples/stops.jsonl has stops and
    take-profits. Commands are signed with development keys and verified. A line may say what it
    expects: "accepted", or a refusal's name; another outcome ends the script with exit code 1.
    docs/script.md has every field.

    {"do": "deposit", "account": "alice", "usdc": "5000"}

    {"do": "deposit", "account": "bob", "usdc": "5000"}

    {"do": "prices", "prices": {"BTC-USD": 600000}}

    {"do": "place", "account": "alice", "market": "BTC-USD", "side": "buy", "price": 600000,
    "lots": 1000, "as": "bid"}

    {"do": "place", "account": "bob", "market": "BTC-USD", "side": "sell", "price": 600000,
    "lots": 9000000, "expect": "initial_margin"}

    {"do": "show", "account": "alice"}

    Put each action on one line, whatever the width here.

    Example: zkperp script docs/examples/isolated.jsonl --out batches
    """
    lines = read_script(file)
    venue = _venue(venue_file, seed)
    results: list[Result] = []
    try:
        for result in run_script(lines, venue, out=out):
            results.append(result)
            if not as_json:
                for line in _lines(result):
                    typer.echo(line)
    except ZkperpError as error:
        if isinstance(error, InvalidInput) and str(error).startswith("line "):
            message = f"{file}, {error}"
            raise type(error)(message) from error
        raise
    commands = [command for result in results for command in result.commands]
    refusals = Counter(
        command["refusal"]["name"] for command in commands if command["refusal"] is not None
    )
    batches = [result.batch for result in results if result.batch is not None]
    outcome: dict[str, Any] = {
        "script": str(file),
        "lines": [_json(result) for result in results],
        "commands": len(commands),
        "accepted": len(commands) - refusals.total(),
        "refused": dict(refusals),
        "batches": [batch["batch"] for batch in batches],
        "directories": [batch["directory"] for batch in batches if batch["directory"]],
    }
    summary = f"{len(commands)} commands, {refusals.total()} refused, {len(batches)} batches"
    report(outcome, [summary], as_json=as_json)


def _venue(venue_file: Path | None, seed: int) -> Venue:
    if venue_file is None:
        return built_in_venue(traders=1, deposit_micro=1, seed=seed)
    if seed != DEFAULT_SEED:
        message = "--seed: not with --venue, whose file has the venue's own"
        raise InvalidInput(message)
    return Venue.load(venue_file)


def _json(result: Result) -> dict[str, Any]:
    """Return all of a line's result."""
    found: dict[str, Any] = {"line": result.line.number, "do": result.line.do}
    if result.account is not None:
        found["account"] = result.account
    if result.batch is not None:
        found |= result.batch
    return {**found, "commands": list(result.commands)}


def _lines(result: Result) -> Iterator[str]:
    for command in result.commands:
        yield f"{result.line.number:5}  {command_text(command)}"
        refusal = command["refusal"]
        if refusal is not None:
            yield f"{_INDENT}refused {refusal['code']} {refusal['name']}: {refusal['text']}"
        yield from (_INDENT + event_text(event) for event in command["events"])
    if result.account is not None:
        first, *others = account_lines(result.account)
        yield f"{result.line.number:5}  {first}"
        yield from (_INDENT + line for line in others)
    if result.batch is not None:
        yield _sealed(result.line, result.batch)


def _sealed(line: Line, sealed: Mapping[str, Any]) -> str:
    batch, directory = sealed["batch"], sealed["directory"]
    root = "".join(f"{int(felt):016x}" for felt in batch["new_root"])
    where = f" in {directory}" if directory else ""
    return (
        f"{line.number:5}  sealed batch {batch['batch_number']}{where}: {batch['commands']} "
        f"commands, {batch['data_bytes']} bytes of data, root {root}"
    )
