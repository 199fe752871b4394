"""The model's hand-worked tests once more, with the engine given every command beside it."""

import json
from types import ModuleType

import pytest

from tests.differential.driver import step_json, unnamed
from tests.model import forms
from tests.model.commands import Applied, Envelope, Refused
from tests.model.desk import Desk
from tests.model.genesis import Venue
from tests.unit.model import (
    test_rules_conditional,
    test_rules_deleveraging,
    test_rules_limits,
    test_rules_liquidation,
    test_rules_matching,
    test_rules_money,
    test_rules_orders,
    test_rules_prices,
    test_rules_refusals,
)
from zkperp._native import RuleBook


class Engine:
    """An engine that must answer as the model does."""

    def __init__(self, venue: Venue) -> None:
        self.rules = RuleBook(json.dumps(forms.venue_json(venue)))

    def __call__(self, envelope: Envelope, result: Applied | Refused) -> None:
        answer = json.loads(self.rules.apply(json.dumps(step_json(envelope))))
        assert unnamed(answer) == forms.result_json(result)


@pytest.fixture(autouse=True)
def engine_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Desk, "shadows", [Engine])


def scripts(module: ModuleType) -> dict[str, object]:
    """Return a module's tests under names of their own."""
    short = module.__name__.rpartition("test_rules_")[2]
    return {
        f"test_{short}_{name.removeprefix('test_')}": test
        for name, test in vars(module).items()
        if name.startswith("test_")
    }


for scripted in (
    test_rules_conditional,
    test_rules_deleveraging,
    test_rules_limits,
    test_rules_liquidation,
    test_rules_matching,
    test_rules_money,
    test_rules_orders,
    test_rules_prices,
    test_rules_refusals,
):
    globals().update(scripts(scripted))
