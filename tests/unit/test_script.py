"""`zkperp script`: the example as it stands, every action, and lines that are none."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from zkperp._generated.constants import FUND_ACCOUNT
from zkperp._generated.refusals import Refusal
from zkperp.cli.main import app
from zkperp.errors import InvalidInput, InvalidVenue, UnexpectedOutcome
from zkperp.script import read_script, run_script
from zkperp.script.form import ACTIONS, expected_refusal, micro_of
from zkperp.settlement.batches import batch_directories
from zkperp.settlement.devnet import built_in_venue
from zkperp.settlement.venue import FILE_NAME, Venue

EXAMPLE = Path(__file__).parents[2] / "docs/examples/isolated.jsonl"
LIQUIDATION = EXAMPLE.with_name("liquidation.jsonl")
ORDERS = EXAMPLE.with_name("orders.jsonl")
STOPS = EXAMPLE.with_name("stops.jsonl")
DEPOSITS = [
    {"do": "deposit", "account": "alice", "usdc": "5000.5"},
    {"do": "deposit", "account": "bob", "usdc": 5000},
]
PRICES = {"do": "prices", "prices": {"BTC-USD": 600_000, "1": 300_000}}
BID = {"do": "place", "account": "alice", "market": "BTC-USD", "side": "buy", "price": 600_000}
ASK = {**BID, "account": "bob", "side": "sell"}
STOP = {
    "do": "place_conditional",
    "account": "bob",
    "market": 0,
    "condition": "stop",
    "trigger": 590_000,
    "side": "sell",
    "price": 580_000,
}
QUOTE = {"do": "quote", "account": "bob", "market": 0, "orders": [{"client_id": 1}]}


@pytest.fixture(scope="module")
def venue() -> Venue:
    return built_in_venue(traders=1, deposit_micro=1, seed=5)


def written(folder: Path, *lines: object) -> Path:
    path = folder / "script.jsonl"
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("\n".join(texts) + "\n")
    return path


def commands(venue: Venue, folder: Path, *lines: object) -> list[dict[str, Any]]:
    """Run lines; return the commands that the last one sent."""
    results = list(run_script(read_script(written(folder, *lines)), venue))
    return [dict(command) for command in results[-1].commands]


def refusal(venue: Venue, folder: Path, *lines: object) -> str:
    """Run lines; return what the last one's command is refused with."""
    sent = commands(venue, folder, *lines)
    return str(sent[-1]["refusal"]["name"])


