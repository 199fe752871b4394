"""Gives one flow to the Python model and to another writer, and compares all they say.

README.md has the protocol. The model's side of a run is a transcript, which can also be kept and
compared with later.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from tests.differential.checked import CheckedModel
from tests.differential.conditional_situations import ConditionalObserver
from tests.differential.flows import Flow
from tests.differential.order_situations import order_situations
from tests.differential.profiles import Profile, venue
from tests.differential.situations import Observer
from tests.model import forms
from tests.model.batch import Sealed
from tests.model.commands import UNSIGNED_KINDS, Envelope
from tests.model.desk import BAD, GOOD, NATIVE, told
from tests.model.genesis import Venue
from tests.model.rules import Model

Json = dict[str, Any]


class Writer(Protocol):
    """A writer of the rules; all arguments and results are JSON text."""

    def apply(self, step: str) -> str:
        """Apply `{"time_ms", "command"}`; return `{"code"}` or `{"post"}`."""

    def seal(self) -> str:
        """Close the batch; return `{"old_root", "new_root", "output"}`."""


# Takes `pre.venue` as JSON text.
MakeWriter = Callable[[str], Writer]


class Exchange(NamedTuple):
    """A command, or nothing for a seal, and what the model says to it."""

    step: Json | None
    answer: Json
    # What the command met, by the names of the three files of situations.
    situations: tuple[str, ...] = ()


class Difference(AssertionError):
    """Two writers disagree."""


def step_json(envelope: Envelope) -> Json:
    """Return a step whose signature is said to be good or bad."""
    step = forms.envelope_json(envelope)
    if step["command"].pop("signature", None) is not None:
        step["command"]["signature_valid"] = "1" if envelope.command.signature == GOOD else "0"
    return step


def envelope_of(step: Json) -> Envelope:
    """Return the envelope of such a step."""
    command = dict(step["command"])
    valid = command.pop("signature_valid", "0") == "1"
    envelope = forms.envelope_of(step | {"command": command})
    signed = envelope.command.kind not in UNSIGNED_KINDS
    signature = (GOOD if valid else BAD) if signed else b""
    return Envelope(envelope.time_ms, replace(envelope.command, signature=signature))


def seal_json(sealed: Sealed) -> Json:
    """Return a seal the way the vectors hold it."""
    return {name: forms.words(felts) for name, felts in sealed._asdict().items()}


class ModelWriter:
    """The Python model behind the protocol: how another writer is to behave."""

    def __init__(self, venue: str) -> None:
        rules = forms.venue_of(json.loads(venue))
        self.model = Model.genesis(rules, hashes=NATIVE, signature_rule=told)

    def apply(self, step: str) -> str:
        """Apply a step."""
        return json.dumps(forms.result_json(self.model.apply(envelope_of(json.loads(step)))))

    def seal(self) -> str:
        """Close the batch."""
        return json.dumps(seal_json(self.model.seal()))


def model_of(venue: Venue) -> Model:
    """Return a model that checks itself, is told about signatures, and hashes natively."""
    return CheckedModel.genesis(venue, hashes=NATIVE, signature_rule=told)


def transcript(profile: Profile, seed: int, *, commands: int, batch: int) -> Iterator[Exchange]:
    """Yield a flow with the model's answers, a seal after every `batch` commands and at the end.

    A seal that would close an empty batch is left out.

    Raises:
        AssertionError: the model breaks an invariant; its note says at which command.
    """
    model = model_of(venue(profile))
    flow, observer = Flow(profile, seed, model), Observer()
    waiting = ConditionalObserver()
    for number in range(1, commands + 1):
        envelope = flow.next()
        try:
            result = model.apply(envelope)
        except Exception as error:
            place = f"the model itself, {flow_name(profile, seed)}, command {number}"
            error.add_note(f"{place}: {json.dumps(step_json(envelope))}")
            raise
        met = (
            *observer.situations(model.state, envelope.command, result),
            *order_situations(model.state, envelope.command, result),
            *waiting.situations(model.state, envelope.command, result),
        )
        yield Exchange(step_json(envelope), forms.result_json(result), met)
        if (number % batch == 0 or number == commands) and model.open.commands > 0:
            yield Exchange(None, seal_json(model.seal()))


def flow_name(profile: Profile, seed: int) -> str:
    """Return how messages name a flow."""
    return f"profile {profile.name}, seed {seed}"


def unnamed(answer: Json) -> Json:
    """Return an answer without the names of leaves, which are for the reader."""
    if "post" not in answer:
        return answer
    changed = [{"addr": leaf["addr"], "leaf": leaf["leaf"]} for leaf in answer["post"]["changed"]]
    return {"post": answer["post"] | {"changed": changed}}


def compare(make: MakeWriter, venue: Venue, exchanges: Iterable[Exchange], *, about: str) -> int:
    """Give every command of a transcript to a writer; return how many there were.

    Raises:
        Difference: at the first answer that is not the model's.
    """
    writer = make(json.dumps(forms.venue_json(venue)))
    number = 0
    for step, expected, _ in exchanges:
        number += step is not None
        answer = json.loads(writer.seal() if step is None else writer.apply(json.dumps(step)))
        if unnamed(answer) != expected:
            what = "seal" if step is None else json.dumps(step)
            message = (
                f"{about}, command {number}: {what}\n"
                f"model:  {json.dumps(expected)}\nwriter: {json.dumps(answer)}"
            )
            raise Difference(message)
    return number


def check(make: MakeWriter, profile: Profile, seed: int, *, commands: int, batch: int) -> int:
    """Compare a writer with the model on one seeded flow; return the number of commands.

    Raises:
        Difference: at the first answer that is not the model's.
    """
    exchanges = transcript(profile, seed, commands=commands, batch=batch)
    return compare(make, venue(profile), exchanges, about=flow_name(profile, seed))
