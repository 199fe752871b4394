"""What commands print: lines for people, one JSON object for machines, progress on a terminal."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout instead.")]

_progress_console = Console(stderr=True)


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show that long work is under way, with its time, if stderr is a terminal."""
    if not _progress_console.is_terminal:
        yield
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=_progress_console, transient=True) as progress:
        progress.add_task(what, total=None)
        yield


@contextmanager
def counting(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Give a function that shows how much of `total` is done, if stderr is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(
        *columns,
        console=_progress_console,
        transient=True,
        disable=not _progress_console.is_terminal,
    ) as progress:
        task = progress.add_task(what, total=total)

        def show(done: int) -> None:
            progress.update(task, completed=done)

        yield show


def report(result: Mapping[str, Any], lines: list[str], *, as_json: bool) -> None:
    """Print a command's result: its lines, or the result itself as one JSON object."""
    if as_json:
        json.dump(result, sys.stdout)
        sys.stdout.write("\n")
        return
    for line in lines:
        typer.echo(line)
