"""The benchmarks run and name what they measured; their figures are nobody's assertion."""

import json

import pytest

from tests.unit.test_proofs import FIBONACCI, command
from zkperp import bench
from zkperp.errors import InvalidInput


def test_a_figure_has_input_cold_run_and_median() -> None:
    (figure,) = bench.bench_vm(FIBONACCI, {"n": 50}, runs=2)
    assert figure.input == "fibonacci.json n=50"
    assert len(figure.runs) == 2
    assert figure.cold > 0
    assert figure.median > 0


def test_no_runs_are_no_benchmark() -> None:
    with pytest.raises(InvalidInput):
        bench.bench_vm(FIBONACCI, {"n": 50}, runs=0)


def test_the_command_prints_machine_and_figures() -> None:
    result = command("bench", "prove", FIBONACCI, "--set", "n=20", "--runs", "1", "--json")
    assert result.returncode == 0, result.stderr
    content = json.loads(result.stdout)
    assert "cores" in content["machine"]
    names = [figure["name"] for figure in content["figures"]]
    assert names == ["Cairo steps proven per second", "proof bytes"]
