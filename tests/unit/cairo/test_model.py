"""The Python model of the machine: its own vectors, and every bad program."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.model import cairo_instruction as ins
from tests.model.cairo_vm import Machine, RefusedError, run
from tests.vectors.vm.generate import PROGRAMS, compiled_case

ROOT = Path(__file__).parents[3]
BAD = sorted((ROOT / "circuits/compiled/bad").glob("*.json"))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_programs_are_refused(path: Path) -> None:
    program: dict[str, Any] = json.loads(path.read_text())
    machine = Machine(
        words=[int(word, 16) for word in program["data"]],
        builtins=program["builtins"],
        named={"n": 3},
        hints={int(pc): [h["code"] for h in hints] for pc, hints in program["hints"].items()},
    )
    with pytest.raises(RefusedError):
        run(machine, max_steps=1000)


def test_programs_run_as_the_vectors_say() -> None:
    vectors = json.loads((ROOT / "tests/vectors/vm/programs.json").read_text())
    assert [compiled_case(*program) for program in PROGRAMS] == vectors


def test_instruction_patterns_are_disjoint_forms() -> None:
    forms = [ins.ASSERTS, ins.ADDITIONS, ins.JUMPS, ins.BRANCHES, ins.CALLS, ins.RETURNS]
    assert [len(form) for form in forms] == [96, 48, 192, 32, 6, 1]
    assert len(set().union(*forms)) == sum(map(len, forms))
    assert ins.is_instruction(0x208B7FFF7FFF7FFE)
    assert not ins.is_instruction(0x208B7FFF7FFF7FFE | 1 << 63)
    assert not ins.is_instruction(0)
