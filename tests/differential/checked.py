"""The model under watch: what state.md § 10 says is asserted while it runs."""

from tests.model import invariants, requests
from tests.model.commands import Applied, Command, Envelope, Refused
from tests.model.conservation import Ledger
from tests.model.deleveraging import number_of
from tests.model.genesis import Venue
from tests.model.messages import Hashes
from tests.model.rules import Model, SignatureRule, verifies
from tests.model.state import State
from zkperp._generated.codes import Kind
from zkperp._generated.constants import (
    ACCOUNT_BASE,
    ACCOUNT_STRIDE,
    MARKETS_MAX,
    POSITION_STRIDE,
    STANDING_LEAF,
)
from zkperp._generated.events import EventType
from zkperp._generated.leaves import StandingFelt

# Where stamps are among an account's leaves.
STANDINGS = range(STANDING_LEAF, STANDING_LEAF + POSITION_STRIDE * MARKETS_MAX, POSITION_STRIDE)


class CheckedModel(Model):
    """A model whose money, positions and deleveragings are counted after every command.

    All other invariants take a walk over the whole state, and are looked at now and then.
    """

    # So many accepted commands between two looks at every invariant.
    EVERY = 100

    def __init__(
        self,
        state: State,
        venue: Venue,
        *,
        hashes: Hashes | None = None,
        signature_rule: SignatureRule = verifies,
        key_rule: requests.KeyRule = requests.is_public_key,
    ) -> None:
        super().__init__(
            state, venue, hashes=hashes, signature_rule=signature_rule, key_rule=key_rule
        )
        self.ledger = Ledger(state.leaves)
        self.accepted = 0
        # Deleveragings that have started.
        self.number = number_of(state)

    def apply(self, envelope: Envelope) -> Applied | Refused:
        """Apply a command and check what must hold after it.

        Raises:
            AssertionError: an invariant is broken.
        """
        result = super().apply(envelope)
        if isinstance(result, Applied):
            self.ledger.take(result.touched)
            self.check_stamps(envelope.command, result)
            self.accepted += 1
            if self.accepted % self.EVERY == 0:
                invariants.check(self.state)
        self.ledger.check()
        return result

    def check_stamps(self, command: Command, result: Applied) -> None:
        """Deleveragings are counted; each visit stamps one position, with their number, anew.

        Beside a stamp a position's tenure only grows, by one for each time it was exchanged.
        """
        self.number += sum(event.type == EventType.DELEVERAGING for event in result.events)
        assert number_of(self.state) == self.number
        standings = [
            leaf
            for leaf in result.touched
            if leaf.address >= ACCOUNT_BASE
            and (leaf.address - ACCOUNT_BASE) % ACCOUNT_STRIDE in STANDINGS
        ]
        stamped = [one for one in standings if one.old[0] != one.new[0]]
        assert len(stamped) == (command.kind == Kind.DELEVERAGE)
        for _, old, new in stamped:
            assert old[StandingFelt.STAMP] < new[StandingFelt.STAMP] == self.number
        for _, old, new in standings:
            assert old[StandingFelt.TENURE] <= new[StandingFelt.TENURE]
            assert not any(new[StandingFelt.WAITING + 1 :])
