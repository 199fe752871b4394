"""Writes the vectors of this folder from the Python model; see README.md.

python -m tests.vectors.vm.generate
"""

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.model import cairo_vm
from tests.model.cairo_vm import P
from tests.vectors.vm.random_program import random_machine, spoiled

HERE = Path(__file__).parent
COMPILED = HERE.parents[2] / "circuits/compiled"
RANDOM_PROGRAMS = 60
SPOILED_PROGRAMS = 60

PROGRAMS: list[tuple[str, dict[str, int], list[int]]] = [
    ("fibonacci", {"n": 0}, []),
    ("fibonacci", {"n": 12}, []),
    ("hashes", {"n": 3}, []),
    ("rangecheck", {"x": 5, "y": 7, "x_is_larger": 0}, []),
    ("rangecheck", {"x": 2**61 - 1, "y": 0, "x_is_larger": 1}, []),
    ("rangecheck", {"x": 5, "y": 7, "x_is_larger": 1}, []),
    ("muldiv", {"a": 2**62 - 1, "b": 2**62 - 1, "c": 2**62 - 1}, []),
    ("muldiv", {"a": 7, "b": 9, "c": 0}, []),
    ("calls", {"n": 6}, []),
    ("memory", {"count": 3}, [0, 5, 6, 1, 3, 9, 2, P - 1, 5]),
    ("memory", {"count": 1}, [3, 5, 6]),
]


def outcome(machine: cairo_vm.Machine) -> dict[str, Any]:
    """Return what the vectors hold of a run: everything, or that there is none."""
    try:
        run = cairo_vm.run(machine, max_steps=10_000)
    except cairo_vm.RefusedError:
        return {"verdict": "refused"}
    return {
        "verdict": "accepted",
        "steps": [" ".join(map(str, step)) for step in run.steps],
        "cells": str(run.cells),
        "memory": {str(at): str(value) for at, value in sorted(run.memory.items()) if value},
        "bases": {name: str(base) for name, base in run.bases.items()},
        "heights": {name: str(height) for name, height in run.heights.items()},
        "used": {name: str(count) for name, count in run.used.items()},
    }


def compiled_case(program: str, named: Mapping[str, int], advice: Sequence[int]) -> dict[str, Any]:
    """Return the case of a program of ours."""
    compiled = json.loads((COMPILED / f"{program}.json").read_text())
    machine = cairo_vm.Machine(
        words=[int(word, 16) for word in compiled["data"]],
        builtins=compiled["builtins"],
        named=named,
        advice=advice,
        hints={int(pc): [h["code"] for h in hints] for pc, hints in compiled["hints"].items()},
    )
    values = {name: str(value) for name, value in named.items()}
    inputs = {**values, "advice": [str(cell) for cell in advice]}
    return {"program": program, "input": inputs, **outcome(machine)}


def words_case(machine: cairo_vm.Machine) -> dict[str, Any]:
    """Return the case of a program that is its words alone."""
    words = [str(word) for word in machine.words]
    fresh = cairo_vm.Machine(machine.words, machine.builtins)
    return {"words": words, "builtins": list(machine.builtins), **outcome(fresh)}


def main() -> None:
    """Write all files."""
    source = random.Random(2021_1063)
    machines = [random_machine(source) for _ in range(RANDOM_PROGRAMS)]
    broken = [spoiled(machine, source) for machine in machines[:SPOILED_PROGRAMS]]
    files = {
        "programs": [compiled_case(*program) for program in PROGRAMS],
        "random": [words_case(machine) for machine in machines],
        "spoiled": [words_case(machine) for machine in broken],
    }
    for name, cases in files.items():
        (HERE / f"{name}.json").write_text(json.dumps(cases, indent=1) + "\n")


if __name__ == "__main__":
    main()