def test_the_example_is_what_it_says_and_its_batches_are_whole(tmp_path: Path) -> None:
    arguments = ["script", str(EXAMPLE), "--out", str(tmp_path), "--json"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    assert result["refused"]["isolated_elsewhere"] == 1
    assert result["commands"] == result["accepted"] + sum(result["refused"].values())
    found = batch_directories(tmp_path)
    assert [str(batch.path) for batch in found] == result["directories"]
    assert [batch.summary() for batch in found] == result["batches"]
    inspected = CliRunner().invoke(app, ["inspect", str(found[1].path)])
    assert inspected.exit_code == 0, inspected.output
    assert "funding: market 0, 12 ppm of index 600,000" in inspected.stdout
    shown = CliRunner().invoke(
        app, ["account", str(found[1].path), "--account", str(2**31 + 1), "--json"]
    )
    isolated = json.loads(shown.stdout)
    assert (isolated["mode"], isolated["isolated_market"], isolated["master"]) == ("isolated", 1, 1)
    assert isolated["health"] == "below_maintenance"
    assert isolated["free"] == isolated["value"] - isolated["initial_margin"] < 0
    (position,) = isolated["positions"]
    assert (position["tier"], position["imf_ppm"], position["funding_due"]) == (0, 20_000, 72_000)
    saved = Venue.load(tmp_path / FILE_NAME)
    assert len(saved.requests) == 3


def test_the_lines_for_people_have_refusals_accounts_and_batches() -> None:
    done = CliRunner().invoke(app, ["script", str(EXAMPLE)])
    assert done.exit_code == 0, done.output
    for part in (
        "refused 4205 no_quorum: too few oracle reports are fresh and agree",
        "create_account: account 1, isolated, market 1: account 2147483649",
        "isolated in market 1, sub-account of account 1",
        "health: below maintenance margin",
        "leverage 10.00x at most by choice",
        "sub-account 2147483649: isolated in market 1",
        "sealed batch 1: ",
    ):
        assert part in done.stdout


def test_three_accounts_are_liquidated_in_three_ways(tmp_path: Path) -> None:
    arguments = ["script", str(LIQUIDATION), "--out", str(tmp_path), "--json"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    lines = json.loads(done.stdout)["lines"]
    events = [event for line in lines for sent in line["commands"] for event in sent["events"]]
    of_type = {
        name: [e for e in events if e["type"] == name] for name in (e["type"] for e in events)
    }
    assert [event["account"] for event in of_type["liquidation_due"]] == [3, 4, 5, FUND_ACCOUNT]
    assert [event["account"] for event in of_type["recovered"]] == [3, 4, 5, FUND_ACCOUNT]
    # 3.98 USDC of margin lack: at 1,089 micro-USDC for each lot sold, 3,655 lots restore it.
    (sold,) = of_type["liquidation"]
    assert (sold["lots"], sold["price"], sold["fee"], sold["bonus"]) == (
        3_655,
        593_900,
        21_707_045,
        5_426_761,
    )
    # 3.233 USDC lack; the fund takes a lot with 0.4 % of 588,000 micro-USDC less margin to keep.
    taken, too_much = of_type["takeover"]
    assert (taken["account"], taken["lots"], taken["quote"]) == (4, 1_375, 802_032_000)
    # What restores Carol makes the fund due; its position is closed at the mark.
    assert (too_much["account"], too_much["lots"]) == (5, 15_314_386)
    (started,) = of_type["deleveraging"]
    shares = of_type["deleveraged"]
    assert (started["account"], started["lots"]) == (FUND_ACCOUNT, 15_314_386 + 1_375)
    assert started["quote"] == started["lots"] * 570_000
    assert [share["counterparty"] for share in shares] == [2, 1]
    assert sum(share["lots"] for share in shares) == started["lots"]
    assert sum(share["quote"] for share in shares) == started["quote"]
    shown = [line["account"] for line in lines if "account" in line]
    due = next(account for account in shown if account["health"] == "below_maintenance")
    assert due["slack"] == due["value"] - due["maintenance_margin"] == -3_980_000
    (position,) = due["positions"]
    assert (position["liquidation_ticks"], position["liquidation_distance_ppm"]) == (594_403, 678)
    last = batch_directories(tmp_path)[-1].path
    fund = CliRunner().invoke(app, ["account", str(last), "--account", str(FUND_ACCOUNT)])
    assert "cross, the insurance fund" in fund.stdout
    assert "health: healthy" in fund.stdout


def test_orders_do_what_they_ask_for(tmp_path: Path) -> None:
    """Every line of the example says what it expects; here is what else came of them."""
    arguments = ["script", str(ORDERS), "--out", str(tmp_path), "--json"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    lines = json.loads(done.stdout)["lines"]
    sent = [command for line in lines for command in line["commands"]]
    events = [event for command in sent for event in command["events"]]
    slid = next(command for command in sent if command.get("type") == "slide")
    assert slid["events"][0]["price"] == 600_019
    stops = [event["code"] for event in events if event["type"] == "taker_stopped"]
    expected = ["self_trade", "self_trade", "self_trade", "would_not_reduce"]
    assert [code for code in stops if code != "done"] == expected
    reasons = [event["reason"] for event in events if event["type"] == "order_removed"]
    assert reasons.count("replaced") == 2
    assert {"idle", "cleared", "self_trade", "cancelled"} < set(reasons)
    (reduced,) = (event for event in events if event["type"] == "order_reduced")
    assert (reduced["client_id"], reduced["lots"]) == (2, 10)
    cleared = [event["market"] for event in events if event["type"] == "orders_cleared"]
    assert cleared == [0, None, None]
    last = [event for event in events if event["type"] == "trade"][-1]
    assert (last["maker_client_id"], last["lots"]) == (31, 50)
    shown = [line["account"] for line in lines if "account" in line]
    assert [(len(one["orders"]), one["dead_orders"]) for one in shown] == [
        (0, 1),
        (4, 0),
        (0, 2),
        (1, 1),
        (0, 0),
    ]
    assert [one["client_id"] for one in shown[1]["orders"]] == [None, 21, 11, 22]
    assert shown[3]["deadline_ms"] == 2_000_000_009_000
    (batch,) = batch_directories(tmp_path)
    inspected = CliRunner().invoke(app, ["inspect", str(batch.path)])
    assert inspected.exit_code == 0, inspected.output
    for part in (
        "cancel_all: account 3, market 0: those below order 23",
        "orders_cleared: account 2, all markets: those below order 24",
        "set_deadline: account 2, orders die at 2033-05-18 03:33:25.000",
        "quote: account 3 slide, market 0: 11 bid 100 at 599,995; 12 goes; 22 ask 100 at 600,040",
        "cancel_named: account 1, client id 1: order 1, 100 lots",
        "ask ioc, 80 lots at 600,000, market 0, reduce-only: order 13, 50 filled",
    ):
        assert part in inspected.stdout


def test_orders_wait_for_the_mark_and_fire(tmp_path: Path) -> None:
    """Every line of the example says what it expects; here is what else came of them."""
    arguments = ["script", str(STOPS), "--out", str(tmp_path), "--json"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    lines = json.loads(done.stdout)["lines"]
    sent = [command for line in lines for command in line["commands"]]
    events = [event for command in sent for event in command["events"]]
    tied, profit = [event for event in events if event["type"] == "conditional_placed"][:2]
    assert (tied["lots"], tied["order_type"], tied["direction"]) == (0, "market", "falling")
    assert (profit["partner"], profit["direction"]) == (tied["order_id"], "rising")
    fired = [event["order_id"] for event in events if event["type"] == "triggered"]
    assert fired == [5, 6, 4, 9, 16]
    rejected = [e for e in events if e["type"] == "conditional_rejected"]
    codes = [(event["order_id"], event["code"]) for event in rejected]
    assert codes == [(6, "initial_margin"), (9, "would_not_reduce")]
    gone = [e for e in events if e["type"] == "conditional_removed"]
    assert [(event["order_id"], event["reason"]) for event in gone] == [
        (7, "cancelled"),
        (3, "partner"),
        (8, "orphaned"),
        (14, "cleared"),
        (15, "expired"),
    ]
    triggers = [c for c in sent if c["kind"] == "trigger" and c["refusal"] is None]
    assert [(c["order_id"], c["outcome"]) for c in triggers[:3]] == [
        (5, "done"),
        (6, "initial_margin"),
        (0, "done"),
    ]
    shown = [line["account"] for line in lines if "account" in line]
    first = [
        (order["order_id"], order["lots"], order["partner"]) for order in shown[0]["conditionals"]
    ]
    assert first == [(3, None, 4), (4, 1000, 3)]
    assert [(len(one["conditionals"]), one["dead_conditionals"]) for one in shown] == [
        (2, 0),
        (0, 0),
        (0, 0),
        (0, 0),
        (2, 1),
        (0, 0),
    ]
    assert [len(one["orders"]) for one in shown] == [0, 0, 1, 0, 0, 0]
    assert shown[-1]["positions"][0]["lots"] == -10
    (batch,) = batch_directories(tmp_path)
    inspected = CliRunner().invoke(app, ["inspect", str(batch.path)])
    assert inspected.exit_code == 0, inspected.output
    for part in (
        "place_conditional: account 1 ask market, the position at 590,000, market 0, reduce-only, "
        "stop at 595,000: order 3",
        "take_profit at 604,000, partner of order 3: order 4",
        "conditional_placed: order 4 of account 1, ask 1,000 lots at 604,000, gtt, waits in market "
        "0 for a mark rising to 604,000, partner of order 3",
        "cancel_conditional: account 3 order 7: order 7",
        "trigger: order 6, initial_margin",
        "trigger: none is left in the market",
        "triggered: order 5 of account 3 in market 0, bid 100 at 606,000",
    ):
        assert part in inspected.stdout


def test_a_waiting_order_is_shown() -> None:
    done = CliRunner().invoke(app, ["script", str(STOPS)])
    assert done.exit_code == 0, done.output
    for part in (
        "order 3 waits for mark 595000 or below: sell its position at 590000 ticks in market 0, "
        "market, reduce-only, partner of order 4",
        "dead orders that still wait for the mark: 1",
        "refused 4108 trigger_due: triggered orders have to fire first",
    ):
        assert part in done.stdout


def test_until_who_is_due_is_liquidated_nobody_takes_risk(venue: Venue, tmp_path: Path) -> None:
    long = {**BID, "lots": 10_000, "type": "ioc"}
    fall = [
        {"do": "wait", "ms": 1000},
        {"do": "report", "prices": {"BTC-USD": 594_000}},
        {"do": "tick", "market": "BTC-USD"},
    ]
    poor = {"do": "deposit", "account": "alice", "usdc": 130}
    start = (poor, DEPOSITS[1], PRICES, {**ASK, "lots": 10_000}, long, *fall)
    assert refusal(venue, tmp_path, *start, {**BID, "lots": 1}) == "liquidation_pending"
    assert refusal(venue, tmp_path, *start, {"do": "liquidate"}) == "nothing_due"
    other = {"do": "tick", "market": "ETH-USD"}
    assert refusal(venue, tmp_path, *start, other) == "liquidation_pending"
    sweep = {"do": "sweep"}
    assert refusal(venue, tmp_path, *start, sweep, {"do": "liquidate"}) == "sweep_first"
    deleverage = {"do": "deleverage", "account": "bob"}
    assert refusal(venue, tmp_path, *start, deleverage) == "nothing_due"
    sent = commands(venue, tmp_path, *start, {"do": "liquidate_all"})
    # The fund has no money: what it takes makes it due.
    kinds = ["sweep", "sweep", *["liquidate"] * 3, "deleverage", "liquidate"]
    assert [command["kind"] for command in sent] == kinds
    locked = {"do": "withdraw", "account": "fund", "usdc": 1}
    assert refusal(venue, tmp_path, *DEPOSITS, locked) == "fund_locked"


def test_commands_and_their_outcomes(venue: Venue, tmp_path: Path) -> None:
    start = (*DEPOSITS, PRICES)
    maker = {**ASK, "lots": 50, "as": "ask"}
    taker = {**BID, "lots": 20, "type": "ioc"}
    (filled,) = commands(venue, tmp_path, *start, maker, taker)
    assert (filled["filled_lots"], filled["left_lots"]) == (20, 0)
    amend = {"do": "amend", "account": "bob", "order": "ask", "price": 600_000, "lots": 5}
    (amended,) = commands(venue, tmp_path, *start, maker, taker, amend)
    assert [event["type"] for event in amended["events"]] == ["order_reduced"]
    cancel = {"do": "cancel", "account": "bob", "order": "ask"}
    (cancelled,) = commands(venue, tmp_path, *start, maker, cancel)
    assert cancelled["left_lots"] == 50
    burn = {"do": "burn_nonce", "account": "bob", "nonce": 99}
    (burned,) = commands(venue, tmp_path, *start, burn)
    assert burned["nonce"] == 99
    cross = {"do": "create_account", "account": "alice", "as": "second"}
    transfer = {"do": "transfer", "account": "alice", "to": "second", "usdc": "1.000001"}
    (moved,) = commands(venue, tmp_path, *start, cross, transfer)
    assert (moved["to"], moved["amount"]) == (2**31 + 1, 1_000_001)
    back = {**BID, "account": "second", "lots": 1, "type": "post_only"}
    (placed,) = commands(venue, tmp_path, *start, cross, transfer, back)
    assert placed["refusal"] is None
    forced = {"do": "request_withdrawal", "account": "bob", "usdc": 0}
    (all_of_it,) = commands(venue, tmp_path, *start, forced)
    assert (all_of_it["outcome"], all_of_it["amount_done"]) == ("done", 5000 * 10**6)


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (({"do": "time", "ms": -1},), "time_backwards"),
        (({"do": "time", "ms": 3_600_000},), "funding_due"),
        (({"do": "fund"},), "funding_not_due"),
        (({"do": "tick", "market": 9},), "unknown_market"),
        (({"do": "tick", "market": "BTC-USD"},), "no_quorum"),
        ((PRICES, {"do": "tick", "market": "BTC-USD"}), "tick_too_soon"),
        ((PRICES, {"do": "report", "prices": {"0": 5}, "keys": [1]}), "price_not_newer"),
        (({"do": "report", "prices": {"0": 5}, "keys": [7]},), "unknown_oracle_key"),
        (({"do": "report", "prices": {"0": 5}, "age_ms": -5},), "price_from_future"),
        (({"do": "report", "prices": {"0": 5}, "age_ms": 60_001},), "price_too_old"),
        (({"do": "report", "prices": {"0": 0}},), "bad_price"),
        (({"do": "withdraw", "account": 77, "usdc": 1},), "unknown_account"),
        (({"do": "withdraw", "account": "bob", "usdc": 1, "key": 3},), "unknown_key"),
        (({"do": "withdraw", "account": "bob", "usdc": 1, "valid_ms": 0},), "message_expired"),
        (({"do": "withdraw", "account": "bob", "usdc": 1, "nonce": 0},), "nonce_used"),
        (({"do": "withdraw", "account": "bob", "usdc": 1, "nonce": 16_384},), "nonce_too_far"),
        (
            ({"do": "withdraw", "account": "bob", "usdc": 1, "signed_by": "alice"},),
            "bad_signature",
        ),
        (({"do": "withdraw", "account": "bob", "usdc": 1, "signed_by": None},), "bad_signature"),
        (({"do": "withdraw", "account": "bob", "usdc": 300_000_000_000},), "malformed"),
        (({"do": "withdraw", "account": "bob", "usdc": "0"},), "bad_amount"),
        (({"do": "cancel", "account": "bob", "order": 5},), "unknown_order"),
        ((PRICES, {**BID, "lots": 1, "expires_ms": 0}), "bad_expiry"),
        ((PRICES, {**BID, "lots": 0}), "bad_lots"),
        (({"do": "transfer", "account": "bob", "to": "bob", "usdc": 1},), "bad_receiver"),
        ((PRICES, {**BID, "lots": 1, "client_id": 0}), "malformed"),
        ((PRICES, {**BID, "lots": 1, "client_id": 2**48}), "malformed"),
        ((PRICES, {**BID, "lots": 2**40}), "malformed"),
        ((PRICES, {**BID, "lots": 5, "type": "fok"}), "not_filled"),
        ((PRICES, {**BID, "lots": 5, "reduce_only": True}), "would_not_reduce"),
        (({"do": "cancel_named", "account": "bob", "client_id": 0},), "unknown_order"),
        (({"do": "cancel_all", "account": "bob", "market": 9},), "unknown_market"),
        (({"do": "set_deadline", "account": "bob", "ms": -1},), "bad_expiry"),
        (({**STOP, "lots": 5},), "no_price"),
        ((PRICES, {**STOP, "lots": 5, "reduce_only": True}), "would_not_reduce"),
        ((PRICES, STOP), "bad_lots"),
        ((PRICES, {**STOP, "lots": 5, "trigger": 0}), "bad_trigger"),
        ((PRICES, {**STOP, "lots": 5, "trigger": 600_000}), "bad_trigger"),
        ((PRICES, {**STOP, "lots": 5, "price": 0}), "bad_price"),
        ((PRICES, {**STOP, "lots": 5, "expires_ms": 0}), "bad_expiry"),
        ((PRICES, {**STOP, "lots": 5, "partner": 7}), "unknown_order"),
        ((PRICES, {**STOP, "lots": 5, "type": "slide"}), "malformed"),
        ((PRICES, {**STOP, "lots": 5, "trigger": 2**32}), "malformed"),
        ((PRICES, {**STOP, "lots": 5, "partner": 2**48}), "malformed"),
        (({"do": "cancel_conditional", "account": "bob", "order": 5},), "unknown_order"),
        (({"do": "trigger"},), "nothing_triggered"),
        ((PRICES, {**QUOTE, "orders": []}), "malformed"),
        ((PRICES, {**QUOTE, "orders": [{"client_id": n} for n in range(1, 33)]}), "malformed"),
        ((PRICES, {**QUOTE, "type": "gtt"}), "malformed"),
        ((PRICES, {**QUOTE, "expires_ms": 0}), "bad_expiry"),
        ((PRICES, {**QUOTE, "orders": [{"client_id": 1, "lots": 5}]}), "bad_price"),
        ((PRICES, {**QUOTE, "orders": [{"client_id": 1, "price": 5}]}), "malformed"),
    ],
)
def test_refusals_are_within_reach(
    venue: Venue, tmp_path: Path, lines: tuple[object, ...], name: str
) -> None:
    assert refusal(venue, tmp_path, *DEPOSITS, *lines) == name


def test_a_wait_funds_the_hours_that_it_passes(venue: Venue, tmp_path: Path) -> None:
    kinds = [command["kind"] for command in commands(venue, tmp_path, {"do": "wait", "ms": 10})]
    assert kinds == []
    sent = commands(venue, tmp_path, {"do": "wait", "ms": 7_200_000})
    assert [command["kind"] for command in sent] == ["fund", "fund", "time"]
    assert all(command["refusal"] is None for command in sent)


def test_a_first_line_changes_the_venue(venue: Venue, tmp_path: Path) -> None:
    small: dict[str, Any] = {
        "do": "venue",
        "set": {"quorum": 3},
        "markets": {"BTC-USD": {"band_ppm": 0}},
    }
    two_keys = {"do": "report", "prices": {"BTC-USD": 600_000}, "keys": [0, 1]}
    tick = {"do": "tick", "market": "BTC-USD"}
    assert refusal(venue, tmp_path, small, two_keys, tick) == "no_quorum"
    above = {**BID, "price": 600_001, "lots": 1}
    assert refusal(venue, tmp_path, small, *DEPOSITS, PRICES, above) == "price_band"
    unknown = {"do": "venue", "set": {"quorums": 3}}
    with pytest.raises(InvalidVenue, match="unknown field `quorums`"):
        commands(venue, tmp_path, unknown)
    with pytest.raises(InvalidInput, match="line 1: markets: 'DOGE' is no market"):
        commands(venue, tmp_path, {"do": "venue", "markets": {"DOGE": {}}})
    with pytest.raises(InvalidInput, match="line 2: venue can only be the first"):
        commands(venue, tmp_path, PRICES, small)


def test_an_outcome_that_is_not_expected_stops_the_script(venue: Venue, tmp_path: Path) -> None:
    wrong = {"do": "fund", "expect": "accepted"}
    with pytest.raises(UnexpectedOutcome, match="line 2: expected accepted, found funding_not_due"):
        commands(venue, tmp_path, DEPOSITS[0], wrong)
    with pytest.raises(UnexpectedOutcome, match="expected no_quorum, found accepted"):
        commands(venue, tmp_path, {"do": "deposit", "account": "a", "usdc": 1, "expect": 4205})
    commands(venue, tmp_path, {"do": "fund", "expect": 4006})
    path = written(tmp_path, wrong)
    done = CliRunner().invoke(app, ["script", str(path)])
    assert isinstance(done.exception, UnexpectedOutcome)
    assert "refused 4006 funding_not_due" in done.stdout


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("nonsense", "line 1: not a JSON object on one line"),
        ("[1]", "line 1: not a JSON object with an action"),
        ({"do": "dance"}, "line 1: no action 'dance': one of venue, deposit"),
        ({"do": "deposit", "account": "a"}, "line 1: usdc is missing"),
        ({"do": "deposit", "account": "a", "usdc": "1.0000001"}, "usdc is not an amount"),
        ({"do": "deposit", "account": "a", "usdc": True}, "usdc is not an amount"),
        ({"do": "deposit", "account": "", "usdc": 1}, "account is not a name"),
        (
            {**BID, "lots": 1, "stp": "both"},
            "stp is not cancel_maker, cancel_taker, cancel_both or",
        ),
        ({**BID, "lots": 1, "reduce_only": 1}, "reduce_only is not true or false"),
        ({**QUOTE, "orders": [{"lots": 1}]}, "orders is not a list of objects with client_id"),
        ({**QUOTE, "orders": [{"client_id": 1, "name": 2}]}, "orders is not a list of objects"),
        ({**STOP, "condition": "limit"}, "condition is not stop or take_profit"),
        ({**STOP, "client_id": 1}, "place_conditional has no field 'client_id'"),
        ({**STOP, "partner": "profit"}, "line 1: no order 'profit'"),
        ({"do": "seal", "now": 1}, "line 1: seal has no field 'now': none"),
        ({**BID, "lots": -1}, "lots is not a number"),
        ({**BID, "lots": 2**64}, "lots is not a number"),
        ({"do": "deposit", "account": "a", "usdc": 2**60}, "usdc is not an amount"),
        ({**BID, "lots": 1, "side": "bid"}, "side is not buy or sell"),
        ({**BID, "lots": 1, "expect": "refused"}, 'expect is not "accepted", or a refusal'),
        ({**BID, "lots": 1, "account": "eve"}, "line 1: no account 'eve'"),
        ({"do": "tick", "market": "DOGE"}, "line 1: no market 'DOGE': BTC-USD, ETH-USD"),
        ({"do": "cancel", "account": 1, "order": "o"}, "line 1: no order 'o'"),
        ({"do": "show", "account": 9}, "line 1: no account 9"),
        ({"do": "seal"}, "line 1: no command was accepted"),
        ({"do": "deposit", "account": 3, "usdc": 1}, "account 3 can't be the next depositor"),
    ],
)
def test_a_line_of_no_form_is_named(venue: Venue, tmp_path: Path, line: object, what: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        commands(venue, tmp_path, line)
    assert what in str(refused.value)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="nowhere"):
        read_script(tmp_path / "nowhere")
    with pytest.raises(InvalidInput, match="no line with an action"):
        read_script(written(tmp_path, "# nothing", ""))


def test_the_document_has_every_action() -> None:
    text = (EXAMPLE.parents[1] / "script.md").read_text()
    assert [action for action in ACTIONS if f"`{action}`" not in text] == []


def test_amounts_and_refusals_are_read() -> None:
    assert (micro_of("1.5"), micro_of(7), micro_of("x"), micro_of("-1")) == (
        1_500_000,
        7_000_000,
        None,
        None,
    )
    assert expected_refusal("no_quorum") is expected_refusal(4205) is Refusal.NO_QUORUM
    assert expected_refusal(1) is None
