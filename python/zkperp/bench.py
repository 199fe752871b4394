"""Benchmarks that anyone can run: each names its machine, its input and its median."""

import json
import os
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from zkperp import _native
from zkperp.errors import InvalidInput
from zkperp.files import why

__all__ = [
    "Figure",
    "all_runs",
    "bench_match",
    "bench_prove",
    "bench_tree",
    "bench_vm",
    "check_program",
    "figure",
    "machine",
    "read_program",
]

MATCH_COMMANDS = 3_000_000
"""Length of the matching workload whose hashes are known."""
MATCH_METRICS: Final = {
    "moves": "match_commands_per_second",
    "places": "match_commands_per_second_places",
}
"""The figure of each profile of that workload."""


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    Attributes:
        metric: what was measured, a name for machines.
        unit: of its values.
        input: what it was measured on.
        cold: the first run of the process, counted apart.
        runs: every counted run, in order.
    """

    metric: str
    unit: str
    input: str
    cold: float
    runs: tuple[float, ...]

    @property
    def median(self) -> float:
        """Median of the counted runs."""
        return statistics.median(self.runs)

    def as_dict(self) -> dict[str, Any]:
        """Return the figure for a machine; `value` is the median."""
        return {
            "metric": self.metric,
            "value": self.median,
            "unit": self.unit,
            "runs": len(self.runs),
            "cold": self.cold,
            "input": self.input,
        }


def machine() -> str:
    """Return the processor's name and the number of cores this process may use."""
    name = "unknown processor"
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [line for line in cpuinfo.read_text().splitlines() if "model name" in line]
        name = models[0].partition(":")[2].strip() if models else name
    return f"{name}, {len(os.sched_getaffinity(0))} cores"


def figure(metric: str, unit: str, what: str, values: Sequence[float]) -> Figure:
    """Return a figure of these runs, the first of which was cold."""
    return Figure(metric, unit, what, values[0], tuple(values[1:]))


def all_runs(runs: int) -> int:
    """Return how often to run, the cold run included.

    Raises:
        InvalidInput: no run would be counted.
    """
    if runs < 1:
        message = "at least one run is needed"
        raise InvalidInput(message)
    return runs + 1


def _input(values: Mapping[str, int]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())


def check_program(program: Path, advice: str) -> None:
    """Refuse a program that is not there, before anything is measured.

    Raises:
        InvalidInput: it is not there; the message ends with the advice.
    """
    if not program.is_file():
        message = f"{program}: no such program; {advice}"
        raise InvalidInput(message)


def read_program(program: Path) -> str:
    """Return the text of a compiled program.

    Raises:
        InvalidInput: it can't be read.
    """
    try:
        return program.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{program}: {why(error)}"
        raise InvalidInput(message) from error


def bench_match(
    *,
    rows: int,
    runs: int,
    commands: int = MATCH_COMMANDS,
    profiles: Sequence[str] = ("moves",),
) -> list[Figure]:
    """Measure commands matched per second: by the book alone, and by the whole engine.

    The book's workload is that of exchange-core's generator, mostly moves, or with mostly
    placements and cancels; at its full length commands and trades have to have the hashes that it
    is known by. The engine's is the project's generated flow: every check but the signatures',
    margin, events, and the bytes of both logs.

    Args:
        rows: of generated flow for the engine.
        runs: counted runs, after one that is counted apart.
        commands: of the book's workload.
        profiles: of the book's workload, "moves" or "places"; each is one figure.
    """
    total = all_runs(runs)
    figures = []
    for profile in profiles:
        rates, text = _native.bench_match(profile, commands, total)
        about = json.loads(text)
        what = (
            f"the book alone, profile {profile}, seed {about['seed']}, {about['commands']:,} "
            f"commands, {about['trades']:,} trades, trade hash {about['trade_hash']}"
        )
        what += ", as defined" if about["as_defined"] else ""
        figures.append(figure(MATCH_METRICS[profile], "1/s", what, rates))
    rates, applied = _native.bench_engine(rows, total)
    what = f"the engine with margin, events and logs, generated flow of {applied:,} commands"
    return [*figures, figure("engine_commands_per_second", "1/s", what, rates)]


def bench_tree(*, leaves: int, runs: int) -> list[Figure]:
    """Measure leaves written per second in one update of the state tree, root included.

    Args:
        leaves: of one update.
        runs: counted runs, after one that is counted apart.

    Raises:
        InvalidInput: an update of no leaves.
    """
    if leaves < 1:
        message = "at least one leaf is needed"
        raise InvalidInput(message)
    rates, live = _native.bench_tree(leaves, all_runs(runs))
    what = f"{min(leaves, live):,} leaves at random places among {live:,}"
    return [figure("tree_leaves_per_second", "1/s", what, rates)]


def bench_vm(program: Path, values: Mapping[str, int], *, runs: int) -> list[Figure]:
    """Measure Cairo steps executed per second.

    Args:
        program: the compiler's JSON.
        values: the felts that its hints name.
        runs: counted runs, after one that is counted apart.
    """
    compiled, text = read_program(program), json.dumps(values)
    rates = []
    for _ in range(all_runs(runs)):
        info = _native.run_program(compiled, text)
        rates.append(info["steps"] / info["run_seconds"])
    return [figure("vm_steps_per_second", "1/s", f"{program.name} {_input(values)}", rates)]


def bench_prove(
    program: Path, values: Mapping[str, int], *, on_chain: bool, security_bits: int, runs: int
) -> list[Figure]:
    """Measure Cairo steps proven per second (trace and proof; the run apart) and proof size.

    Args:
        program: the compiler's JSON.
        values: the felts that its hints name.
        on_chain: the parameters of the contract rather than the fast ones.
        security_bits: 100 or 120.
        runs: counted runs, after one that is counted apart: its memory is cold.
    """
    compiled, text = read_program(program), json.dumps(values)
    rates: list[float] = []
    sizes: list[float] = []
    steps = 0
    for _ in range(all_runs(runs)):
        _, info = _native.prove_program(compiled, text, on_chain, security_bits)
        steps = info["steps"]
        rates.append(steps / info["prove_seconds"])
        sizes.append(float(info["proof_bytes"]))
    rate = "rate 1/8" if on_chain else "rate 1/2"
    what = f"{program.name} {_input(values)}: {steps} steps, {rate}, {security_bits} bits"
    metric = "prove_steps_per_second" if on_chain else "prove_steps_per_second_offchain"
    cold = Figure("prove_steps_per_second_cold", "1/s", what, rates[0], (rates[0],))
    return [
        figure(metric, "1/s", what, rates),
        cold,
        figure("proof_bytes", "bytes", what, sizes),
    ]
