import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from zkperp import __version__
from zkperp.cli import main as cli
from zkperp.errors import InvalidInput
from zkperp.files import check_target, why, write_whole

ROOT = Path(__file__).parents[2]


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the installed command, wide enough that no line of its help is folded."""
    command = Path(sys.executable).with_name("zkperp")
    return subprocess.run(
        [command, *arguments],
        capture_output=True,
        check=False,
        cwd=cwd,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1", "PYTHONPATH": str(ROOT / "python")},
        text=True,
    )


def test_version() -> None:
    result = run("--version")
    assert (result.returncode, result.stdout) == (0, f"zkperp {__version__}\n")


def test_help() -> None:
    result = run("--help")
    assert result.returncode == 0
    assert "Usage: zkperp" in result.stdout


def test_an_unknown_command_is_named() -> None:
    result = run("nonsense")
    assert (result.returncode, result.stdout) == (1, "")
    assert "nonsense" in result.stderr
    assert "Usage: zkperp" in result.stderr


def test_help_is_no_error() -> None:
    for command in ((), ("deploy",), ("bench",), ("bench", "tree")):
        assert run(*command, "--help").returncode == 0
    nothing = run()
    assert nothing.returncode == 1
    assert "Usage: zkperp" in nothing.stdout


@pytest.mark.parametrize(
    "line",
    [
        "deploy --rpc x --out y --deposit 99999999999999",
        "deploy --rpc x --out y --seed 18446744073709551616",
        "deploy --rpc x",
        "deploy --rpc x --out y --traders 1000000000",
        "account . --account 99999999999999999",
        "account --rpc x --trader 4294967295",
        "deposit 99999999999999999 --rpc x --rollup y --trader 1",
        "bench tree --leaves -1",
        "bench tree --leaves 0",
        "bench match --runs 0",
        "bench match --profile neither",
        "bench prove --batch-orders -1",
        "bench prove --hash-count -1",
        "bench vm nofile",
        "bench prove nofile",
        "replay --withdraw 99999999999:1",
        "replay --start-time-ms -1",
        "prove-program circuits/compiled/fibonacci.json --set n=100000000000000000000000",
        "nonsense",
        "demo --nonsense",
    ],
)
def test_a_wrong_command_line_is_one_object_and_exit_code_1(line: str, tmp_path: Path) -> None:
    words = [str(ROOT / word) if word.startswith("circuits/") else word for word in line.split()]
    result = run(*words, "--json", cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    error = json.loads(result.stdout)["error"]
    assert error["code"] == "invalid-input"
    assert result.stderr.endswith(f"zkperp: {error['message']}\n")
    assert "Traceback" not in result.stderr
    assert "Errno" not in error["message"]


def test_a_proof_that_can_not_be_written_is_refused_before_it_is_made(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere" / "x.proof")
    program = str(ROOT / "circuits/compiled/fibonacci.json")
    for command in (("prove-program", program, "--set", "n=9"), ("prove-batch", "no-batch")):
        result = run(*command, "--out", nowhere)
        assert result.returncode == 1
        assert result.stderr == f"zkperp: {nowhere}: there is no folder {tmp_path / 'nowhere'}\n"


def test_a_file_that_is_wrong_is_named_once(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    broken = tmp_path / "broken"
    broken.write_text("{]")
    assert why(OSError(2, "No such file or directory", str(missing))) == "No such file or directory"
    result = run("verify", str(missing))
    assert result.stderr == f"zkperp: {missing}: No such file or directory\n"
    program = str(ROOT / "circuits/compiled/fibonacci.json")
    result = run("prove-program", program, "--input", str(broken))
    assert result.stderr.startswith(f"zkperp: {broken}: not JSON: ")
    with pytest.raises(InvalidInput, match="is a folder"):
        check_target(tmp_path)
    with pytest.raises(InvalidInput, match="Not a directory"):
        write_whole(broken / "x", b"")


def test_a_refusal_is_one_line_on_stderr_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*, standalone_mode: bool) -> None:
        assert not standalone_mode
        message = "proof.bin: 3 bytes too short"
        raise InvalidInput(message)

    monkeypatch.setattr(cli, "app", refuse)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 1
    assert capsys.readouterr() == ("", "zkperp: proof.bin: 3 bytes too short\n")
