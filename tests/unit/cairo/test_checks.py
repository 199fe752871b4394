import copy
import json
from pathlib import Path
from typing import Any

import pytest

from zkperp.cairo import (
    CompileError,
    ForbiddenImport,
    HeaderMismatch,
    UnknownHint,
    UnsupportedBuiltins,
    WrongPrime,
    check_compiled,
    rules,
)

COMPILED = Path(__file__).parents[3] / "circuits/compiled"


@pytest.fixture
def program() -> dict[str, Any]:
    """A good one, with a hint at word 24."""
    return dict(json.loads((COMPILED / "fibonacci.json").read_text()))


def test_every_committed_program_passes() -> None:
    programs = sorted(COMPILED.rglob("*.json"))
    assert programs
    for path in programs:
        check_compiled(json.loads(path.read_text()))


def test_another_prime(program: dict[str, Any]) -> None:
    program["prime"] = hex(2**251 + 17 * 2**192 + 1)
    with pytest.raises(WrongPrime):
        check_compiled(program)


@pytest.mark.parametrize(
    "builtins",
    [
        [],
        ["range_check"],
        ["output", "pedersen"],
        ["output", "output"],
        ["output", "muldiv", "poseidon2"],
        ["range_check", "output"],
    ],
)
def test_builtins_out_of_order_or_unknown(program: dict[str, Any], builtins: list[str]) -> None:
    program["builtins"] = builtins
    with pytest.raises(UnsupportedBuiltins):
        check_compiled(program)


@pytest.mark.parametrize("index", [0, 1, 2, 4, 5])
def test_another_header(program: dict[str, Any], index: int) -> None:
    program["data"][index] = "0x7"
    with pytest.raises(HeaderMismatch):
        check_compiled(program)


def test_a_program_without_main(program: dict[str, Any]) -> None:
    program["data"] = program["data"][:6]
    with pytest.raises(HeaderMismatch):
        check_compiled(program)


def test_a_hint_off_the_list(program: dict[str, Any]) -> None:
    program["hints"]["24"][0]["code"] = "memory[ap] = 5"
    with pytest.raises(UnknownHint) as error:
        check_compiled(program)
    assert (error.value.pc, error.value.code) == (24, "memory[ap] = 5")


def test_an_identifier_of_starkwares_library(program: dict[str, Any]) -> None:
    name = "starkware.cairo.common.math.assert_nn"
    program["identifiers"][name] = {"type": "function", "pc": 6}
    with pytest.raises(ForbiddenImport) as error:
        check_compiled(program)
    assert error.value.module == name


@pytest.mark.parametrize("word", ["", "x", "-0x1", hex(rules.PRIME), 5])
def test_words_that_are_no_felts(program: dict[str, Any], word: object) -> None:
    program["data"][8] = word
    with pytest.raises(CompileError, match="data"):
        check_compiled(program)


@pytest.mark.parametrize("key", ["data", "builtins", "hints", "identifiers"])
def test_missing_and_malformed_parts_are_named(program: dict[str, Any], key: str) -> None:
    for broken in (None, 3, [1], {"24": [{"code": 5}]}):
        edited = copy.deepcopy(program)
        if broken is None:
            del edited[key]
        else:
            edited[key] = broken
        if key == "identifiers" and isinstance(broken, dict):
            continue  # Its keys are all that is read.
        with pytest.raises(CompileError, match=key):
            check_compiled(edited)
