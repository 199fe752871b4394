"""The model under watch: what state.md § 10 says is asserted while it runs."""

from tests.model import invariants, requests
from tests.model.commands import Applied, Envelope, Refused
from tests.model.conservation import Ledger
from tests.model.genesis import Venue
from tests.model.messages import Hashes
from tests.model.rules import Model, SignatureRule, verifies
from tests.model.state import State


class CheckedModel(Model):
    """A model whose money and positions are added up after every command.

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

    def apply(self, envelope: Envelope) -> Applied | Refused:
        """Apply a command and check what must hold after it.

        Raises:
            AssertionError: an invariant is broken.
        """
        result = super().apply(envelope)
        if isinstance(result, Applied):
            self.ledger.take(result.touched)
            self.accepted += 1
            if self.accepted % self.EVERY == 0:
                invariants.check(self.state)
        self.ledger.check()
        return result
