"""Requests are total: 10,000 arbitrary queues have an outcome, the same in engine and model.

A request that had none would stop the venue for good, for the contract's queue has one order.
"""

from collections import Counter
from collections.abc import Iterator

from tests.differential.driver import Exchange, compare, model_of, seal_json, step_json
from tests.differential.profiles import Profile, venue
from tests.differential.queues import VENUES, ContractDoor, Door, Queues, WideDoor
from tests.model import forms, invariants
from tests.model.commands import Applied, Command, Refused
from tests.model.rules import Model
from tests.model.state import CLOCK
from zkperp._generated.codes import RequestKind
from zkperp._generated.leaves import ClockFelt
from zkperp._generated.refusals import Refusal
from zkperp._native import RuleBook

QUEUES = 10_000
# How many share a venue, and a batch.
A_VENUE = 100
A_BATCH = 50

# (request kind, code): what a request can come to, by the door that it came through.
Outcomes = Counter[tuple[RequestKind, int]]
AT_THE_CONTRACT = {
    (RequestKind.DEPOSIT, 0),
    (RequestKind.DEPOSIT, Refusal.BAD_KEY),
    (RequestKind.DEPOSIT, Refusal.DEPOSIT_CAPPED),
    (RequestKind.FORCED_WITHDRAWAL, 0),
    (RequestKind.FORCED_WITHDRAWAL, Refusal.TICK_OVERDUE),
    (RequestKind.FORCED_WITHDRAWAL, Refusal.INSUFFICIENT_FREE_COLLATERAL),
    (RequestKind.FORCED_WITHDRAWAL, Refusal.INSUFFICIENT_CUSTODY),
}
BY_THE_RULES = AT_THE_CONTRACT | {
    (RequestKind.DEPOSIT, Refusal.NOT_ACCOUNT_OWNER),
    (RequestKind.FORCED_WITHDRAWAL, Refusal.NOT_ACCOUNT_OWNER),
    (RequestKind.FORCED_WITHDRAWAL, Refusal.UNKNOWN_ACCOUNT),
}


def requests_done(model: Model) -> int:
    """Return how many requests have an outcome."""
    return model.state.get(CLOCK, ClockFelt.REQUESTS_DONE)


def check_outcome(command: Command, result: Applied | Refused, outcomes: Outcomes) -> None:
    """A due request has exactly one outcome, and no money gets lost with it."""
    assert isinstance(result, Applied), (command, result)
    kind, asked = RequestKind(command.words[0]), command.words[5]
    code, done, *rest = result.outcome
    assert rest == [0, 0]
    paid = sum(result.withdrawals[3::4])
    if kind == RequestKind.DEPOSIT:
        assert done + paid == asked
    else:
        assert (code == 0) == (done > 0)
        assert paid == done
        assert done in (0, asked) or asked == 0
    outcomes[kind, code] += 1


def exchanges(
    profile: Profile, seed: int, door: type[Door], outcomes: Outcomes
) -> Iterator[Exchange]:
    """Yield a venue's queues, and what goes on around them, with the model's answers."""
    model = model_of(venue(profile))
    queues = Queues(profile, seed, model, door)
    for envelope in queues.opening():
        yield Exchange(step_json(envelope), forms.result_json(model.apply(envelope)))
    for number in range(1, A_VENUE + 1):
        for envelope in queues.trade():
            yield Exchange(step_json(envelope), forms.result_json(model.apply(envelope)))
        for command in queues.queue():
            before = requests_done(model)
            if queues.rng.randrange(50) == 0:
                # The sequencer's mistake is not the request's outcome: it stays due.
                envelope = queues.too_soon_or_late(command)
                refused = model.apply(envelope)
                assert isinstance(refused, Refused)
                assert refused.code in (Refusal.TIME_BACKWARDS, Refusal.TIME_STEP_TOO_LARGE)
                yield Exchange(step_json(envelope), forms.result_json(refused))
                assert requests_done(model) == before
            envelope = queues.at_its_time(command)
            result = model.apply(envelope)
            check_outcome(command, result, outcomes)
            assert requests_done(model) == before + 1
            yield Exchange(step_json(envelope), forms.result_json(result))
        if number % A_BATCH == 0:
            invariants.check(model.state)
            yield Exchange(None, seal_json(model.seal()))


def run(door: type[Door], seeds: range, outcomes: Outcomes) -> int:
    """Compare the engine with the model on queues through a door; return how many."""
    for seed in seeds:
        profile = VENUES[seed % len(VENUES)]
        about = f"queues of {door.__name__}, venue {profile.name}, seed {seed}"
        compare(RuleBook, venue(profile), exchanges(profile, seed, door, outcomes), about=about)
    return len(seeds) * A_VENUE


def test_every_request_has_the_same_outcome_in_engine_and_model() -> None:
    contract, rules = Outcomes(), Outcomes()
    done = run(ContractDoor, range(75), contract) + run(WideDoor, range(75, 100), rules)
    assert done == QUEUES
    # Each outcome that can be is met, and none that can't.
    assert set(contract) == AT_THE_CONTRACT, contract
    assert set(rules) == BY_THE_RULES, rules
