"""The benchmarks run and name what they measured; their figures are nobody's assertion."""

import json
from pathlib import Path

import pytest

from tests.unit.test_proofs import FIBONACCI, command
from zkperp import bench
from zkperp.bench_batches import bench_prove_batch
from zkperp.errors import InvalidInput


def test_a_figure_has_input_cold_run_and_median() -> None:
    (figure,) = bench.bench_vm(FIBONACCI, {"n": 50}, runs=2)
    assert figure.metric == "vm_steps_per_second"
    assert figure.input == "fibonacci.json n=50"
    assert len(figure.runs) == 2
    assert figure.cold > 0
    assert figure.median > 0


def test_no_runs_are_no_benchmark() -> None:
    with pytest.raises(InvalidInput):
        bench.bench_vm(FIBONACCI, {"n": 50}, runs=0)


def test_matching_is_measured_in_the_book_and_in_the_engine() -> None:
    figures = bench.bench_match(rows=2_000, runs=1, commands=5_000)
    assert [figure.metric for figure in figures] == [
        "match_commands_per_second",
        "engine_commands_per_second",
    ]
    assert all(figure.median > 0 for figure in figures)
    more = bench.bench_match(rows=2_000, runs=1, commands=5_000, profiles=("moves", "places"))
    assert [figure.metric for figure in more] == [
        "match_commands_per_second",
        "match_commands_per_second_places",
        "engine_commands_per_second",
    ]


def test_what_is_not_there_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere.json"
    with pytest.raises(InvalidInput, match=r"nowhere\.json: No such file or directory$"):
        bench.bench_vm(missing, {}, runs=1)
    with pytest.raises(InvalidInput, match="No such file"):
        bench.bench_prove(missing, {}, on_chain=False, security_bits=100, runs=1)
    with pytest.raises(InvalidInput, match="--hashes"):
        bench_prove_batch(None, missing, batch_orders=400, hash_count=8, runs=1)
    with pytest.raises(InvalidInput, match="leaf"):
        bench.bench_tree(leaves=0, runs=1)


def test_the_command_prints_machine_and_results() -> None:
    result = command("bench", "tree", "--leaves", "1000", "--runs", "1", "--json")
    assert result.returncode == 0, result.stderr
    content = json.loads(result.stdout)
    assert "cores" in content["machine"]
    (measured,) = content["results"]
    assert measured["metric"] == "tree_leaves_per_second"
    assert measured["unit"] == "1/s"
    assert measured["runs"] == 1
    assert measured["value"] > 0


def test_proving_prints_speed_and_size() -> None:
    result = command("bench", "prove", FIBONACCI, "--set", "n=20", "--runs", "1", "--json")
    assert result.returncode == 0, result.stderr
    metrics = [measured["metric"] for measured in json.loads(result.stdout)["results"]]
    assert metrics == [
        "prove_steps_per_second_offchain",
        "prove_steps_per_second_cold",
        "proof_bytes",
    ]


def test_proving_a_batch_prints_all_it_measures() -> None:
    options = ("--batch-orders", "4", "--hash-count", "8", "--runs", "1", "--json")
    result = command("bench", "prove", *options)
    assert result.returncode == 0, result.stderr
    measured = {entry["metric"]: entry["value"] for entry in json.loads(result.stdout)["results"]}
    assert list(measured) == [
        "prove_steps_per_second",
        "prove_steps_per_second_cold",
        "proof_bytes",
        "prove_steps_per_second_offchain",
        "prove_poseidon2_per_second",
        "prove_peak_bytes",
    ]
    assert all(value > 0 for value in measured.values())
