"""Scenario 4: what orders may ask for, how they die, client ids, cancel-all, deadlines, quotes.

The commands, and what was worked by hand of what they do; the rest is the model's (README.md).
Orders cost no fee, and the mark stays at 10,000 in both markets.
"""

from typing import Any

from tests.vectors.rules import scenario_01
from tests.vectors.rules.scenario_01 import deposit
from tests.vectors.rules.scenario_02 import (
    ASK,
    BID,
    GTT,
    IOC,
    POST_ONLY,
    SUB,
    Step,
    place,
    report,
    tick,
    user,
)

T0 = scenario_01.T0
CHAIN_ID, ROLLUP, OWNERS, BAD_KEY = (
    scenario_01.CHAIN_ID,
    scenario_01.ROLLUP,
    scenario_01.OWNERS,
    scenario_01.BAD_KEY,
)
MARKET: dict[str, Any] = scenario_01.PARAMETERS | {
    "taker_ppm": 0,
    "maker_ppm": 0,
    "band_ppm": 300_000,
    "lots_min": 10,
    "impact_quote": 100_000,
}
MARKETS: tuple[dict[str, Any], ...] = (MARKET, MARKET)
VENUE = {
    "staleness_ms": 10_000,
    "tick_max_ms": 20_000,
    "quorum": 1,
    "deviation_ppm": 5000,
    "basis_cap_ppm": 5000,
    "basis_window_ms": 300_000,
}
ORACLES = 1
MASTERS = {SUB: 1}
FOK, SLIDE = 4, 5
# Options.
REDUCE_ONLY, OWNER, NAMED = 1, 8, 16
CANCEL_TAKER, CANCEL_BOTH, DECREMENT = 2, 4, 6
# Why orders go.
CANCELLED, SELF, AMENDED, CLEARED, IDLE, REPLACED = 1, 3, 5, 7, 8, 9
ALL = 32


def order(
    account: int, nonce: int, side: int, kind: int, at: tuple[int, int], **fields: int
) -> dict[str, Any]:
    """Return an order by price and lots; one that is filled or refused has no expiry."""
    numbers = {"price_ticks": at[0], "lots": at[1]} | ({"expiry_ms": 0} if kind == FOK else {})
    return place(account, nonce, side, kind, **numbers | fields)


def named(client_id: int) -> dict[str, int]:
    """Return an order's client id."""
    return {"client_id": client_id, "options": NAMED}


def quote(
    nonce: int, market: int, kind: int, *entries: tuple[int, int, int, int]
) -> dict[str, Any]:
    """Return account 2's mass quote: client ids with side, price and lots."""
    listed = [
        {"client_id": client_id, "side": side, "price_ticks": price, "lots": lots, "options": NAMED}
        for client_id, side, price, lots in entries
    ]
    command = user("quote", 2, nonce, market=market, type=kind, expiry_ms=T0 + 10**6)
    return command | {"entries": listed}


