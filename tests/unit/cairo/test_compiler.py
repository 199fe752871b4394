from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zkperp.cairo import (
    CompileError,
    ForbiddenImport,
    SourceError,
    UnknownHint,
    UnsupportedBuiltins,
    compile_program,
    rules,
    to_json,
)
from zkperp.cairo.__main__ import main

P = rules.PRIME
PROGRAM = """%builtins output
{head}
func main{{output_ptr: felt*}}() {{
    {body}
    return ();
}}
"""

Compile = Callable[..., dict[str, Any]]


@pytest.fixture
def compile_source(tmp_path: Path) -> Compile:
    """Compile a main with this body; `head` stands before it, `source` in place of all."""

    def compile_body(body: str = "", *, head: str = "", source: str = "") -> dict[str, Any]:
        path = tmp_path / "program.cairo"
        path.write_text(source or PROGRAM.format(head=head, body=body))
        return compile_program(path)

    return compile_body


def immediates(program: dict[str, Any]) -> list[int]:
    """Return every word behind an `[ap] = imm, ap++`."""
    words = [int(word, 16) for word in program["data"]]
    return [words[i + 1] for i, word in enumerate(words) if word == 0x480680017FFF8000]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("5", 5),
        ("-1", P - 1),
        ("-(2 ** 62)", P - 2**62),
        ("2 ** 64", 2**32 - 1),
        (str(P - 1), P - 1),
        ("1 / 3", pow(3, -1, P)),
        ("-7 / 2", -7 * pow(2, -1, P) % P),
    ],
)
def test_constants_are_goldilocks(compile_source: Compile, expression: str, value: int) -> None:
    program = compile_source(f"[ap] = {expression}, ap++;")
    assert immediates(program) == [value]


def test_the_program_is_in_proof_mode_for_goldilocks(compile_source: Compile) -> None:
    program = compile_source()
    assert program["prime"] == hex(P)
    assert program["identifiers"]["__main__.__end__"]["pc"] == 4
    assert program["debug_info"] is None


def test_compiling_twice_gives_the_same_bytes(compile_source: Compile) -> None:
    body = '%{ memory[ap] = program_input["n"] %}\nap += 1;'
    assert to_json(compile_source(body)) == to_json(compile_source(body))


def test_the_compilers_own_library_may_be_used(compile_source: Compile) -> None:
    head = f"from {rules.COMPILER_LIBRARY} import get_fp_and_pc"
    program = compile_source("let (fp_value, _) = get_fp_and_pc();", head=head)
    assert any(name.startswith(rules.COMPILER_LIBRARY) for name in program["identifiers"])


@pytest.mark.parametrize(
    "module", ["starkware.cairo.common.math", "starkware.starknet.common.syscalls"]
)
def test_starkwares_library_is_refused(compile_source: Compile, module: str) -> None:
    with pytest.raises(ForbiddenImport) as error:
        compile_source(head=f"from {module} import anything")
    assert error.value.module == module


def test_a_module_of_ours_may_not_bring_it_in_either(tmp_path: Path) -> None:
    (tmp_path / "ours.cairo").write_text("from starkware.cairo.common.alloc import alloc\n")
    path = tmp_path / "program.cairo"
    path.write_text(PROGRAM.format(head="from ours import alloc", body="alloc();"))
    with pytest.raises(ForbiddenImport):
        compile_program(path)


def test_modules_are_found_below_the_roots(tmp_path: Path) -> None:
    (tmp_path / "lib/deep").mkdir(parents=True)
    (tmp_path / "lib/deep/ours.cairo").write_text("const FIVE = 5;\n")
    (tmp_path / "programs").mkdir()
    path = tmp_path / "programs/program.cairo"
    path.write_text(PROGRAM.format(head="from deep.ours import FIVE", body="[ap] = FIVE, ap++;"))
    with pytest.raises(SourceError, match=r"deep\.ours"):
        compile_program(path)
    assert immediates(compile_program(path, roots=[tmp_path / "lib"])) == [5]


def test_hints_off_the_list_are_refused(compile_source: Compile) -> None:
    with pytest.raises(UnknownHint) as error:
        compile_source("%{ memory[ap] = 5 %}\nap += 1;")
    assert error.value.code == "memory[ap] = 5"


@pytest.mark.parametrize(
    ("builtins", "arguments"),
    [
        ("output pedersen", "output_ptr: felt*, pedersen_ptr: felt*"),
        ("muldiv", "muldiv_ptr: felt*"),
        ("output poseidon2 range_check", "output_ptr, poseidon2_ptr, range_check_ptr"),
    ],
)
def test_other_builtins_are_refused(compile_source: Compile, builtins: str, arguments: str) -> None:
    source = f"%builtins {builtins}\nfunc main{{{arguments}}}() {{\n    return ();\n}}\n"
    with pytest.raises(UnsupportedBuiltins):
        compile_source(source=source)


def test_a_program_without_builtins_is_refused(compile_source: Compile) -> None:
    with pytest.raises(UnsupportedBuiltins):
        compile_source(source="func main() {\n    return ();\n}\n")


def test_mains_arguments_are_the_builtins_pointers(compile_source: Compile) -> None:
    source = "%builtins output\nfunc main{range_check_ptr}() {\n    return ();\n}\n"
    with pytest.raises(SourceError, match="output_ptr"):
        compile_source(source=source)


def test_a_syntax_error_names_file_and_line(compile_source: Compile) -> None:
    with pytest.raises(SourceError, match=r"program\.cairo:4:"):
        compile_source("assert assert;")


def test_modules_in_a_circle_are_a_source_error(tmp_path: Path) -> None:
    for here, there in (("a", "b"), ("b", "a")):
        (tmp_path / f"{here}.cairo").write_text(f"from {there} import x\n")
    path = tmp_path / "program.cairo"
    path.write_text(PROGRAM.format(head="from a import x", body=""))
    with pytest.raises(SourceError, match="circular"):
        compile_program(path)


def test_the_command_compiles_one_program(tmp_path: Path) -> None:
    source, output = tmp_path / "program.cairo", tmp_path / "out/program.json"
    source.write_text(PROGRAM.format(head="", body=""))
    assert main([str(source), "--output", str(output)]) == 0
    assert output.read_text() == to_json(compile_program(source))


def test_the_command_reports_a_refusal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, output = tmp_path / "program.cairo", tmp_path / "program.json"
    source.write_text(PROGRAM.format(head="", body="%{ exit() %}"))
    assert main([str(source), "--output", str(output)]) == 1
    assert "closed list" in capsys.readouterr().err
    assert not output.exists()
    assert main([str(tmp_path / "absent.cairo"), "--output", str(output)]) == 1


def test_the_command_keeps_a_folder_current(tmp_path: Path) -> None:
    sources, output = tmp_path / "programs", tmp_path / "compiled"
    (sources / "bad").mkdir(parents=True)
    for name in ("one", "bad/two"):
        (sources / f"{name}.cairo").write_text(PROGRAM.format(head="", body=""))
    assert main([str(sources), "--output", str(output)]) == 0
    (sources / "one.cairo").unlink()
    assert main([str(sources), "--output", str(output)]) == 0
    assert [path.name for path in output.rglob("*.json")] == ["two.json"]


def test_instructions_stay_below_2_to_63(monkeypatch: pytest.MonkeyPatch) -> None:
    from zkperp.cairo import _cairo_lang  # noqa: PLC0415

    monkeypatch.setattr(_cairo_lang, "encode_instruction", lambda *_: [1 << 63])
    with pytest.raises(CompileError, match="below 2\\^63"):
        _cairo_lang._encode(object(), P)
