"""What a long comparison consisted of: counts by kind of command, refusal, event and profile."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from tests.differential import conditional_situations, order_situations, situations
from tests.differential.driver import Exchange
from zkperp._generated.codes import Kind, RemovalReason
from zkperp._generated.events import EventType
from zkperp._generated.refusals import Refusal

# Why a conditional order can go.
OF_CONDITIONALS = (
    RemovalReason.CANCELLED,
    RemovalReason.EXPIRED,
    RemovalReason.CLEARED,
    RemovalReason.ORPHANED,
    RemovalReason.PARTNER,
)


class Tally:
    """Counts of all commands that were found equal."""

    def __init__(self) -> None:
        self.commands = 0
        self.seals = 0
        self.profiles = Counter[str]()
        self.accepted = Counter[str]()
        self.refused = Counter[str]()
        self.events = Counter[str]()
        # Reasons in events of accepted commands: of stopped takers, deposits, rejected requests.
        self.reasons = Counter[str]()
        # Why resting orders went.
        self.removals = Counter[str]()
        # Why conditional orders went without firing.
        self.dropped = Counter[str]()
        self.situations = Counter[str]()

    def counted(self, exchanges: Iterable[Exchange], profile: str) -> Iterator[Exchange]:
        """Yield exchanges; count each once it was dealt with, so that one that differs is not."""
        for exchange in exchanges:
            yield exchange
            self.count(exchange, profile)

    def count(self, exchange: Exchange, profile: str) -> None:
        """Count a command or a seal."""
        if exchange.step is None:
            self.seals += 1
            return
        self.commands += 1
        self.profiles[profile] += 1
        self.situations.update(exchange.situations)
        answer = exchange.answer
        if "code" in answer:
            self.refused[name_of(answer["code"])] += 1
            return
        self.accepted[exchange.step["command"]["kind"]] += 1
        events = answer["post"]["events"]
        self.events.update(event["type"] for event in events)
        self.removals.update(reasons_of(events, EventType.ORDER_REMOVED))
        self.dropped.update(reasons_of(events, EventType.CONDITIONAL_REMOVED))
        self.reasons.update(name_of(event["code"]) for event in events if int(event.get("code", 0)))

    def json(self) -> dict[str, Any]:
        """Return all counts, the most frequent first, and what never came up."""
        return {
            "commands": self.commands,
            "seals": self.seals,
            "profiles": dict(self.profiles),
            "accepted": dict(self.accepted.most_common()),
            "refused": dict(self.refused.most_common()),
            "reasons": dict(self.reasons.most_common()),
            "events": dict(self.events.most_common()),
            "removals": dict(self.removals.most_common()),
            "dropped": dict(self.dropped.most_common()),
            "situations": dict(self.situations.most_common()),
            "never": {
                "accepted": missing(Kind, self.accepted),
                "refused": missing(Refusal, self.refused + self.reasons),
                "events": missing(EventType, self.events),
                "removals": missing(RemovalReason, self.removals + self.dropped),
                "dropped": missing(OF_CONDITIONALS, self.dropped),
                "situations": self.without(situations.SITUATIONS),
                "situations of orders": self.without(order_situations.SITUATIONS),
                "situations of conditional orders": self.without(conditional_situations.SITUATIONS),
            },
        }

    def without(self, names: Iterable[str]) -> list[str]:
        """Return the situations that were not met."""
        return [name for name in names if self.situations[name] == 0]


def reasons_of(events: list[dict[str, str]], of: EventType) -> Iterator[str]:
    """Yield the names of the reasons in removals of one type."""
    for event in events:
        if event["type"] == of.name.lower():
            yield RemovalReason(int(event["reason"])).name.lower()


def name_of(code: str) -> str:
    """Return the name of a refusal's code."""
    return Refusal(int(code)).name.lower()


def missing(
    names: Iterable[Kind | Refusal | EventType | RemovalReason], counts: Counter[str]
) -> list[str]:
    """Return what has no count."""
    return [one.name.lower() for one in names if counts[one.name.lower()] == 0]
