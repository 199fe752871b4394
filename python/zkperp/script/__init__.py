"""Scripts of rule-book commands: a venue driven line by line, every rule within reach.

`read_script` reads a file's lines (docs/script.md), `run_script` runs them on a fresh venue.
"""

from zkperp.script.form import Line, read_script
from zkperp.script.run import Result, run_script

__all__ = ["Line", "Result", "read_script", "run_script"]
