"""What waits while accounts may be unsafe; looking at crossed triggers (liquidation.md § 3)."""

from tests.model import triggers
from tests.model.commands import Journal, refuse
from tests.model.conditionals import crossed_markets
from tests.model.due import become_due, first_due
from tests.model.margin import sums
from tests.model.state import RISK, Felts, State
from zkperp._generated.leaves import RiskFelt
from zkperp._generated.refusals import Refusal


def pending_markets(state: State) -> int:
    """Return the bitmap of markets whose lists have to be looked through."""
    return state.get(RISK, RiskFelt.PENDING)


def refuse_while_pending(state: State) -> None:
    """Refuse a command while an account may be unsafe.

    Raises:
        RefusedError: LIQUIDATION_PENDING.
    """
    waits = pending_markets(state) != 0 or first_due(state) != 0
    refuse(Refusal.LIQUIDATION_PENDING, when=waits)


def refuse_risk(state: State) -> None:
    """Refuse a command that takes risk while the sequencer owes anything (conditional.md § 4).

    Raises:
        RefusedError: LIQUIDATION_PENDING, or TRIGGER_DUE.
    """
    refuse_while_pending(state)
    refuse(Refusal.TRIGGER_DUE, when=crossed_markets(state) != 0)


def note_crossed(state: State, market: int) -> None:
    """Set a market's bit when one of its triggers is crossed, at the end of tick and fund."""
    if triggers.first_crossed(state, market) is not None:
        state.put(RISK, RiskFelt.PENDING, pending_markets(state) | 1 << market)


def sweep(state: State, journal: Journal) -> Felts:
    """Look at the first crossed trigger of the lowest pending market."""
    pending = pending_markets(state)
    refuse(Refusal.NOTHING_DUE, when=pending == 0)
    market = (pending & -pending).bit_length() - 1
    account = triggers.first_crossed(state, market)
    if account is None:
        state.put(RISK, RiskFelt.PENDING, pending & ~(1 << market))
        return (0, 0, market, 0)
    if sums(state, account).maintenance >= 0:
        triggers.key(state, account)
        return (0, account, market, 0)
    become_due(state, journal, account)
    return (0, account, market, 1)
