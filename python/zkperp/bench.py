"""Benchmarks that anyone can run: each names its machine, its input and its median."""

import json
import os
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zkperp import _native
from zkperp.errors import InvalidInput

__all__ = ["Figure", "bench_prove", "bench_vm", "machine"]


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    Attributes:
        name: what was measured, with its unit.
        input: what it was measured on.
        runs: every counted run, in order; the first may have been cold.
        cold: the first run of the process, counted apart.
    """

    name: str
    input: str
    cold: float
    runs: tuple[float, ...]

    @property
    def median(self) -> float:
        """Median of the counted runs."""
        return statistics.median(self.runs)

    def as_dict(self) -> dict[str, Any]:
        """Return the figure for a machine."""
        return {
            "name": self.name,
            "input": self.input,
            "cold": self.cold,
            "runs": list(self.runs),
            "median": self.median,
        }


def machine() -> str:
    """Return the processor's name and the number of cores this process may use."""
    name = "unknown processor"
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [line for line in cpuinfo.read_text().splitlines() if "model name" in line]
        name = models[0].partition(":")[2].strip() if models else name
    return f"{name}, {len(os.sched_getaffinity(0))} cores"


def _repeat(name: str, what: str, runs: int, once: Callable[[], float]) -> Figure:
    if runs < 1:
        message = "at least one run is needed"
        raise InvalidInput(message)
    cold = once()
    return Figure(name, what, cold, tuple(once() for _ in range(runs)))


def _input(values: Mapping[str, int]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())


def bench_vm(program: Path, values: Mapping[str, int], *, runs: int) -> list[Figure]:
    """Measure Cairo steps executed per second.

    Args:
        program: the compiler's JSON.
        values: the felts that its hints name.
        runs: counted runs, after one that is counted apart.
    """
    compiled, text = program.read_text(encoding="utf-8"), json.dumps(values)

    def once() -> float:
        info = _native.run_program(compiled, text)
        return float(info["steps"] / info["run_seconds"])

    return [_repeat("Cairo steps run per second", f"{program.name} {_input(values)}", runs, once)]


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
    compiled, text = program.read_text(encoding="utf-8"), json.dumps(values)
    sizes: list[float] = []
    steps = 0

    def once() -> float:
        nonlocal steps
        _, info = _native.prove_program(compiled, text, on_chain, security_bits)
        sizes.append(float(info["proof_bytes"]))
        steps = info["steps"]
        return float(steps / info["prove_seconds"])

    rate = "rate 1/8" if on_chain else "rate 1/2"
    speed = _repeat("Cairo steps proven per second", "", runs, once)
    what = f"{program.name} {_input(values)}: {steps} steps, {rate}, {security_bits} bits"
    return [
        Figure(speed.name, what, speed.cold, speed.runs),
        Figure("proof bytes", what, sizes[0], tuple(sizes[1:])),
    ]
