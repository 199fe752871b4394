"""Scenario 2: three oracles, ticks, two hours of funding, tiers, sub-accounts, limits.

The commands, and what was worked by hand of what they do; the rest is the model's (README.md).
"""

from dataclasses import dataclass, field
from typing import Any

from tests.vectors.rules import scenario_01
from tests.vectors.rules.scenario_01 import deposit, forced

# The second at which funding is first due.
DUE = 472_223 * 3_600_000
HOUR = 3_600_000
T0 = DUE - 60_000
FOREVER = DUE + 10 * HOUR
CHAIN_ID, ROLLUP, OWNERS, BAD_KEY = (
    scenario_01.CHAIN_ID,
    scenario_01.ROLLUP,
    scenario_01.OWNERS,
    scenario_01.BAD_KEY,
)
MARKET: dict[str, Any] = scenario_01.PARAMETERS | {
    "lots_max": 1000,
    "oi_max": 700,
    "impact_quote": 10**6,
    "tiers": [
        {"lots_upto": 100, "imf_ppm": 50_000, "mmf_ppm": 30_000, "cmf_ppm": 20_000},
        {"lots_upto": 1000, "imf_ppm": 100_000, "mmf_ppm": 60_000, "cmf_ppm": 40_000},
    ],
}
MARKETS: tuple[dict[str, Any], ...] = (MARKET, MARKET | {"multiplier": 10, "maker_ppm": 100})
VENUE = {
    "staleness_ms": 10_000,
    "tick_max_ms": 20_000,
    "quorum": 2,
    "deviation_ppm": 5000,
    "basis_cap_ppm": 5000,
    "basis_window_ms": 100_000,
}
ORACLES = 3
ASK, BID = 1, 0
GTT, IOC, POST_ONLY = 0, 1, 2
SUB = 2**31 + 1
# Whose key signs for a sub-account, and for account 3.
MASTERS = {SUB: 1, 3: 1}
SWEEP = {"kind": "sweep"}


@dataclass
class Step:
    """A command, its refusal or its outcome; events and cash as far as worked by hand."""

    name: str
    time_ms: int
    command: dict[str, Any]
    code: int = 0
    outcome: tuple[int, ...] | None = None
    events: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)
    # Collateral of accounts afterwards.
    cash: dict[int, int] = field(default_factory=dict)


def report(key: int, time_ms: int, *prices: int) -> dict[str, Any]:
    """Return what an oracle says of the first markets."""
    entries = [{"market": market, "price_ticks": price} for market, price in enumerate(prices)]
    return {"kind": "oracle_report", "key": key, "timestamp_ms": time_ms, "entries": entries}


def tick(market: int) -> dict[str, Any]:
    """Return a tick."""
    return {"kind": "tick", "market": market}


def user(kind: str, account: int, nonce: int, **fields: int) -> dict[str, Any]:
    """Return a user's command under key 0."""
    head: dict[str, Any] = {"kind": kind, "account": account, "key": 0, "nonce": nonce}
    return head | {"valid_until_ms": FOREVER} | fields


def place(account: int, nonce: int, side: int, order_type: int, **fields: int) -> dict[str, Any]:
    """Return an order, in market 0 unless said otherwise."""
    rests = order_type != IOC
    numbers = {"market": 0, "side": side, "type": order_type, "expiry_ms": FOREVER * rests}
    return user("place", account, nonce, **numbers | fields)


def at(price: int, lots: int, **fields: int) -> dict[str, int]:
    """Return an order's numbers."""
    return {"price_ticks": price, "lots": lots} | fields


