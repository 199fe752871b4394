"""The files of a report: the numbers first, what is drawn from them after."""

import json
from pathlib import Path

from zkperp.simulation.page import page
from zkperp.simulation.png import write_png
from zkperp.simulation.run import Numbers

__all__ = ["write"]


def write(text: str, folder: Path, *, with_png: bool = False) -> tuple[Numbers, list[Path]]:
    """Write a report that `run` gave: SCENARIO.json, then SCENARIO.html and SCENARIO.png from it.

    Args:
        text: the report.
        folder: made if it is not there.
        with_png: draw the PNG too.

    Returns:
        The report's numbers, and the files.

    Raises:
        MissingExtra: for the PNG matplotlib is missing; the other files are there.
        OSError: a file can't be written.
    """
    numbers: Numbers = json.loads(text)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{numbers['scenario']}.{suffix}" for suffix in ("json", "html", "png")]
    paths[0].write_text(text + "\n", encoding="utf-8")
    paths[1].write_text(page(numbers), encoding="utf-8")
    if with_png:
        write_png(numbers, paths[2])
    return numbers, paths if with_png else paths[:2]
