"""The committed compiled programs are those of the committed sources."""

from pathlib import Path

import pytest

from zkperp.cairo import compile_program, to_json

CIRCUITS = Path(__file__).parents[3] / "circuits"
COMMAND = "make generate"

BATCH = CIRCUITS / "main.cairo"
SOURCES = [BATCH, *sorted((CIRCUITS / "programs").rglob("*.cairo"))]


def compiled(source: Path) -> Path:
    """Return where the source's compiled form lies."""
    if source == BATCH:
        return CIRCUITS / "compiled/batch.json"
    below = source.relative_to(CIRCUITS / "programs")
    return (CIRCUITS / "compiled" / below).with_suffix(".json")


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_is_current(source: Path) -> None:
    text = to_json(compile_program(source, roots=[CIRCUITS]))
    assert compiled(source).read_text() == text, COMMAND


def test_nothing_else_is_there() -> None:
    there = set((CIRCUITS / "compiled").rglob("*.json"))
    assert there == {compiled(source) for source in SOURCES}, COMMAND