OPENING = [
    Step("10 USDC for account 1", T0 + 1, deposit(1, 10_000_000, "key 1")),
    Step("10 USDC for account 2", T0 + 2, deposit(2, 10_000_000, "key 2")),
    Step("10 USDC for account 3", T0 + 3, deposit(3, 10_000_000, "key 3")),
    Step("an oracle says 10,000", T0 + 4, report(0, T0 + 4, 10_000, 10_000)),
    Step("the mark is 10,000", T0 + 5, tick(0), outcome=(0, 0, 10_000, 10_000)),
    Step("in both markets", T0 + 6, tick(1), outcome=(0, 1, 10_000, 10_000)),
    Step("account 1 makes a second one", T0 + 7, user("create_account", 1, 1, market=0, type=0)),
    Step("with 2 USDC", T0 + 8, user("transfer", 1, 2, to=SUB, amount=2_000_000)),
]
TYPES = [
    Step("nine lots are too few", T0 + 10, order(2, 1, ASK, GTT, (10_010, 9)), code=1103),
    Step(
        "an ask of 100 under client id 7: the first page",
        T0 + 11,
        order(2, 1, ASK, GTT, (10_010, 100), **named(7)),
        outcome=(0, 1, 0, 100),
        events=[("order_rested", (1, 2, 0, ASK, 10_010, 100, 7))],
    ),
    Step("7 is taken", T0 + 12, order(2, 2, ASK, GTT, (10_020, 10), **named(7)), code=3011),
    Step(
        "so are 4103 and all with these low bits",
        T0 + 12,
        order(2, 2, ASK, IOC, (10_020, 10), **named(4096 + 7)),
        code=3011,
    ),
    Step("101 lots are not there", T0 + 13, order(1, 3, BID, FOK, (10_010, 101)), code=3010),
    Step("post-only would take", T0 + 13, order(3, 1, BID, POST_ONLY, (10_020, 20)), code=3004),
    Step(
        "a slide rests one tick below the ask",
        T0 + 14,
        order(3, 1, BID, SLIDE, (10_020, 20)),
        outcome=(0, 2, 0, 20),
        events=[("order_rested", (2, 3, 0, BID, 10_009, 20, 0))],
    ),
    Step(
        "40 lots are there",
        T0 + 15,
        order(1, 3, BID, FOK, (10_010, 40), **named(5)),
        outcome=(0, 3, 40, 0),
        events=[("trade", (0, BID, 10_010, 40, 1, 2, 3, 1, 0, 0, 60, 7, 5))],
    ),
]
REDUCING = [
    Step(
        "account 3 has nothing to reduce",
        T0 + 20,
        order(3, 2, ASK, GTT, (10_100, 20), options=REDUCE_ONLY),
        code=2009,
    ),
    Step(
        "account 1 has, by less than ten lots too",
        T0 + 21,
        order(1, 4, ASK, IOC, (10_009, 9), options=REDUCE_ONLY),
        outcome=(0, 4, 9, 0),
        events=[("trade", (0, ASK, 10_009, 9, 2, 3, 4, 1, 0, 0, 11, 0, 0))],
    ),
    Step(
        "100 rest where only 31 can fill",
        T0 + 22,
        order(1, 5, ASK, GTT, (10_100, 100), client_id=6, options=NAMED | REDUCE_ONLY),
        outcome=(0, 5, 0, 100),
    ),
    Step("a bid of 100", T0 + 23, order(3, 2, BID, GTT, (10_000, 100)), outcome=(0, 6, 0, 100)),
    Step(
        "account 1 turns short: 31 - 11 - 40",
        T0 + 24,
        order(1, 6, ASK, IOC, (10_000, 51)),
        outcome=(0, 7, 51, 0),
        events=[
            ("trade", (0, ASK, 10_009, 11, 2, 3, 7, 1, 0, 0, 0, 0, 0)),
            ("trade", (0, ASK, 10_000, 40, 6, 3, 7, 1, 0, 0, 60, 0, 0)),
        ],
    ),
    Step(
        "its reduce-only ask is idle, and goes when met",
        T0 + 25,
        order(3, 3, BID, IOC, (10_100, 70)),
        outcome=(0, 8, 60, 0),
        events=[
            ("trade", (0, BID, 10_010, 60, 1, 2, 8, 3, 0, 0, 0, 7, 0)),
            ("order_removed", (5, 1, 0, 100, IDLE, 6)),
            ("taker_stopped", (8, 3, 0, 10, 0, 0)),
        ],
    ),
    Step(
        "20 bought back of 30 asked for: the rest would turn the position",
        T0 + 26,
        order(2, 2, ASK, GTT, (10_050, 30)),
        outcome=(0, 9, 0, 30),
    ),
    Step(
        "so it stops",
        T0 + 27,
        order(1, 7, BID, GTT, (10_050, 30), options=REDUCE_ONLY),
        outcome=(0, 10, 20, 0),
        events=[
            ("trade", (0, BID, 10_050, 20, 9, 2, 10, 1, 0, 0, 10, 0, 0)),
            ("taker_stopped", (10, 1, 0, 10, 2009, 0)),
        ],
    ),
]
# Account 3 bids 60 at 10,000.
SELF_TRADES = [
    Step(
        "both lose 20, nobody trades",
        T0 + 30,
        order(3, 4, ASK, IOC, (10_000, 20), options=DECREMENT),
        outcome=(0, 11, 0, 0),
        events=[("order_reduced", (6, 3, 0, 40, 0))],
    ),
    Step(
        "the incoming order stops",
        T0 + 31,
        order(3, 5, ASK, GTT, (10_000, 20), options=CANCEL_TAKER),
        outcome=(0, 12, 0, 0),
        events=[("taker_stopped", (12, 3, 0, 20, 3013, 0))],
    ),
    Step("a bid of the second account", T0 + 32, order(SUB, 1, BID, GTT, (10_005, 10))),
    Step(
        "meets one of the same owner: both go",
        T0 + 33,
        order(1, 8, ASK, IOC, (10_000, 30), options=CANCEL_BOTH | OWNER),
        outcome=(0, 14, 0, 0),
        events=[
            ("order_removed", (13, SUB, 0, 10, SELF, 0)),
            ("taker_stopped", (14, 1, 0, 30, 3013, 0)),
        ],
    ),
    Step(
        "both become smaller, the maker to nothing; fok is not filled so",
        T0 + 34,
        order(3, 6, ASK, FOK, (10_000, 40), options=DECREMENT),
        code=3010,
    ),
    Step(
        "a gtt rests with what is left",
        T0 + 35,
        order(3, 6, ASK, GTT, (10_000, 50), options=DECREMENT),
        outcome=(0, 15, 0, 10),
        events=[
            ("order_removed", (6, 3, 0, 0, SELF, 0)),
            ("order_rested", (15, 3, 0, ASK, 10_000, 10, 0)),
        ],
    ),
    Step("it goes", T0 + 36, user("cancel", 3, 7, order_id=15)),
]
# Of asks there are 10 of account 2 at 10,050.
DEATHS = [
    Step(
        "7 is free again",
        T0 + 40,
        order(2, 3, ASK, GTT, (10_040, 50), **named(7)),
        outcome=(0, 16, 0, 50),
    ),
    Step(
        "a deadline has to come",
        T0 + 41,
        user("set_deadline", 2, 4, deadline_ms=T0 + 41),
        code=1104,
    ),
    Step(
        "in 20 ms account 2's orders are dead unless it speaks",
        T0 + 41,
        user("set_deadline", 2, 4, deadline_ms=T0 + 61),
        outcome=(0, T0 + 61, 0, 0),
        events=[("deadline_set", (2, T0 + 61))],
    ),
    Step(
        "it has not spoken",
        T0 + 61,
        order(1, 9, BID, IOC, (10_040, 10)),
        outcome=(0, 17, 0, 0),
        events=[
            ("order_removed", (16, 2, 0, 50, CLEARED, 7)),
            ("taker_stopped", (17, 1, 0, 10, 0, 0)),
        ],
    ),
    Step(
        "its other order can't be changed",
        T0 + 62,
        user("amend", 2, 5, order_id=9, price_ticks=10_050, lots=5),
        code=3007,
    ),
    Step(
        "what it places is alive, for placing clears all before",
        T0 + 63,
        order(2, 5, ASK, GTT, (10_060, 20), **named(7)),
        outcome=(0, 18, 0, 20),
        events=[
            ("orders_cleared", (2, ALL, 18)),
            ("order_rested", (18, 2, 0, ASK, 10_060, 20, 7)),
        ],
    ),
    Step(
        "an amended order keeps its id",
        T0 + 64,
        user("amend", 2, 6, order_id=18, price_ticks=10_070, lots=30),
        outcome=(0, 18, 0, 30),
        events=[
            ("order_removed", (18, 2, 0, 20, AMENDED, 7)),
            ("order_rested", (18, 2, 0, ASK, 10_070, 30, 7)),
        ],
    ),
    Step("4103 is none", T0 + 65, user("cancel_named", 2, 7, client_id=4096 + 7), code=3005),
    Step("there is no market 2", T0 + 65, user("cancel_all", 2, 7, type=1, market=2), code=1101),
    Step(
        "all are one, not market 1", T0 + 65, user("cancel_all", 2, 7, type=0, market=1), code=1001
    ),
    Step(
        "all of market 0 at once",
        T0 + 65,
        user("cancel_all", 2, 7, type=1, market=0),
        outcome=(0, 19, 0, 0),
        events=[("orders_cleared", (2, 0, 19))],
    ),
    Step(
        "7 is free while its dead order stands",
        T0 + 66,
        order(2, 8, ASK, GTT, (10_080, 40), **named(7)),
        outcome=(0, 19, 0, 40),
    ),
    Step(
        "the name is the new one's",
        T0 + 67,
        user("cancel_named", 2, 9, client_id=7),
        outcome=(0, 19, 0, 40),
        events=[("order_removed", (19, 2, 0, 40, CANCELLED, 7))],
    ),
    Step(
        "a dead one can be cancelled",
        T0 + 68,
        user("cancel", 2, 10, order_id=18),
        outcome=(0, 18, 0, 30),
        events=[("order_removed", (18, 2, 0, 30, CANCELLED, 7))],
    ),
    Step("account 3 bids", T0 + 69, order(3, 8, BID, GTT, (9900, 10)), outcome=(0, 20, 0, 10)),
    Step(
        "and clears everything",
        T0 + 70,
        user("cancel_all", 3, 9, type=0, market=0),
        outcome=(0, 21, 0, 0),
        events=[("orders_cleared", (3, ALL, 21))],
    ),
    Step(
        "dead orders have no impact price",
        T0 + 71,
        tick(0),
        events=[("mark", (0, 10_000, 10_000, 0, 0, 0))],
    ),
]
QUOTES = [
    Step(
        "a bid and an ask in market 1",
        T0 + 80,
        quote(11, 1, SLIDE, (1, BID, 9990, 10), (2, ASK, 10_010, 10)),
        outcome=(0, 21, 2, 20),
        events=[
            ("order_rested", (21, 2, 1, BID, 9990, 10, 1)),
            ("order_rested", (22, 2, 1, ASK, 10_010, 10, 2)),
        ],
    ),
    Step(
        "the bid better, the ask gone, another",
        T0 + 81,
        quote(12, 1, SLIDE, (1, BID, 9995, 20), (2, 0, 0, 0), (3, ASK, 9995, 30)),
        outcome=(0, 23, 2, 50),
        events=[
            ("order_removed", (21, 2, 1, 10, REPLACED, 1)),
            ("order_rested", (23, 2, 1, BID, 9995, 20, 1)),
            ("order_removed", (22, 2, 1, 10, REPLACED, 2)),
            ("order_rested", (24, 2, 1, ASK, 9996, 30, 3)),
        ],
    ),
    Step(
        "the last entry would take: all stays as it was",
        T0 + 82,
        quote(13, 1, POST_ONLY, (1, BID, 9990, 20), (4, BID, 9996, 10)),
        code=3004,
    ),
    Step("one is too small", T0 + 82, quote(13, 1, SLIDE, (1, 0, 0, 0), (4, BID, 9, 9)), code=1103),
    Step("1 rests in market 1", T0 + 82, quote(13, 0, SLIDE, (1, BID, 9990, 20)), code=3011),
    Step("without lots nothing else", T0 + 82, quote(13, 1, SLIDE, (1, BID, 9990, 0)), code=1001),
    Step("gtt is no quote", T0 + 82, quote(13, 1, GTT, (1, BID, 9990, 20)), code=1001),
    Step(
        "the impact prices are the quotes': 11 lots of either",
        T0 + 83,
        tick(1),
        events=[("mark", (1, 10_000, 10_000, -400, 9995, 9996))],
    ),
]
STEPS = [*OPENING, *TYPES, *REDUCING, *SELF_TRADES, *DEATHS, *QUOTES]
