"""The differential driver sees what it must: some flow finds each of the altered rules below."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.differential.driver import (
    Difference,
    Exchange,
    ModelWriter,
    check,
    compare,
    envelope_of,
    step_json,
    transcript,
)
from tests.differential.flows import Flow
from tests.differential.profiles import PROFILES, Profile, venue
from tests.model import (
    accounts,
    batch,
    books,
    conditional_orders,
    conditionals,
    deleveraging,
    due,
    firing,
    funding,
    impact,
    index,
    liquidation,
    liquidation_formulas,
    margin,
    matching,
    messages,
    open_orders,
    orders,
    pending,
    position_sums,
    positions,
    prices,
    quotes,
    requests,
    rules,
    ticks,
    trigger_formulas,
    triggers,
)
from tests.model.commands import Journal
from tests.model.conditionals import Waiting
from tests.model.desk import NATIVE, told
from tests.model.liquidation_formulas import takeover_of
from tests.model.rules import Model
from tests.model.state import State, order_address
from zkperp._generated.codes import OrderType, SelfTrade
from zkperp._generated.constants import PPM
from zkperp._generated.leaves import OrderFelt

COMMANDS, BATCH = 1600, 400
# A flow in which a counterparty is asked for twice; with most seeds there is none.
SEEDS = {"maximum": 8}


@pytest.fixture(scope="module")
def recorded() -> dict[Profile, list[Exchange]]:
    """Every profile's flow, with the answers of the model as it is."""
    return {
        profile: list(
            transcript(profile, SEEDS.get(profile.name, 7), commands=COMMANDS, batch=BATCH)
        )
        for profile in PROFILES
    }


def test_the_model_agrees_with_itself_through_the_protocol() -> None:
    for profile in PROFILES:
        assert check(ModelWriter, profile, 6, commands=300, batch=100) == 300


def test_steps_lose_nothing() -> None:
    for profile in PROFILES:
        model = Model.genesis(venue(profile), hashes=NATIVE, signature_rule=told)
        flow = Flow(profile, 8, model)
        for _ in range(300):
            envelope = flow.next()
            assert envelope_of(json.loads(json.dumps(step_json(envelope)))) == envelope
            model.apply(envelope)


def floor_fee(notional: int, ppm: int) -> int:
    return notional * ppm // PPM


def never(*_: object, **__: object) -> bool:
    return False


def always(*_: object, **__: object) -> bool:
    return True


def nothing(*_: object, **__: object) -> None:
    return None


def strictly_reduces(change: margin.Change, size: int) -> bool:
    return change.lots * size < 0 and abs(change.lots) < abs(size)


def is_lowest(state: State, counterparty: int) -> bool:
    left = deleveraging.unvisited(state)
    return bool(left) and left[0] == counterparty


def never_free(state: State, slots: books.Slots) -> int:
    high = state.get(slots.keeper, slots.high)
    state.put(slots.keeper, slots.high, high + 1)
    return high


def release_behind(state: State, slots: books.Slots, slot: int) -> None:
    """Put a slot at the end of the free list instead of at its head."""
    state.write(slots.at(slot))
    last = state.get(slots.keeper, slots.free)
    if last == 0:
        state.put(slots.keeper, slots.free, slot)
        return
    while after := state.get(slots.at(last), slots.link):
        last = after
    state.put(slots.at(last), slots.link, slot)


def one_list(state: State, account: int, market: int) -> int:
    """Return the first tier's list."""
    return 1 if margin.size_of(state, account, market) > 0 else 2


def all_lots(state: State, _: int, slot: int) -> int:
    return state.get(order_address(slot), OrderFelt.LOTS)


MEET_OWN = matching.meet_own


def decremented(
    state: State,
    journal: Journal,
    taker: matching.Taker,
    course: matching.Course,
    maker: matching.Maker,
) -> None:
    options = replace(taker.options, stp=SelfTrade.DECREMENT)
    MEET_OWN(state, journal, replace(taker, options=options), course, maker)


AS_PLACED = firing.as_placed


def as_asked_for(state: State, order: Waiting) -> orders.NewOrder:
    return AS_PLACED(state, order)._replace(price=order.price)


def one_lot_of_tied(state: State, order: Waiting) -> orders.NewOrder:
    return AS_PLACED(state, order._replace(lots=order.lots or 1))


