"""What the sequencer owes before risk may be taken (docs/spec/liquidation.md, conditional.md)."""

from tests.model.commands import Command
from tests.model.conditionals import crossed_markets
from tests.model.deleveraging import is_deleveraging, unvisited
from tests.model.due import first_due
from tests.model.pending import pending_markets
from tests.model.state import State
from zkperp._generated.codes import Kind


def duty(state: State) -> Command | None:
    """Return the command that brings the venue nearer to where risk may be taken again."""
    if pending_markets(state) != 0:
        return Command(kind=Kind.SWEEP)
    if is_deleveraging(state):
        left = unvisited(state)
        assert left, "what was visited falls short of all lots of the other side"
        return Command(kind=Kind.DELEVERAGE, account=left[0])
    if first_due(state) != 0:
        return Command(kind=Kind.LIQUIDATE)
    return Command(kind=Kind.TRIGGER) if crossed_markets(state) != 0 else None
