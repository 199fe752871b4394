"""Falling markets on the real engine: run a scenario, write its numbers, draw them."""

from zkperp.simulation.run import SCENARIOS, Numbers, Scenario, run, summary
from zkperp.simulation.write import write

__all__ = ["SCENARIOS", "Numbers", "Scenario", "run", "summary", "write"]
