"""Scenario 5: stops and take-profits, how they wait, fire and go (conditional.md).

The commands, and what was worked by hand of what they do; the rest is the model's (README.md).
Orders cost no fee, the mark is what the oracle says, and the bands are 5 % around it.
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
MARKET: dict[str, Any] = scenario_01.PARAMETERS | {"taker_ppm": 0, "maker_ppm": 0}
MARKETS: tuple[dict[str, Any], ...] = (MARKET,)
VENUE = {
    "staleness_ms": 10_000,
    "tick_max_ms": 20_000,
    "quorum": 1,
    "deviation_ppm": 5000,
    "basis_cap_ppm": 5000,
    "basis_window_ms": 300_000,
}
ORACLES = 1
MASTERS: dict[int, int] = {}
MARKET_TYPE = 3
REDUCE_ONLY = 1
STOP, PROFIT = 0, 1
RISING, FALLING = 0, 1
# Why conditional orders go.
CANCELLED, EXPIRED, CLEARED, ORPHANED, PARTNER = 1, 2, 7, 10, 11
TRIGGER = {"kind": "trigger"}
LATER = T0 + 10**6


def order(
    account: int, nonce: int, side: int, kind: int, at: tuple[int, int], **fields: int
) -> dict[str, Any]:
    """Return an order by price and lots."""
    return place(account, nonce, side, kind, **{"price_ticks": at[0], "lots": at[1]} | fields)


def awaits(
    account: int,
    nonce: int,
    side: int,
    trigger: tuple[int, int],
    at: tuple[int, int],
    **fields: int,
) -> dict[str, Any]:
    """Return a conditional order by condition and trigger, price and lots."""
    numbers = {"type": MARKET_TYPE, "options": REDUCE_ONLY, "expiry_ms": LATER, "partner": 0}
    numbers |= {"price_ticks": at[0], "lots": at[1]}
    numbers |= {"condition": trigger[0], "trigger_ticks": trigger[1]}
    return user("place_conditional", account, nonce, market=0, side=side, **numbers | fields)


def price(time_ms: int, ticks: int) -> list[Step]:
    """Return how the mark becomes another."""
    return [
        Step(f"an oracle says {ticks:,}", time_ms, report(0, time_ms, ticks)),
        Step(f"the mark is {ticks:,}", time_ms + 1, tick(0), outcome=(0, 0, ticks, ticks)),
    ]


OPENING = [
    Step("10 USDC for account 1", T0 + 1, deposit(1, 10_000_000, "key 1")),
    Step("10 USDC for account 2", T0 + 2, deposit(2, 10_000_000, "key 2")),
    Step("10 USDC for account 3", T0 + 3, deposit(3, 10_000_000, "key 3")),
    Step("no mark yet", T0 + 4, awaits(1, 1, ASK, (STOP, 1), (1, 5), options=0), code=4101),
    *price(T0 + 5, 10_000),
    Step("account 2 sells 100", T0 + 7, order(2, 1, ASK, GTT, (10_000, 100))),
    Step(
        "account 1 is long, account 2 short",
        T0 + 8,
        order(1, 1, BID, GTT, (10_000, 100)),
        outcome=(0, 2, 100, 0),
    ),
]
WAITING = [
    Step(
        "a stop that the mark has reached",
        T0 + 10,
        awaits(1, 2, ASK, (STOP, 10_000), (9800, 0)),
        code=1112,
    ),
    Step("trigger 0", T0 + 10, awaits(1, 2, ASK, (STOP, 0), (9800, 0)), code=1112),
    Step("price 0", T0 + 10, awaits(1, 2, ASK, (STOP, 9900), (0, 0)), code=1102),
    Step(
        "tied, but not reduce-only",
        T0 + 10,
        awaits(1, 2, ASK, (STOP, 9900), (9800, 0), options=0),
        code=1103,
    ),
    Step(
        "expired", T0 + 10, awaits(1, 2, ASK, (STOP, 9900), (9800, 0), expiry_ms=T0 + 10), code=1104
    ),
    Step(
        "post-only", T0 + 10, awaits(1, 2, ASK, (STOP, 9900), (9800, 0), type=POST_ONLY), code=1001
    ),
    Step("it would not reduce", T0 + 10, awaits(1, 2, BID, (STOP, 10_100), (10_200, 5)), code=2009),
    Step(
        "order 1 waits for nothing",
        T0 + 10,
        awaits(1, 2, ASK, (STOP, 9900), (9800, 0), partner=1),
        code=3005,
    ),
    Step(
        "account 1's stop, tied to its position",
        T0 + 11,
        awaits(1, 2, ASK, (STOP, 9900), (9800, 0)),
        outcome=(0, 3, 0, 0),
        events=[("conditional_placed", (3, 1, 0, ASK, MARKET_TYPE, 9900, FALLING, 9800, 0, 0))],
    ),
    Step(
        "another stop is no partner of it",
        T0 + 12,
        awaits(1, 3, ASK, (STOP, 9800), (9800, 0), partner=3),
        code=1113,
    ),
    Step(
        "a take-profit is",
        T0 + 12,
        awaits(1, 3, ASK, (PROFIT, 10_300), (10_300, 0), type=GTT, partner=3),
        outcome=(0, 4, 0, 0),
        events=[("conditional_placed", (4, 1, 0, ASK, GTT, 10_300, RISING, 10_300, 0, 3))],
    ),
    Step(
        "it has one now",
        T0 + 13,
        awaits(1, 4, ASK, (PROFIT, 10_400), (10_300, 0), partner=3),
        code=1113,
    ),
    Step(
        "a partner of another account",
        T0 + 13,
        awaits(2, 2, BID, (STOP, 10_200), (10_500, 60), partner=3),
        code=3006,
    ),
    Step(
        "account 2's stop, for 60 of its 100",
        T0 + 14,
        awaits(2, 2, BID, (STOP, 10_200), (10_500, 60)),
        outcome=(0, 5, 0, 60),
    ),
    Step(
        "account 3 buys from 10,200 on",
        T0 + 15,
        awaits(3, 1, BID, (STOP, 10_200), (10_250, 40), type=IOC, options=0),
        outcome=(0, 6, 0, 40),
        events=[("conditional_placed", (6, 3, 0, BID, IOC, 10_200, RISING, 10_250, 40, 0))],
    ),
    Step(
        "account 2's take-profit, tied",
        T0 + 16,
        awaits(2, 3, BID, (PROFIT, 9950), (9950, 0), type=GTT),
        outcome=(0, 7, 0, 0),
    ),
    Step(
        "account 3 sells below 9,850",
        T0 + 17,
        awaits(3, 2, ASK, (STOP, 9850), (9800, 10), options=0),
    ),
    Step("not account 2's", T0 + 18, user("cancel_conditional", 2, 4, order_id=8), code=3006),
    Step(
        "or rather not",
        T0 + 18,
        user("cancel_conditional", 3, 3, order_id=8),
        outcome=(0, 8, 0, 10),
        events=[("conditional_removed", (8, 3, 0, CANCELLED))],
    ),
    Step("gone", T0 + 19, user("cancel_conditional", 3, 4, order_id=8), code=3005),
    Step("account 3 asks", T0 + 20, order(3, 4, ASK, GTT, (10_210, 50)), outcome=(0, 9, 0, 50)),
    Step("account 1 asks", T0 + 21, order(1, 4, ASK, GTT, (10_220, 30)), outcome=(0, 10, 0, 30)),
    Step("nothing has to fire", T0 + 22, TRIGGER, code=4109),
]
RISE = [
    *price(T0 + 30, 10_200),
    Step("first what has to fire", T0 + 32, order(1, 5, BID, GTT, (10_000, 1)), code=4108),
    Step("before a tick too", T0 + 32, tick(0), code=4108),
    Step("and before another stop", T0 + 32, awaits(1, 5, ASK, (STOP, 9000), (9000, 0)), code=4108),
    Step(
        "account 2's, which came first",
        T0 + 33,
        TRIGGER,
        outcome=(0, 5, 60, 0),
        events=[
            ("triggered", (5, 2, 0, BID, 60, 10_500)),
            ("trade", (0, BID, 10_210, 50, 9, 3, 5, 2, 0, 0, 0, 0, 0)),
            ("trade", (0, BID, 10_220, 10, 10, 1, 5, 2, 0, 0, 20, 0, 0)),
        ],
    ),
    Step(
        "20 of account 3's 40 are there",
        T0 + 34,
        TRIGGER,
        outcome=(0, 6, 20, 0),
        events=[
            ("triggered", (6, 3, 0, BID, 40, 10_250)),
            ("trade", (0, BID, 10_220, 20, 10, 1, 6, 3, 0, 0, 0, 0, 0)),
            ("taker_stopped", (6, 3, 0, 20, 0, 0)),
        ],
    ),
    Step("10,300 is not reached", T0 + 35, TRIGGER, outcome=(0, 0, 0, 0)),
    Step("nothing has to fire", T0 + 36, TRIGGER, code=4109),
]
# Account 1 is long 70, account 2 short 40, account 3 short 30.
FALL = [
    Step("account 2 buys 40", T0 + 40, order(2, 4, BID, GTT, (10_150, 40))),
    Step("and is flat", T0 + 41, order(3, 5, ASK, IOC, (10_150, 40)), outcome=(0, 12, 40, 0)),
    Step("account 3 bids", T0 + 42, order(3, 6, BID, GTT, (10_140, 25))),
    Step("short again", T0 + 43, order(2, 5, ASK, IOC, (10_140, 25)), outcome=(0, 14, 25, 0)),
    Step("a bid of 80", T0 + 44, order(3, 7, BID, GTT, (9890, 80)), outcome=(0, 15, 0, 80)),
    *price(T0 + 50, 9900),
    Step(
        "the position it was tied to is gone",
        T0 + 52,
        TRIGGER,
        outcome=(0, 7, 0, 0),
        events=[("conditional_removed", (7, 2, 0, ORPHANED))],
    ),
    Step(
        "account 1's stop, without its partner, for all it has",
        T0 + 53,
        TRIGGER,
        outcome=(0, 3, 70, 0),
        events=[
            ("conditional_removed", (4, 1, 0, PARTNER)),
            ("triggered", (3, 1, 0, ASK, 70, 9800)),
            ("trade", (0, ASK, 9890, 70, 15, 3, 3, 1, 0, 0, 10, 0, 0)),
        ],
    ),
    Step("nothing is left", T0 + 54, TRIGGER, outcome=(0, 0, 0, 0)),
]
# Account 2 is short 25, account 3 long 25 and bids for 10 at 9,890.
GONE = [
    Step("what account 1 clears", T0 + 60, awaits(1, 5, ASK, (STOP, 9800), (9700, 5), options=0)),
    Step("with all others", T0 + 61, user("cancel_all", 1, 6, type=0, market=0)),
    Step(
        "more than account 1 can bear",
        T0 + 62,
        awaits(1, 7, ASK, (STOP, 9800), (9700, 20_000), options=0),
        outcome=(0, 17, 0, 20_000),
    ),
    Step(
        "soon over",
        T0 + 63,
        awaits(2, 6, ASK, (STOP, 9800), (9700, 5), options=0, expiry_ms=T0 + 80),
        outcome=(0, 18, 0, 5),
    ),
    Step("what account 3 will no longer hold", T0 + 64, awaits(3, 8, ASK, (STOP, 9800), (1, 25))),
    Step(
        "below the band",
        T0 + 65,
        awaits(2, 7, ASK, (STOP, 9800), (9000, 10), type=GTT, options=0),
        outcome=(0, 20, 0, 10),
    ),
    Step("account 3's own bid goes", T0 + 66, user("cancel", 3, 9, order_id=15)),
    Step("account 2 bids", T0 + 67, order(2, 8, BID, GTT, (9880, 25))),
    Step("account 3 is flat", T0 + 68, order(3, 10, ASK, IOC, (9880, 25)), outcome=(0, 22, 25, 0)),
    *price(T0 + 90, 9700),
    Step(
        "cleared",
        T0 + 92,
        TRIGGER,
        outcome=(0, 16, 0, 0),
        events=[("conditional_removed", (16, 1, 0, CLEARED))],
    ),
    Step(
        "rejected: initial margin",
        T0 + 93,
        TRIGGER,
        outcome=(2002, 17, 0, 0),
        events=[
            ("triggered", (17, 1, 0, ASK, 20_000, 9700)),
            ("conditional_rejected", (17, 1, 0, 2002)),
        ],
    ),
    Step(
        "expired",
        T0 + 94,
        TRIGGER,
        outcome=(0, 18, 0, 0),
        events=[("conditional_removed", (18, 2, 0, EXPIRED))],
    ),
    Step(
        "rejected: nothing to reduce",
        T0 + 95,
        TRIGGER,
        outcome=(2009, 19, 0, 0),
        events=[
            ("triggered", (19, 3, 0, ASK, 25, 9215)),
            ("conditional_rejected", (19, 3, 0, 2009)),
        ],
    ),
    Step(
        "rests at the band's edge",
        T0 + 96,
        TRIGGER,
        outcome=(0, 20, 0, 10),
        events=[
            ("triggered", (20, 2, 0, ASK, 10, 9215)),
            ("order_rested", (20, 2, 0, ASK, 9215, 10, 0)),
        ],
    ),
    Step("nothing is left", T0 + 97, TRIGGER, outcome=(0, 0, 0, 0)),
    Step("it is an order now", T0 + 98, user("cancel", 2, 9, order_id=20), outcome=(0, 20, 0, 10)),
]
STEPS = [*OPENING, *WAITING, *RISE, *FALL, *GONE]
