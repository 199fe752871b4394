"""`zkperp demo`: the whole way once, on a local chain of its own."""

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated, Final

import typer

from zkperp.chain.devnet import Devnet
from zkperp.cli.options import DEFAULT_SEED, BatchOrders, Seed
from zkperp.cli.terminal import Json, counting, report, working
from zkperp.demo.flow import find_flow
from zkperp.demo.story import Story
from zkperp.errors import InvalidInput
from zkperp.files import why

_MARK: Final = ".zkperp-demo"
"""A file in the folders that a demo may remove."""


class _Terminal:
    """The demo's words on the terminal; none with --json."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._steps = 0

    def step(self, title: str, command: str | None = None) -> None:
        self._steps += 1
        self.say(f"\n{self._steps}. {title}")
        if command is not None:
            self.say(f"   $ {' '.join(command.split())}")

    def say(self, line: str) -> None:
        if not self._quiet:
            typer.echo(line if line.startswith(("\n", " ")) else f"   {line}")

    def working(self, what: str) -> AbstractContextManager[None]:
        return working(what)

    def counting(self, what: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
        return counting(what, total)


def demo(
    flow: Annotated[
        Path | None,
        typer.Option(
            help="Feed (csv or csv.gz). Default: FLOW, ../shared/data/btcusd_l3.csv.gz, "
            "the seeded generator."
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for batches and proofs.")] = Path("demo"),
    batch_orders: BatchOrders = 400,
    seed: Seed = DEFAULT_SEED,
    as_json: Json = False,
) -> None:
    """Match real order flow, prove two batches, settle them on a local chain, withdraw, attack it.

    Starts a chain of its own (anvil) and ends it. Exit code 1 if anything is accepted that must be
    refused, or refused that must be accepted.

    Example: zkperp demo --out demo
    """
    feed = find_flow(flow)
    _make_room(out)
    terminal = _Terminal(quiet=as_json)
    with Devnet() as devnet:
        story = Story(terminal, devnet.chain, feed, out, batch_orders, seed)
        result = story.run()
    lines = ["", f"As it should be, in {result['seconds']:.0f} s. Batches and proofs: {out}"]
    report(result, lines, as_json=as_json)


def _make_room(out: Path) -> None:
    """Make the folder, an earlier demo's removed; refuse one that holds anything else."""
    if out.is_dir() and (out / _MARK).exists():
        shutil.rmtree(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            message = f"{out}: not empty, and not an earlier demo's"
            raise InvalidInput(message)
        (out / _MARK).touch()
    except OSError as error:
        message = f"{out}: {why(error)}"
        raise InvalidInput(message) from error
