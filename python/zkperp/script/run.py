"""Runs a script on a fresh venue."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from zkperp import _native
from zkperp.errors import UnexpectedOutcome
from zkperp.script.actions import ACTIONS
from zkperp.script.form import Line, expected_refusal
from zkperp.script.names import Names
from zkperp.script.result import Result
from zkperp.script.session import Session
from zkperp.settlement.venue import FILE_NAME, Venue

__all__ = ["Result", "run_script"]


def run_script(lines: Sequence[Line], venue: Venue, *, out: Path | None = None) -> Iterator[Result]:
    """Run a script on a venue at its genesis, giving each line's result as it comes.

    Args:
        lines: what `read_script` returned.
        venue: whose genesis, chain, contract and seed it is; a first line `venue` changes the
            genesis.
        out: folder that batch directories go to, with the venue's file; what is left open at the
            end is sealed.

    Raises:
        InvalidInput: a line names what is not there.
        InvalidVenue: parameters that no venue can have.
        UnexpectedOutcome: a command's outcome is not what its line expects.
    """
    session = _open(lines, venue, out)
    for line in lines:
        result = ACTIONS[line.do](session, line)
        yield result
        _check(result)
    if session.is_open and out is not None:
        end = Line(lines[-1].number, "seal", {})
        yield Result(end, batch=session.seal())
    if out is not None:
        requests = tuple(session.requests)
        kept = replace(session.venue, requests=requests, traders=max(1, session.names.depositors))
        out.mkdir(parents=True, exist_ok=True)
        kept.save(out / FILE_NAME)


def _open(lines: Sequence[Line], venue: Venue, out: Path | None) -> Session:
    """Return the venue, as a first line `venue` has it."""
    genesis = json.loads(venue.genesis_json)
    for line in lines[1:]:
        if line.do == "venue":
            line.refuse("venue can only be the first line")
    if lines[0].do == "venue":
        _change(genesis, lines[0])
    venue = replace(venue, genesis=genesis)
    desk = _native.Desk(venue.genesis_json, venue.chain_id, venue.rollup_bytes, venue.seed)
    markets = [market["name"] for market in genesis["markets"]]
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    return Session(venue, desk, Names(markets), out, desk.time_ms())


def _change(genesis: dict[str, Any], line: Line) -> None:
    """Set parameters: of the venue in `set`, of markets by their names in `markets`."""
    genesis.update(line.fields.get("set", {}))
    for name, changes in line.fields.get("markets", {}).items():
        found = [market for market in genesis["markets"] if market.get("name") == name]
        if not found or not isinstance(changes, dict):
            line.refuse(f"markets: {name!r} is no market of the venue, or not an object")
        found[0].update(changes)


def _check(result: Result) -> None:
    """Compare a line's commands with what it expects of them."""
    expected = result.line.fields.get("expect")
    if expected is None:
        return
    wanted = expected_refusal(expected)
    wanted_name = "accepted" if wanted is None else wanted.name.lower()
    refused = [command["refusal"]["name"] for command in result.commands if command["refusal"]]
    found = refused[0] if refused else "accepted"
    if found != wanted_name:
        raise UnexpectedOutcome(result.line.number, wanted_name, found)