OPENING = [
    Step("100 USDC for account 1", T0 + 1, deposit(1, 10**8, "key 1")),
    Step("100 USDC for account 2", T0 + 2, deposit(2, 10**8, "key 2")),
    Step("0.055 USDC for account 3", T0 + 2, deposit(3, 55_000, "key 1")),
    Step("one oracle of three", T0 + 3, report(0, T0 + 3, 10_000, 2000)),
    Step("is no quorum", T0 + 4, tick(0), code=4205),
    Step("a second one: 0.1 % apart", T0 + 5, report(1, T0 + 4, 10_010, 2000)),
    Step("its message may not come twice", T0 + 6, report(1, T0 + 4, 10_010, 2000), code=4204),
    Step("the third is 30 % below", T0 + 7, report(2, T0 + 7, 7000)),
    Step(
        "the median of three, with two that agree",
        T0 + 8,
        tick(0),
        outcome=(0, 0, 10_000, 10_000),
        events=[("mark", (0, 10_000, 10_000, 0, 0, 0))],
    ),
    Step("no second tick at one time", T0 + 8, tick(0), code=4206),
    Step("market 1, with two reports", T0 + 9, tick(1), outcome=(0, 1, 2000, 2000)),
    Step("no market 2", T0 + 9, tick(2), code=1101),
]
TRADING = [
    Step("a bid", T0 + 10, place(2, 1, BID, GTT, **at(9990, 200)), outcome=(0, 1, 0, 200)),
    Step("an ask", T0 + 11, place(2, 2, ASK, GTT, **at(10_030, 200)), outcome=(0, 2, 0, 200)),
    Step("a buy above the band", T0 + 12, place(1, 1, BID, IOC, **at(10_501, 1)), code=1106),
    Step("a sale below it", T0 + 12, place(1, 1, ASK, IOC, **at(9499, 1)), code=1106),
    Step("too many lots", T0 + 12, place(1, 1, BID, IOC, **at(9000, 1001)), code=1103),
    Step(
        "100 lots: 1,003,000, taker 501.5, maker -100.3",
        T0 + 13,
        place(1, 1, BID, IOC, **at(10_030, 100)),
        outcome=(0, 3, 100, 0),
        events=[("trade", (0, BID, 10_030, 100, 2, 2, 3, 1, -100, 502, 100, 0, 0))],
    ),
    Step(
        "100 more: open interest is 400, each side's 200",
        T0 + 14,
        place(1, 2, BID, IOC, **at(10_030, 100)),
        outcome=(0, 4, 100, 0),
    ),
    Step("asks for what follows", T0 + 14, place(2, 3, ASK, GTT, **at(10_030, 100))),
    # 55,000 - 3000 - 502 = 51,498 of 50,000: 100 lots in the first tier, at 5 %.
    Step(
        "account 3 buys all that it can",
        T0 + 15,
        place(3, 1, BID, IOC, **at(10_030, 100)),
        outcome=(0, 6, 100, 0),
    ),
    Step(
        "a lot more is in the second tier: 10 %",
        T0 + 15,
        place(3, 2, BID, IOC, **at(9000, 1)),
        code=2002,
    ),
    Step("more asks", T0 + 15, place(2, 4, ASK, GTT, **at(10_030, 110))),
    Step(
        "60 more on each side would be 720",
        T0 + 16,
        place(1, 3, BID, IOC, **at(10_030, 60)),
        outcome=(0, 8, 0, 0),
        events=[("taker_stopped", (8, 1, 0, 60, 2007, 0))],
    ),
    Step(
        "leverage 2 at most",
        T0 + 17,
        user("set_leverage", 1, 4, market=0, imf_ppm=500_000),
        outcome=(0, 0, 500_000, 0),
        events=[("leverage_set", (1, 0, 500_000))],
    ),
    Step(
        "less than the first tier's fraction",
        T0 + 18,
        user("set_leverage", 1, 5, market=0, imf_ppm=49_999),
        code=1110,
    ),
    # 100,000,000 - 2,006,000 - 1004 + 200 x 10,000 = 99,992,996; half of 2,000,000 is margin.
    Step(
        "free: 99,992,996 - 1,000,000",
        T0 + 19,
        user("withdraw", 1, 5, amount=98_992_997),
        code=2003,
    ),
    Step(
        "all of it",
        T0 + 20,
        user("withdraw", 1, 5, amount=98_992_996 - 30_000_000),
        events=[("withdrawal", (1, 68_992_996, 0))],
    ),
    Step(
        "an account for market 1 only",
        T0 + 21,
        user("create_account", 1, 6, type=1, market=1),
        outcome=(0, SUB, 2, 0),
        events=[("account_created", (1, SUB, 2))],
    ),
    Step("20 USDC for it", T0 + 22, user("transfer", 1, 7, to=SUB, amount=20_000_000)),
    Step("not to a stranger", T0 + 23, user("transfer", 1, 8, to=2, amount=1), code=1109),
    Step(
        "10 USDC are free still, not more",
        T0 + 23,
        user("transfer", 1, 8, to=SUB, amount=10_000_001),
        code=2003,
    ),
    Step("it may not trade market 0", T0 + 24, place(SUB, 1, BID, GTT, **at(9000, 1)), code=1108),
    Step("nor make accounts", T0 + 24, user("create_account", SUB, 1, type=0, market=0), code=1107),
    Step("an ask in market 1", T0 + 25, place(2, 5, ASK, GTT, **at(2000, 150, market=1))),
    Step(
        "market 1 for the isolated account: 150 x 2000 x 10 = 3,000,000, fees 1500 and 300",
        T0 + 26,
        place(SUB, 1, BID, GTT, **at(2000, 150, market=1)),
        outcome=(0, 10, 150, 0),
        events=[("trade", (1, BID, 2000, 150, 9, 2, 10, SUB, 300, 1500, 0, 0, 0))],
    ),
]
FUNDING = [
    Step("oracles fall by 1 %", T0 + 10_000, {"kind": "time", "time_ms": T0 + 10_000}),
    Step("one", T0 + 10_001, report(0, T0 + 10_001, 9900, 1990)),
    Step("two", T0 + 10_002, report(1, T0 + 10_001, 9900, 1990)),
    # Fresh: 9900, 9900, 7000 (9996 ms old). The book's bid stands at 9990: 90 / 9900 = 9090 ppm.
    # Basis: 5000 x 10,000 / 100,000 = 500 ppm: 9904; mid = (9990 + 10,030) / 2 = 10,010.
    Step(
        "the book is above the index: a premium, and a mark between",
        T0 + 10_008,
        tick(0),
        outcome=(0, 0, 9900, 9904),
        events=[("mark", (0, 9900, 9904, 9090, 9990, 10_030))],
    ),
    Step("market 1 has no book", T0 + 10_009, tick(1), outcome=(0, 1, 1990, 1990)),
    # Account 3: 51,498 - 100 x 96 = 41,898, below 5 % of 990,400. At 9489 it would keep 37,700 for
    # 90 lots that need 26,741, which is less than 41,898 for 29,712; at 9490 it keeps 37,710.
    Step("the bid goes", T0 + 10_010, user("cancel", 2, 6, order_id=1), outcome=(0, 1, 0, 200)),
    Step("a low one", T0 + 10_011, place(2, 7, BID, GTT, **at(9489, 10))),
    Step(
        "below its zero price an account may not sell",
        T0 + 10_012,
        place(3, 2, ASK, IOC, **at(9489, 10)),
        outcome=(0, 12, 0, 0),
        events=[("taker_stopped", (12, 3, 0, 10, 2006, 0))],
    ),
    Step("a better one", T0 + 10_013, place(2, 8, BID, GTT, **at(9490, 10))),
    Step(
        "at it, it may",
        T0 + 10_014,
        place(3, 3, ASK, IOC, **at(9490, 10)),
        outcome=(0, 14, 10, 0),
    ),
    Step("the high bid is back", T0 + 10_015, place(2, 9, BID, GTT, **at(9990, 200))),
    Step("funding is not due yet", DUE - 1, {"kind": "fund"}, code=4006),
    Step("time cannot pass it", DUE + 1, {"kind": "time", "time_ms": DUE + 1}, code=4005),
    # 9090 ppm for 20 s of the hour (a tick may be no later): 50.5 -> 50 ppm; 100 ppm in 8 hours.
    Step(
        "the hour's funding",
        DUE,
        {"kind": "fund"},
        outcome=(0, DUE, 0, 0),
        events=[("funding", (0, 12, 9900, 118_800)), ("funding", (1, 12, 1990, 238_800))],
    ),
    Step("not twice", DUE, {"kind": "fund"}, code=4006),
    Step("an overdue market", DUE + 1, place(1, 8, BID, GTT, **at(9900, 1)), code=4102),
    Step("nor may money go", DUE + 1, user("withdraw", 1, 8, amount=1), code=4102),
    Step(
        "nor by force: proven",
        DUE + 1,
        forced(1, 5),
        outcome=(4102, 0, 0, 0),
        events=[("request_rejected", (3, 1, 4102))],
    ),
    # 118,800 / 10^6 x 200 = 23.76, owed by the long; x 290 = 34.45 to the short.
    Step(
        "but reducing goes on, and pays: the long 24, the short gets 34",
        DUE + 2,
        place(1, 8, ASK, IOC, **at(9990, 10)),
        outcome=(0, 16, 10, 0),
        events=[
            ("funding_paid", (1, 0, -24)),
            ("funding_paid", (2, 0, 34)),
            ("trade", (0, ASK, 9990, 10, 15, 2, 16, 1, -9, 50, 190, 0, 0)),
        ],
    ),
    Step(
        "the second hour: the last premium counts for 20 s again",
        DUE + HOUR,
        {"kind": "fund"},
        outcome=(0, DUE + HOUR, 0, 0),
        events=[("funding", (0, 12, 9900, 237_600)), ("funding", (1, 12, 1990, 477_600))],
    ),
]
LATER = DUE + HOUR
GAP = [
    Step("more for account 3, which could not bear it", LATER, deposit(3, 10**6, "none")),
    Step("a gap of 30 %", LATER + 1, report(0, LATER + 1, 7000, 1400)),
    Step("that two agree on", LATER + 2, report(1, LATER + 2, 7000, 1400)),
    Step("tick of market 0", LATER + 3, tick(0)),
    Step("account 3's trigger was crossed", LATER + 3, SWEEP, outcome=(0, 3, 0, 0)),
    Step("no other", LATER + 3, SWEEP, outcome=(0, 0, 0, 0)),
    Step("tick of market 1", LATER + 4, tick(1), outcome=(0, 1, 1400, 1400)),
    Step(
        "account 1 has leverage enough: it takes out what is free",
        LATER + 5,
        forced(1, 0),
    ),
    Step("and adds nothing then", LATER + 6, place(1, 9, BID, GTT, **at(7000, 1)), code=2002),
]
STEPS = [*OPENING, *TRADING, *FUNDING, *GAP]
