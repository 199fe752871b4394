import os
import subprocess
import sys
from pathlib import Path

import pytest

from zkperp import __version__
from zkperp.cli import main as cli
from zkperp.errors import InvalidInput


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command, wide enough that no line of its help is folded."""
    command = Path(sys.executable).with_name("zkperp")
    return subprocess.run(
        [command, *arguments],
        capture_output=True,
        check=False,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
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
    assert result.returncode != 0
    assert "nonsense" in result.stderr


def test_a_refusal_is_one_line_on_stderr_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> None:
        message = "proof.bin: 3 bytes too short"
        raise InvalidInput(message)

    monkeypatch.setattr(cli, "app", refuse)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 1
    assert capsys.readouterr() == ("", "zkperp: proof.bin: 3 bytes too short\n")
