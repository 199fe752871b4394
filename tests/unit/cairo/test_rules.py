import pytest

from zkperp.cairo import rules


@pytest.mark.parametrize(
    "code",
    [
        'memory[ap] = program_input["n"]',
        'memory[fp + 12] = program_input["_first2"]',
        "memory[ap - 3] = advice",
        "memory[fp + 32767] = advice",
    ],
)
def test_hints_on_the_list(code: str) -> None:
    assert rules.is_listed_hint(code)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "memory[ap] = 5",
        "memory[pc] = advice",
        "memory[ap]=advice",
        "memory[ap + 01] = advice",
        "memory[ap + 32768] = advice",
        "memory[ap] = advice\n",
        "memory[ap] = advice\nmemory[ap + 1] = advice",
        'memory[ap] = program_input["a b"]',
        'ids.n = program_input["n"]',
        "import os",
    ],
)
def test_hints_off_the_list(code: str) -> None:
    assert not rules.is_listed_hint(code)


def test_of_starkwares_library_only_what_the_compiler_itself_calls() -> None:
    assert rules.is_forbidden_module("starkware.cairo.common.math")
    assert rules.is_forbidden_module("starkware.cairo.common.math.assert_nn")
    assert rules.is_forbidden_module(f"{rules.COMPILER_LIBRARY}_more")
    assert not rules.is_forbidden_module(f"{rules.COMPILER_LIBRARY}.get_fp_and_pc")
    assert not rules.is_forbidden_module("state.book")
    assert not rules.is_forbidden_module("__main__.starkware")
