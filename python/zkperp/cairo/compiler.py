"""Compiles a Cairo program for Goldilocks, in proof mode, and checks it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from zkperp.cairo import rules
from zkperp.cairo.checks import check_compiled
from zkperp.cairo.errors import ForbiddenImport


def compile_program(source: Path, *, roots: Sequence[Path] = ()) -> dict[str, object]:
    """Compile one program.

    Args:
        source: the file with `main`.
        roots: folders that modules are looked for in, in this order; the source's own comes last.

    Returns:
        cairo-lang's compiled program, as its JSON file holds it, without debug information.

    Raises:
        CompileError: the program does not compile, or breaks a rule of our dialect.
        MissingExtra: cairo-lang is not installed.
    """
    # Imported here: everything else of ours works without the extra.
    from zkperp.cairo._cairo_lang import compile_for_goldilocks  # noqa: PLC0415

    program = compile_for_goldilocks(
        source, roots=[*roots, source.parent], check_module=_refuse_library
    )
    check_compiled(program)
    return program


def to_json(program: Mapping[str, object]) -> str:
    """The text of a compiled program's file: the same bytes every time."""
    return json.dumps(program, indent=1, sort_keys=True) + "\n"


def _refuse_library(module: str) -> None:
    if rules.is_forbidden_module(module):
        raise ForbiddenImport(module)
