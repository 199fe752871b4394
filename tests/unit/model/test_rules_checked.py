"""A rule that loses or makes something is noticed at the very command that does."""

import json

import pytest

from tests.differential.checked import CheckedModel
from tests.differential.driver import ModelWriter, model_of, transcript
from tests.differential.flows import Flow
from tests.differential.fuzz import FLOW, SEED_STRIDE, Run, parts
from tests.differential.profiles import PROFILES, venue
from tests.model import invariants
from tests.model.commands import Applied
from tests.model.conservation import Ledger
from tests.model.state import EMPTY, MONEY, Touched, account_address, interest_address
from tests.model.state import position_address as position
from zkperp._generated.constants import FUND_ACCOUNT
from zkperp._generated.leaves import AccountFelt, InterestFelt, MoneyFelt, PositionFelt

REAL = PROFILES[0]


def test_following_the_changes_comes_to_what_the_whole_state_adds_up_to() -> None:
    for profile in PROFILES:
        model = model_of(venue(profile))
        assert isinstance(model, CheckedModel)
        flow = Flow(profile, 9, model)
        for _ in range(400):
            model.apply(flow.next())
        assert model.accepted > 0
        assert vars(model.ledger) == vars(Ledger(model.state.leaves))
        invariants.check(model.state)


@pytest.mark.parametrize(
    ("address", "field"),
    [
        (MONEY, MoneyFelt.CUSTODY),
        (MONEY, MoneyFelt.FEES),
        (MONEY, MoneyFelt.FUND),
        (account_address(1), AccountFelt.COLLATERAL),
        (account_address(FUND_ACCOUNT), AccountFelt.COLLATERAL),
        (interest_address(1), InterestFelt.CLEARING),
        (interest_address(31), InterestFelt.OPEN_INTEREST),
        (position(1, 0), PositionFelt.SIZE),
        (position(FUND_ACCOUNT, 31), PositionFelt.SIZE),
    ],
)
def test_one_too_many_anywhere_is_noticed(address: int, field: int) -> None:
    leaf = tuple(int(at == field) for at in range(8))
    ledger = Ledger({})
    ledger.check()
    ledger.take([Touched(address, EMPTY, leaf)])
    with pytest.raises(AssertionError):
        ledger.check()
    ledger.take([Touched(address, leaf, EMPTY)])
    ledger.check()


def test_a_lost_micro_usdc_stops_the_flow_at_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    paid: list[tuple[Touched, ...]] = []

    def steals(self: Ledger, touched: tuple[Touched, ...], take: object = Ledger.take) -> None:
        assert callable(take)
        take(self, touched)
        paid.append(touched)
        if len(paid) == 51:
            self.money -= 1

    monkeypatch.setattr(Ledger, "take", steals)
    run = Run(4, 500, [REAL])
    with pytest.raises(AssertionError) as caught:
        run.go(ModelWriter)
    (note,) = caught.value.__notes__
    assert note.startswith("the model itself, profile real, seed 4, command ")
    assert run.stopped is not None
    assert note in run.stopped
    # 51 looks: the first state, and 50 accepted commands, of which the last doesn't count.
    assert sum(run.tally.accepted.values()) == 49


def test_every_hundredth_command_meets_all_invariants(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[object] = []
    monkeypatch.setattr(invariants, "check", looks.append)
    model = model_of(venue(REAL))
    assert isinstance(model, CheckedModel)
    flow = Flow(REAL, 5, model)
    accepted = sum(isinstance(model.apply(flow.next()), Applied) for _ in range(500))
    assert len(looks) == accepted // 100 > 1


def test_a_run_has_all_profiles_in_turn_and_other_flows_at_each() -> None:
    asked = (len(PROFILES) + 1) * FLOW + 3
    found = list(parts(7, asked, PROFILES))
    assert [part.profile for part in found[: len(PROFILES)]] == list(PROFILES)
    assert sum(part.commands for part in found) == asked
    assert found[len(PROFILES)] == (REAL, 7 + SEED_STRIDE, FLOW)
    assert len({part[:2] for part in found}) == len(found)


def test_a_log_counts_what_was_equal() -> None:
    run = Run(3, 2000, PROFILES[:1])
    run.go(ModelWriter)
    log = run.json()
    assert log["stopped"] is None
    assert log["commands"] == 2000
    assert log["profiles"] == {"real": 2000}
    assert sum(log["accepted"].values()) + sum(log["refused"].values()) == 2000
    seals = [one for one in transcript(REAL, 3, commands=2000, batch=500) if one.step is None]
    assert log["seals"] == len(seals) == 4
    assert json.loads(json.dumps(log)) == log
