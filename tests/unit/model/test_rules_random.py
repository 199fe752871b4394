"""Random flows keep every invariant of state.md § 10, and replay from their public words alone."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.differential.flows import Flow
from tests.differential.profiles import PROFILES, Profile, venue
from tests.model import batch, invariants
from tests.model.commands import Applied, Refused
from tests.model.desk import NATIVE, USDC, Desk, deposit, forced, told
from tests.model.rules import Model
from tests.model.state import State
from zkperp._generated.codes import Kind, OrderType, Side
from zkperp._generated.constants import REQUEST_WORDS
from zkperp._generated.output import OUTPUT_WORDS, Output
from zkperp._generated.refusals import Refusal

COMMANDS, BATCH = 1500, 300


def model_of(profile: Profile) -> Model:
    return Model.genesis(venue(profile), hashes=NATIVE, signature_rule=told)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_a_flow_keeps_the_invariants_and_replays_from_its_data(profile: Profile) -> None:
    model, twin = model_of(profile), model_of(profile)
    flow = Flow(profile, 1, model)
    accepted = 0
    for number in range(1, COMMANDS + 1):
        before = dict(model.state.leaves) if number % 10 == 0 else None
        result = model.apply(flow.next())
        accepted += isinstance(result, Applied)
        if before is not None:
            invariants.check(model.state)
            assert isinstance(result, Applied) or model.state.leaves == before
        if number % BATCH == 0:
            sealed = model.seal()
            assert batch.replay(twin, sealed.output) == sealed
            assert twin.state.leaves == model.state.leaves
    assert accepted > COMMANDS // 8


def test_the_flows_reach_nearly_every_reason() -> None:
    seen = Counter[int]()
    for profile in PROFILES:
        model = model_of(profile)
        flow = Flow(profile, 2, model)
        for _ in range(4000):
            result = model.apply(flow.next())
            if isinstance(result, Refused):
                seen[result.code] += 1
                continue
            seen[result.outcome[0]] += 1
            seen.update(event.values[-2] for event in result.events if event.type == 4)
            seen.update(event.values[-1] for event in result.events if event.type == 8)
    # What takes 2^24 slots, 2^48 ids or balances of 2^58 is in the tests beside this one.
    rare = {Refusal.BOOK_FULL, Refusal.CONDITIONALS_FULL, Refusal.ORDER_IDS_USED_UP}
    rare |= {Refusal.BALANCE_LIMIT, Refusal.ACCOUNTS_USED_UP, Refusal.CLIENT_IDS_USED_UP}
    # Who is not in debt holds no more than custody; markets without a price and fundings out of
    # time are in the tables of test_rules_refusals.
    rare |= {Refusal.INSUFFICIENT_CUSTODY, Refusal.NO_PRICE, Refusal.FUNDING_NOT_DUE}
    missing = {code for code in Refusal if not seen[code]} - rare
    assert not missing


def test_altered_data_do_not_replay() -> None:
    profile = PROFILES[0]
    model = model_of(profile)
    flow = Flow(profile, 3, model)
    while len(model.open.withdrawals) < 4 or model.open.commands < 60:
        model.apply(flow.next())
    output = list(model.seal().output)
    assert batch.replay(model_of(profile), output).output == tuple(output)
    # Other requests, commands and ends of the log may be a batch as well: the proof is for one.
    # But all other words follow from them.
    requests_end = OUTPUT_WORDS + REQUEST_WORDS * output[Output.REQUESTS_COUNT]
    commands_at = len(output) - output[Output.COMMAND_WORDS]
    log = range(Output.LOG_AFTER, Output.FIRST_TIME_MS)
    free = {*log, *range(OUTPUT_WORDS, requests_end), *range(commands_at, len(output))}
    for at in set(range(len(output))) - free:
        altered = list(output)
        altered[at] ^= 1 << (at % 60)
        with pytest.raises(batch.DataError):
            batch.replay(model_of(profile), altered)
    for at in log:
        altered = list(output)
        altered[at] ^= 1
        assert batch.replay(model_of(profile), altered).new_root != model.root
    for cut in (output[:-1], [*output, 0], output[:20], []):
        with pytest.raises(batch.DataError):
            batch.replay(model_of(profile), cut)


class Venue(RuleBasedStateMachine):
    """Hypothesis plays two traders and the owner of both, in small numbers that meet."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        for account in (1, 2, 3):
            self.desk.deposit(account, 20_000)
        self.desk.price(0, 1000)
        self.desk.price(1, 1000)
        self.twin = Model.genesis(self.desk.venue, hashes=NATIVE, signature_rule=told)

    accounts = st.integers(1, 3)
    markets = st.integers(0, 1)
    prices = st.integers(990, 1010)
    lots = st.integers(1, 60)

    @rule(
        account=accounts,
        market=markets,
        side=st.sampled_from(Side),
        price=prices,
        lots=lots,
        order_type=st.sampled_from(OrderType),
        life=st.sampled_from((3, 10_000)),
    )
    def place(
        self,
        *,
        account: int,
        market: int,
        side: Side,
        price: int,
        lots: int,
        order_type: OrderType,
        life: int,
    ) -> None:
        command = self.desk.order(account, side, price, lots, order_type, market=market)
        if command.expiry_ms:
            command = replace(command, expiry_ms=self.desk.now + life)
        self.desk.send(command)

    @rule(account=accounts, order_id=st.integers(1, 30))
    def cancel(self, account: int, order_id: int) -> None:
        self.desk.send(self.desk.user(Kind.CANCEL, account, order_id=order_id))

    @rule(account=accounts, order_id=st.integers(1, 30), price=prices, lots=lots)
    def amend(self, account: int, order_id: int, price: int, lots: int) -> None:
        numbers = {"order_id": order_id, "price_ticks": price, "lots": lots}
        self.desk.send(self.desk.user(Kind.AMEND, account, **numbers))

    @rule(account=accounts, amount=st.integers(1, 30_000))
    def withdraw(self, account: int, amount: int) -> None:
        self.desk.send(self.desk.user(Kind.WITHDRAW, account, amount=amount))

    @rule(account=accounts, amount=st.integers(0, USDC))
    def force(self, account: int, amount: int) -> None:
        self.desk.accept(forced(account, amount))

    @rule(account=accounts, amount=st.integers(0, 5000))
    def fund(self, account: int, amount: int) -> None:
        self.desk.accept(deposit(account, amount))

    @rule(market=markets, price=st.integers(500, 1500))
    def mark(self, market: int, price: int) -> None:
        self.desk.price(market, price)

    @rule(milliseconds=st.sampled_from((1, 100, 20_000, 3_600_000)))
    def wait(self, milliseconds: int) -> None:
        self.desk.later(milliseconds)

    @precondition(lambda self: self.desk.model.open.commands > 0)
    @rule()
    def seal(self) -> None:
        sealed = self.desk.model.seal()
        assert batch.replay(self.twin, sealed.output) == sealed

    @invariant()
    def what_is_not_pending_is_all(self) -> None:
        state: State = self.desk.model.state
        assert not state.pending


TestVenue = Venue.TestCase
TestVenue.settings = settings(max_examples=60, stateful_step_count=50)


def test_the_flows_have_names_of_their_own() -> None:
    assert len({profile.name for profile in PROFILES}) == len(PROFILES)
    text = (Path(__file__).parents[2] / "differential/README.md").read_text()
    assert [profile.name for profile in PROFILES if f"| `{profile.name}` |" not in text] == []
