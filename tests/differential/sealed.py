"""Batch directories through model and engine, side by side.

What lies in a directory is all that the model is told: it reads the command log by itself, in the
state that it has come to. Rows that were refused leave nothing there; refusals are compared on the
flows of flows.py.
"""

import json
from pathlib import Path

from tests.differential import logs
from tests.differential.checked import CheckedModel
from tests.differential.driver import seal_json, unnamed
from tests.differential.recorded import Replayed, source
from tests.model import forms
from tests.model.batch import Sealed
from tests.model.commands import Applied, Event
from tests.model.desk import NATIVE
from tests.model.genesis import Venue
from tests.model.rules import verifies
from tests.model.state import Felts
from zkperp import _native
from zkperp._generated.codes import Kind


class Sampled:
    """Verifies one signature in so many by the model's slow curve; the engine verifies all."""

    EVERY = 100

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, public_key: Felts, digest: Felts, signature: bytes) -> bool:
        """Say whether a signature verifies, or look at one that is not in the sample."""
        self.asked += 1
        if self.asked % self.EVERY == 1:
            return verifies(public_key, digest, signature)
        return len(signature) == 80


class Writers:
    """Model and engine side by side, from the same first state."""

    def __init__(self, venue: Venue) -> None:
        self.signatures = Sampled()
        self.model = CheckedModel.genesis(venue, hashes=NATIVE, signature_rule=self.signatures)
        self.engine = _native.RuleBook(json.dumps(forms.venue_json(venue)))
        self.commands = 0
        self.user_commands = 0
        self.events: list[Event] = []

    def run(self, directory: Path) -> Sealed:
        """Give a batch to both, and compare them with each other and with what lies there.

        Returns:
            The model's seal.
        """
        about = f"{source()}, {directory.name}"
        summary = json.loads((directory / "batch.json").read_text())
        commands = logs.commands((directory / "commands.log").read_bytes())
        results = logs.events((directory / "events.log").read_bytes())
        assert forms.words(self.model.root) == summary["old_root"], about
        for command, result in zip(commands, results, strict=True):
            self.apply(command, result, f"{about}, command {self.commands}")
        sealed = self.model.seal()
        assert json.loads(self.engine.seal()) == seal_json(sealed), about
        assert forms.words(sealed.new_root) == summary["new_root"], about
        assert 8 * len(sealed.output) == summary["data_bytes"], about
        return sealed

    def apply(self, command: logs.LoggedCommand, logged: logs.LoggedEvents, about: str) -> None:
        """Apply a command, and compare what both and the event log say to it."""
        envelope = command.envelope(self.model.state)
        result = self.model.apply(envelope)
        assert isinstance(result, Applied), about
        answer = json.loads(self.engine.apply(json.dumps(forms.envelope_json(envelope))))
        assert unnamed(answer) == forms.result_json(result), about
        assert result.record == command.record, about
        assert logged == logs.LoggedEvents(
            self.commands, result.outcome, tuple(map(logs.as_felts, result.events))
        ), about
        self.commands += 1
        self.user_commands += Kind.PLACE <= envelope.command.kind < Kind.TICK
        self.events += result.events


def compare(flow: Replayed) -> Writers:
    """Run all batches of a flow, and return the writers at its end."""
    writers = Writers(flow.venue())
    for directory in flow.directories:
        writers.run(directory)
    return writers
