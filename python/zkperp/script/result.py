"""What a script's line did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zkperp.script.form import Line

__all__ = ["Result"]


@dataclass(frozen=True)
class Result:
    """What one line did.

    Attributes:
        line: the line.
        commands: each command that it sent, as `_native.Desk.apply` returns it, with `refusal` an
            object of code, name and text where it was refused.
        account: an account that it shows.
        batch: a batch that it sealed: batch.json's content, and its directory.
    """

    line: Line
    commands: Sequence[Mapping[str, Any]] = ()
    account: Mapping[str, Any] | None = None
    batch: Mapping[str, Any] | None = None
