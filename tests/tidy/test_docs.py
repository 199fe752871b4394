"""The documents tell the truth where a program can check it."""

import re
from pathlib import Path

from tests.tidy.sources import ROOT, text, tracked

_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
# In a line of text between backticks, or at the start of a line of a code block.
_MAKE = re.compile(r"(?:`|^)make (?:[A-Z]+=\S+ )*([a-z-]+)", re.MULTILINE)
_TARGET = re.compile(r"^([a-z-]+):", re.MULTILINE)


def documents() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".md"]


def test_links_lead_somewhere() -> None:
    broken = [
        f"{path}: {link}"
        for path in documents()
        for link in _LINK.findall(text(path))
        if "://" not in link and not (ROOT / path.parent / link).exists()
    ]
    assert not broken


def test_every_make_target_named_exists() -> None:
    targets = set(_TARGET.findall(text(Path("Makefile"))))
    unknown = [
        f"{path}: make {target}"
        for path in documents()
        for target in _MAKE.findall(text(path))
        if target not in targets
    ]
    assert not unknown