# Flows of stops, which come last, find these soon.
OF_STOPS: dict[str, tuple[Any, str, Any]] = {
    "nobody waits for triggered orders": (pending, "crossed_markets", lambda _: 0),
    "ticks cross no stops": (ticks, "note_triggered", nothing),
    "any trigger will do": (conditional_orders, "is_reached", never),
    "63 orders may wait": (conditional_orders, "CONDITIONALS_MAX", 63),
    "cleared orders still wait": (conditional_orders, "recounted", conditionals.counted),
    "stops are of any partner": (conditional_orders, "checked_partner", lambda *_: 0),
    "cleared stops fire": (conditionals, "is_cleared_id", never),
    "dead stops stay": (conditionals, "drop", nothing),
    "no tenure ends": (positions, "raise_tenure", nothing),
    "triggered orders need no margin": (firing, "check_placement", nothing),
    "triggered orders leave the band": (firing, "as_placed", as_asked_for),
    "tied orders are of one lot": (firing, "as_placed", one_lot_of_tied),
}
MUTANTS: dict[str, tuple[Any, str, Any]] = {
    "fees rounded down": (matching, "fee_of", floor_fee),
    "a placement's fee rounded down": (margin, "fee_of", floor_fee),
    "funding rounded for the user": (funding, "ceil_divide", lambda a, b: a // b),
    "funding towards minus infinity": (funding, "trunc_divide", lambda a, b: a // b),
    "funding is not paid": (positions, "owed_by", lambda *_: 0),
    "one tier": (margin, "tiers_of", lambda state, m, tiers=margin.tiers_of: tiers(state, m)[-1:]),
    "own leverage is not looked at": (position_sums, "imf_of", lambda tier, _: tier.imf_ppm),
    "reducing is always allowed": (margin, "is_not_worse", always),
    "reducing needs initial margin": (margin, "is_not_worse", never),
    "the upper median": (index, "lower_median", lambda p: sorted(p)[len(p) // 2] if p else 0),
    "stale reports count": (index, "is_fresh", lambda report, *_: report.price != 0),
    "63 orders for an impact price": (impact, "IMPACT_ORDERS_MAX", 63),
    "impact prices of bids rounded up": (impact, "ceil_divide", lambda a, b: a // b),
    "premiums towards minus infinity": (prices, "trunc_divide", lambda a, b: a // b),
    "the mark is the mean": (prices, "median3", lambda *three: sum(three) // 3),
    "no bands": (orders, "check_band", nothing),
    "open interest without a limit": (matching, "check_open_interest", nothing),
    "ticks are never overdue": (margin, "is_overdue", never),
    "anybody is a relative": (accounts, "master_of", lambda *_: 0),
    "slots never used again": (books, "allocate", never_free),
    "first freed slot first": (books, "release", release_behind),
    "dead makers trade": (matching, "why_dead", nothing),
    "own makers trade": (matching, "is_own", never),
    "of an owner only one account is its own": (matching, "master_of", lambda _, account: account),
    "every self-trade is decremented": (matching, "meet_own", decremented),
    "reduce-only fills turn positions": (matching, "fillable", all_lots),
    "reduce-only takers go on": (matching, "would_not_reduce", never),
    "slides stay where they are": (matching, "never_takes", never),
    "idle orders are alive": (open_orders, "is_idle", never),
    "cleared orders are alive": (open_orders, "is_cleared", never),
    "silence does not matter": (open_orders, "is_silent", never),
    "cleared orders have an impact price": (ticks, "is_cleared", never),
    "cleared orders count": (open_orders, "recounted", open_orders.counted),
    "the switch does not fire": (orders, "fire", nothing),
    "client ids are free": (orders, "check_client_id", nothing),
    "client ids are not entered": (matching, "enter", nothing),
    "amended orders forget their options": (orders, "resting_type", lambda _: OrderType.GTT),
    "quotes replace nothing": (quotes, "take_away", nothing),
    "no least size": (
        orders,
        "check_price_and_lots",
        lambda *args, check=orders.check_price_and_lots, **_: check(*args, reduce_only=True),
    ),
    "no account is checked at a fill": (matching, "fill_check", nothing),
    "no placement rule": (orders, "placement_check", nothing),
    "closing in full does not only reduce": (margin.Change, "only_reduces", strictly_reduces),
    "overdue positions do not hinder": (requests, "holds_overdue", never),
    "any words are a request": (requests, "is_admitted", always),
    "the cap of triggers": (trigger_formulas, "KEY_RATIO_MAX", 10**9),
    "triggers use up all slack": (trigger_formulas, "SLACK_SHARE", 1),
    "a tiny slack counts": (trigger_formulas, "KEY_SLACK_MIN", 0),
    "nobody is touched": (matching, "touch", nothing),
    "crossed triggers are not noted": (ticks, "note_crossed", nothing),
    "lists of one tier": (triggers, "own_list", one_list),
    "due accounts as they come": (due, "stands_before", never),
    "all lots are sold": (liquidation_formulas, "lots_needed", lambda _, most, __: most),
    "the fund takes everything": (liquidation, "fund_takes", always),
    "the fund takes nothing": (liquidation, "fund_takes", never),
    "the fund's money is free": (rules, "FUND_ACCOUNT", -1),
    "the fund's turn by its ratio": (liquidation_formulas, "FUND_ACCOUNT", -1),
    "the fund pays for being deleveraged": (liquidation, "surrender_of", takeover_of),
    "any counterparty": (deleveraging, "may_be_visited", always),
    "counterparties as often as they come": (deleveraging, "is_visited", never),
    "counterparties in ascending order": (deleveraging, "may_be_visited", is_lowest),
    "63 makers": (matching, "MATCH_STEPS_MAX", 63),
    "nonces may jump": (rules, "NONCE_JUMP_MAX", 2**48),
    "forms are not checked": (rules, "is_malformed", never),
    "a step of 4094 ms": (rules, "DELTA_MS_MAX", 4094),
    "15 keys": (requests, "KEYS_MAX", 15),
    "the log stands still": (messages, "extend_log", nothing),
    "another record": (batch, "RECORD_ENTRIES_SHIFT", 2**31),
    **OF_STOPS,
}


@pytest.mark.parametrize("name", MUTANTS)
def test_an_altered_rule_is_noticed(
    name: str, recorded: dict[Profile, list[Exchange]], monkeypatch: pytest.MonkeyPatch
) -> None:
    module, attribute, instead = MUTANTS[name]
    monkeypatch.setattr(module, attribute, instead)
    noticed = False
    flows = list(recorded.items())[:: -1 if name in OF_STOPS else 1]
    for profile, exchanges in flows:
        try:
            compare(ModelWriter, venue(profile), exchanges, about=profile.name)
        except Difference:
            noticed = True
            break
    assert noticed


def test_a_difference_names_its_place(recorded: dict[Profile, list[Exchange]]) -> None:
    profile = PROFILES[0]
    exchanges = list(recorded[profile])
    exchanges[20] = exchanges[20]._replace(answer={"code": "1"})
    with pytest.raises(Difference, match=r"somewhere, command 21: .*\nmodel: .*\nwriter: "):
        compare(ModelWriter, venue(profile), exchanges, about="somewhere")
