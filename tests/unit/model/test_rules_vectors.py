"""The model against the worked example tests/vectors/rules, with the hash and signatures in Python.

Everything is compared: events, outcomes, leaves, records, public words, roots.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.model import batch, forms, invariants
from tests.model.messages import Hashes
from tests.model.rules import Model
from tests.model.state import account_address
from zkperp import _native
from zkperp._generated.constants import FUND_ACCOUNT
from zkperp._generated.leaves import AccountFelt

VECTORS = Path(__file__).parents[2] / "vectors/rules"
NATIVE = Hashes(_native.poseidon2_compress, _native.poseidon2_sponge)

Json = dict[str, Any]


def read(path: Path) -> Json:
    content: Json = json.loads(path.read_text())
    return content


def unnamed(leaves: list[Json]) -> list[Json]:
    """Leave out the names, which are for the reader."""
    return [{"addr": leaf["addr"], "leaf": leaf["leaf"]} for leaf in leaves]


SCENARIOS = [pytest.param(read(path), id=path.stem) for path in sorted(VECTORS.glob("*.json"))]


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("hashes", [Hashes(), NATIVE], ids=["python", "native"])
def test_a_scenario_step_by_step(scenario: Json, hashes: Hashes) -> None:
    model = Model.genesis(forms.venue_of(scenario["pre"]["venue"]), hashes=hashes)
    assert forms.state_json(model.state.leaves) == unnamed(scenario["pre"]["leaves"])
    assert forms.words(model.root) == scenario["pre"]["root"]
    for step in scenario["steps"]:
        result = forms.result_json(model.apply(forms.envelope_of(step)))
        invariants.check(model.state)
        if "code" in step:
            assert result == {"code": step["code"]}, step["name"]
        else:
            expected = step["post"] | {"changed": unnamed(step["post"]["changed"])}
            assert result == {"post": expected}, step["name"]
    sealed = model.seal()
    assert forms.words(sealed.old_root) == scenario["seal"]["old_root"]
    assert forms.words(sealed.new_root) == scenario["seal"]["new_root"]
    assert forms.words(sealed.output) == scenario["seal"]["output"]
    assert forms.state_json(model.state.leaves) == unnamed(scenario["seal"]["leaves"])


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_scenario_follows_from_its_public_words(scenario: Json) -> None:
    model = Model.genesis(forms.venue_of(scenario["pre"]["venue"]), hashes=NATIVE)
    sealed = batch.replay(model, forms.integers(scenario["seal"]["output"]))
    assert forms.words(sealed.new_root) == scenario["seal"]["new_root"]
    assert forms.state_json(model.state.leaves) == unnamed(scenario["seal"]["leaves"])


def test_the_fund_ends_without_debt() -> None:
    # scenario_03.py says what it holds: one micro-USDC, which it is given when all is over.
    scenario = read(VECTORS / "scenario-03.json")
    leaves = {int(one["addr"]): forms.integers(one["leaf"]) for one in scenario["seal"]["leaves"]}
    assert leaves[account_address(FUND_ACCOUNT)][AccountFelt.COLLATERAL] == 1
    events = [one for step in scenario["steps"] for one in step.get("post", {}).get("events", [])]
    kinds = Counter(one["type"] for one in events)
    assert kinds["takeover"] == 3
    assert kinds["deleveraging"] == 2
    assert kinds["deleveraged"] == 4


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_json_forms_lose_nothing(scenario: Json) -> None:
    venue = forms.venue_of(scenario["pre"]["venue"])
    assert forms.venue_json(venue) == scenario["pre"]["venue"]
    for step in scenario["steps"]:
        envelope = forms.envelope_of(step)
        assert forms.envelope_of(forms.envelope_json(envelope)) == envelope
