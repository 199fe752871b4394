"""The engine through its binding: the worked scenario, and texts that are not of the format."""

import json
from pathlib import Path
from typing import Any

import pytest

from zkperp._native import RuleBook
from zkperp.errors import InvalidInput

SCENARIO: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors/rules/scenario-01.json").read_text()
)


def test_the_scenario_runs_as_worked_by_hand() -> None:
    book = RuleBook(json.dumps(SCENARIO["pre"]["venue"]))
    for step in SCENARIO["steps"]:
        answer = json.loads(book.apply(json.dumps(step)))
        if "code" in step:
            assert answer == {"code": step["code"]}, step["name"]
            continue
        post = step["post"]
        for key in ("outcome", "data", "withdrawals", "events"):
            assert answer["post"][key] == post[key], (step["name"], key)
        changed = [{"addr": leaf["addr"], "leaf": leaf["leaf"]} for leaf in post["changed"]]
        assert answer["post"]["changed"] == changed, step["name"]
    sealed = json.loads(book.seal())
    for key in ("old_root", "new_root", "output"):
        assert sealed[key] == SCENARIO["seal"][key]


def test_a_command_wider_than_its_fields_is_malformed() -> None:
    book = RuleBook(json.dumps(SCENARIO["pre"]["venue"]))
    time_ms = SCENARIO["pre"]["venue"]["start_time_ms"]
    command = {"kind": "cancel", "account": str(2**40), "signature_valid": "1"}
    answer = book.apply(json.dumps({"time_ms": time_ms, "command": command}))
    assert json.loads(answer) == {"code": "1001"}


@pytest.mark.parametrize("text", ["", "{}", '{"time_ms": 1, "command": {"kind": "time"}}'])
def test_a_text_of_another_form_is_refused(text: str) -> None:
    book = RuleBook(json.dumps(SCENARIO["pre"]["venue"]))
    with pytest.raises(InvalidInput):
        book.apply(text)


def test_an_empty_batch_is_not_sealed() -> None:
    with pytest.raises(InvalidInput, match="no command"):
        RuleBook(json.dumps(SCENARIO["pre"]["venue"])).seal()
