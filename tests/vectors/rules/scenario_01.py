"""Scenario 1, worked by hand from docs/spec: what each command changes, leaf by leaf.

No rule is computed here. Sums are spelled out where a leaf's number comes from one; hashes, the log
chain and signatures are filled in by generate.py.
"""

from dataclasses import dataclass, field
from typing import Any

T0 = 1_700_000_000_000
EXPIRY = T0 + 1_000_000
FOREVER = T0 + 10_000_000
CHAIN_ID = 31337
ROLLUP = bytes.fromhex("5fbdb2315678afecb367f032d93f642f64180aa3")
OWNERS = {account: bytes([account] * 20) for account in (1, 2, 3, 4)}
# Five coefficients that encode no element of the group.
BAD_KEY = (1, 0, 0, 0, 0)

OI_MAX = 2**40
# The same for both but for the maker's fee.
PARAMETERS: dict[str, Any] = {
    "multiplier": 1,
    "price_max": 2**24 - 1,
    "lots_max": 2**28,
    "lots_min": 1,
    "taker_ppm": 500,
    "maker_ppm": -100,
    "oi_max": OI_MAX,
    "impact_quote": 10**9,
    "band_ppm": 50_000,
    "interest_ppm": 100,
    "clamp_ppm": 500,
    "rate_max_ppm": 40_000,
    "liquidation_ppm": 5000,
    "bonus_ppm": 1000,
    "tiers": [{"lots_upto": 2**28, "imf_ppm": 100_000, "mmf_ppm": 60_000, "cmf_ppm": 40_000}],
}
MARKETS = (PARAMETERS, PARAMETERS | {"maker_ppm": 100})
VENUE = {
    "staleness_ms": 10_000,
    "tick_max_ms": 10_000,
    "quorum": 1,
    "deviation_ppm": 5000,
    "basis_cap_ppm": 5000,
    "basis_window_ms": 300_000,
}
FIRST_MARGIN = (2**28, 0, 0, 100_000, 60_000, 40_000, 0, 2**27)
# Every leaf of the first state but the sentinels and keys; funding is due at the next full hour.
GENESIS = {
    "clock": (0, T0, 1, 0, 0, 1, 0, 128),
    "config": (10_000, 10_000, 1, 5000, 1, 2, 5000, 300_000),
    "schedule": (472_223 * 3_600_000, 2**31 + 1),
    "conditionals": (0, 1, 0),
    "market 0": (1, 1, 0, 0, 2**24 - 1, 2**28, 500, 1),
    "interest 0": (0, OI_MAX, 0, -100),
    "funding 0": (0, 0, T0),
    "pricing 0": (10**9, 50_000, 100, 500, 40_000, 5000, 1000),
    "margin 0 0": FIRST_MARGIN,
    "market 1": (1, 1, 0, 0, 2**24 - 1, 2**28, 500, 1),
    "interest 1": (0, OI_MAX, 0, 100),
    "funding 1": (0, 0, T0),
    "pricing 1": (10**9, 50_000, 100, 500, 40_000, 5000, 1000),
    "margin 1 0": FIRST_MARGIN,
    # The fund; nobody trades for it.
    "account 2147483648": (1,),
}

ASK, BID = 1, 0
GTT, IOC, POST_ONLY, MARKET = 0, 1, 2, 3
# 2^32, the key of a tail; a bid's key is this minus its price.
TAIL = 2**32


@dataclass
class Step:
    """A command and what it does: a code, or events, outcome and changed leaves."""

    name: str
    time_ms: int
    command: dict[str, Any]
    code: int = 0
    events: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)
    outcome: tuple[int, ...] = ()
    # Leaf name to felts; what is left out is zero. Key leaves: ("nonce", n). The log leaf follows.
    changed: dict[str, tuple[int, ...]] = field(default_factory=dict)
    # Section C words: each a sum of (value, power of two).
    data: list[list[tuple[int, int]]] = field(default_factory=list)
    withdrawals: list[tuple[int, int]] = field(default_factory=list)


def deposit(account: int, amount: int, public_key: str) -> dict[str, Any]:
    """Return a request that credits `account` and registers its key 0."""
    return {
        "kind": "request",
        "request": "deposit",
        "account": account,
        "amount": amount,
        "key": 0,
        "public_key": public_key,
    }


def forced(account: int, amount: int) -> dict[str, Any]:
    """Return a forced withdrawal."""
    return {
        "kind": "request",
        "request": "forced_withdrawal",
        "account": account,
        "amount": amount,
    }


def user(kind: str, account: int, nonce: int, **fields: int) -> dict[str, Any]:
    """Return a user's command under key 0."""
    head: dict[str, Any] = {"kind": kind, "account": account, "key": 0, "nonce": nonce}
    return head | {"valid_until_ms": FOREVER} | fields


def place(
    account: int, nonce: int, side: int, order_type: int, *, price: int, lots: int, expiry: int
) -> dict[str, Any]:
    """Return an order in market 0."""
    return user(
        "place",
        account,
        nonce,
        market=0,
        side=side,
        type=order_type,
        price_ticks=price,
        lots=lots,
        expiry_ms=expiry,
    )


STEPS = [
    Step(
        "deposit with a key: 10,000 USDC",
        T0 + 10,
        deposit(1, 10_000_000_000, "key 1"),
        events=[("key_set", (1, 0)), ("deposit", (0, 1, 10_000_000_000, 0, 0))],
        outcome=(0, 10_000_000_000, 0, 0),
        changed={
            "clock": (0, T0 + 10, 1, 1, 0, 1, 0, 128),
            "money": (10_000_000_000,),
            "account 1": (1, 10_000_000_000, 0),
            "owner 1": (),
            "key 1": (0,),
        },
        data=[[(3, 0), (0, 6), (10, 51)], [(10_000_000_000, 0)]],
    ),
    Step(
        "deposit with a key: 20,000 USDC",
        T0 + 20,
        deposit(2, 20_000_000_000, "key 2"),
        events=[("key_set", (2, 0)), ("deposit", (1, 2, 20_000_000_000, 0, 0))],
        outcome=(0, 20_000_000_000, 0, 0),
        changed={
            "clock": (0, T0 + 20, 1, 2, 0, 1, 0, 128),
            "money": (30_000_000_000,),
            "account 2": (1, 20_000_000_000, 0),
            "owner 2": (),
            "key 2": (0,),
        },
        data=[[(3, 0), (0, 6), (10, 51)], [(20_000_000_000, 0)]],
    ),
    Step(
        "deposit whose key is no group element: credited without it",
        T0 + 30,
        deposit(3, 5_000_000, "bad"),
        events=[("deposit", (2, 3, 5_000_000, 0, 5003))],
        outcome=(5003, 5_000_000, 0, 0),
        changed={
            "clock": (0, T0 + 30, 1, 3, 0, 1, 0, 128),
            "money": (30_005_000_000,),
            "account 3": (1, 5_000_000, 0),
            "owner 3": (),
        },
        data=[[(3, 0), (5003, 6), (10, 51)], [(5_000_000, 0)]],
    ),
    Step(
        "an order before there is a price",
        T0 + 40,
        place(1, 1, ASK, GTT, price=600_100, lots=1000, expiry=EXPIRY),
        code=4101,
    ),
    Step(
        "an oracle reports 60,000.0: no mark yet",
        T0 + 45,
        {
            "kind": "oracle_report",
            "key": 0,
            "timestamp_ms": T0 + 40,
            "entries": [{"market": 0, "price_ticks": 600_000}],
        },
        events=[("oracle_report", (0, 0, 600_000, T0 + 40))],
        outcome=(0, 0, T0 + 40, 1),
        changed={
            "clock": (0, T0 + 45, 1, 3, 0, 1, 0, 128),
            "report 0 0": (600_000, T0 + 40),
        },
        data=[[(2, 0), (15, 51)], [(5, 0), (1, 30)], [(600_000, 0), (0, 32)]],
    ),
    Step(
        "a tick: index, mark, bands of 5 %, and one lot is worth 600,000 in the tier",
        T0 + 50,
        {"kind": "tick", "market": 0},
        events=[("mark", (0, 600_000, 600_000, 0, 0, 0))],
        outcome=(0, 0, 600_000, 600_000),
        changed={
            "clock": (0, T0 + 50, 1, 3, 0, 1, 0, 128),
            "market 0": (1, 1, 570_000, 630_000, 2**24 - 1, 2**28, 500, 1),
            "mark 0": (600_000, 600_000, T0 + 50, 0),
            "funding 0": (0, 0, T0 + 50),
            "margin 0 0": (2**28, 600_000, 0, 100_000, 60_000, 40_000, T0 + 50, 2**27),
        },
        data=[[(12, 0), (5, 51)]],
    ),
    Step(
        "a resting ask: new level 128 between head 2 and tail 3",
        T0 + 60,
        place(1, 1, ASK, GTT, price=600_100, lots=1000, expiry=EXPIRY),
        events=[("order_rested", (1, 1, 0, ASK, 600_100, 1000, 0))],
        outcome=(0, 1, 0, 1000),
        changed={
            "clock": (0, T0 + 60, 2, 3, 0, 2, 0, 129),
            "key 1": (1,),
            "position 1": (0, 1),
            "order 1": (1, 1, 128, 0, 0, 1000, EXPIRY, 0),
            "level 2": (2, 0, 0, 128),
            "level 3": (2, TAIL, 128, 0),
            "level 128": (2, 600_100, 2, 3, 1, 1),
        },
        data=[
            [(4, 0), (1, 15), (1, 19), (10, 51)],
            [(600_100, 0), (1, 32)],
            [(1000, 0)],
            [(EXPIRY, 0)],
        ],
    ),
    Step(
        "a post-only ask joins the level; the nonce jumps by 2",
        T0 + 70,
        place(1, 3, ASK, POST_ONLY, price=600_100, lots=500, expiry=EXPIRY),
        events=[("order_rested", (2, 1, 0, ASK, 600_100, 500, 0))],
        outcome=(0, 2, 0, 500),
        changed={
            "clock": (0, T0 + 70, 3, 3, 0, 3, 0, 129),
            "key 1": (3,),
            "position 1": (0, 2),
            "order 1": (1, 1, 128, 0, 2, 1000, EXPIRY, 0),
            "order 2": (2, 1, 128, 1, 0, 500, EXPIRY, 1),
            "level 128": (2, 600_100, 2, 3, 1, 2),
        },
        data=[
            [(4, 0), (1, 15), (2, 16), (1, 19), (10, 51)],
            [(600_100, 0), (2, 32)],
            [(500, 0)],
            [(EXPIRY, 0)],
        ],
    ),
    Step(
        "a resting bid: new level 129 between head 0 and tail 1",
        T0 + 80,
        place(2, 1, BID, GTT, price=600_000, lots=2000, expiry=EXPIRY),
        events=[("order_rested", (3, 2, 0, BID, 600_000, 2000, 0))],
        outcome=(0, 3, 0, 2000),
        changed={
            "clock": (0, T0 + 80, 4, 3, 0, 4, 0, 130),
            "key 2": (1,),
            "position 2": (0, 1),
            "order 3": (3, 2, 129, 0, 0, 2000, EXPIRY, 0),
            "level 0": (1, 0, 0, 129),
            "level 1": (1, TAIL, 129, 0),
            "level 129": (1, TAIL - 600_000, 0, 1, 3, 3),
        },
        data=[
            [(4, 0), (2, 19), (10, 51)],
            [(600_000, 0), (1, 32)],
            [(2000, 0)],
            [(EXPIRY, 0)],
        ],
    ),
    Step(
        "a post-only bid at the best ask",
        T0 + 90,
        place(2, 2, BID, POST_ONLY, price=600_100, lots=10, expiry=EXPIRY),
        code=3004,
    ),
    Step(
        "a market buy of 1200 fills order 1 and 200 of order 2",
        T0 + 100,
        place(2, 2, BID, MARKET, price=600_100, lots=1200, expiry=0),
        # 1000 x 600,100 = 600,100,000: taker 0.05 % = 300,050, maker -0.01 % = -60,010.
        # 200 x 600,100 = 120,020,000: taker 60,010, maker -12,002.
        events=[
            ("trade", (0, BID, 600_100, 1000, 1, 1, 4, 2, -60_010, 300_050, 0, 0, 0)),
            ("trade", (0, BID, 600_100, 200, 2, 1, 4, 2, -12_002, 60_010, 300, 0, 0)),
        ],
        outcome=(0, 4, 1200, 0),
        changed={
            "clock": (0, T0 + 100, 5, 3, 1, 4, 0, 130),
            "money": (30_005_000_000, 300_050 - 60_010 + 60_010 - 12_002),
            "interest 0": (1200 + 1200, OI_MAX, 0, -100),
            "account 1": (1, 10_000_000_000 + 600_100_000 + 60_010 + 120_020_000 + 12_002, 1),
            "account 2": (1, 20_000_000_000 - 600_100_000 - 300_050 - 120_020_000 - 60_010, 1),
            "key 2": (2,),
            # V: -1.06 x 600,000 and 0.94 x 600,000. Either could bear four times its notional, so
            # triggers are as far away as they get: a move of 400 %, for 2,880,000,000 of slack.
            "position 1": (-1200, 1, 0, 0, -636 * 10**9 - 2400 * 10**9, 0, 0, 2),
            "position 2": (1200, 1, 0, 0, 564 * 10**9 - 2400 * 10**9, 0, 0, 1),
            "triggers 0 0": (2, -1836 * 10**9, 1, -3036 * 10**9),
            # Slot 1 is released; the free list had no next one.
            "order 1": (),
            "order 2": (2, 1, 128, 0, 0, 300, EXPIRY, 1),
            "level 128": (2, 600_100, 2, 3, 2, 2),
        },
        data=[
            [(4, 0), (3, 16), (2, 19), (20, 51)],
            [(600_100, 0), (1, 32)],
            [(1200, 0)],
            [(0, 0)],
        ],
    ),
    Step(
        "amend to a smaller size: in place",
        T0 + 110,
        user("amend", 2, 4, order_id=3, price_ticks=600_000, lots=1500),
        events=[("order_reduced", (3, 2, 0, 1500, 0))],
        outcome=(0, 3, 0, 1500),
        changed={
            "clock": (0, T0 + 110, 5, 3, 1, 4, 0, 130),
            "key 2": (4,),
            "order 3": (3, 2, 129, 0, 0, 1500, EXPIRY, 0),
        },
        data=[
            [(6, 0), (2, 19), (10, 51)],
            [(3, 0), (2, 48)],
            [(600_000, 0)],
            [(1500, 0)],
        ],
    ),
    Step(
        "amend to another price: removed and placed anew, in the slots just released",
        T0 + 120,
        user("amend", 2, 5, order_id=3, price_ticks=599_990, lots=1500),
        events=[
            ("order_removed", (3, 2, 0, 1500, 5, 0)),
            ("order_rested", (3, 2, 0, BID, 599_990, 1500, 0)),
        ],
        outcome=(0, 3, 0, 1500),
        changed={
            "clock": (0, T0 + 120, 5, 3, 1, 4, 0, 130),
            "key 2": (5,),
            "level 129": (1, TAIL - 599_990, 0, 1, 3, 3),
        },
        data=[
            [(6, 0), (2, 19), (10, 51)],
            [(3, 0), (1, 48)],
            [(599_990, 0)],
            [(1500, 0)],
        ],
    ),
    Step(
        "cancel: slot 2 and level 128 are released",
        T0 + 130,
        user("cancel", 1, 4, order_id=2),
        events=[("order_removed", (2, 1, 0, 300, 1, 0))],
        outcome=(0, 2, 0, 300),
        changed={
            "clock": (0, T0 + 130, 5, 3, 2, 4, 128, 130),
            "key 1": (4,),
            "position 1": (-1200, 0, 0, 0, -3036 * 10**9, 0, 0, 2),
            "order 2": (0, 0, 0, 0, 1),
            "level 2": (2, 0, 0, 3),
            "level 3": (2, TAIL, 2, 0),
            "level 128": (),
        },
        data=[[(5, 0), (1, 19), (10, 51)], [(2, 0), (1, 48)]],
    ),
    Step(
        "withdraw more than TAV - IMR = 19,999,519,940 - 72,000,000",
        T0 + 140,
        user("withdraw", 2, 6, amount=19_927_519_941),
        code=2003,
    ),
    Step(
        "withdraw 1,000 USDC",
        T0 + 150,
        user("withdraw", 2, 6, amount=1_000_000_000),
        events=[("withdrawal", (2, 1_000_000_000, 0))],
        outcome=(0, 1_000_000_000, 0, 0),
        changed={
            "clock": (0, T0 + 150, 5, 3, 2, 4, 128, 130),
            "money": (29_005_000_000, 288_048, 0, 1),
            "account 2": (1, 19_279_519_940 - 1_000_000_000, 1),
            "key 2": (6,),
        },
        data=[[(7, 0), (2, 19), (20, 51)], [(1, 0)], [(1_000_000_000, 0)]],
        withdrawals=[(2, 1_000_000_000)],
    ),
    Step("the same nonce again", T0 + 155, user("withdraw", 2, 6, amount=1), code=1004),
    Step(
        "burn nonces up to 50",
        T0 + 160,
        user("burn_nonce", 1, 50),
        events=[("nonce_burned", (1, 0, 50))],
        outcome=(0, 50, 0, 0),
        changed={"clock": (0, T0 + 160, 5, 3, 2, 4, 128, 130), "key 1": (50,)},
        data=[[(8, 0), (1, 19), (10, 51)], [(50, 0)]],
    ),
    Step(
        "forced withdrawal of all: 10,720,192,012 - 1200 x 600,000 - 72,000,000",
        T0 + 170,
        forced(1, 0),
        events=[("withdrawal", (1, 9_928_192_012, 1))],
        outcome=(0, 9_928_192_012, 0, 0),
        changed={
            "clock": (0, T0 + 170, 5, 4, 2, 4, 128, 130),
            "money": (29_005_000_000 - 9_928_192_012, 288_048, 0, 2),
            "account 1": (1, 792_000_000, 1),
            # S = 792,000,000 - 1200 x 636,000 = 28,800,000; half of it is 2 % of 720,000,000.
            "position 1": (-1200, 0, 0, 0, -636 * 10**9 - 12 * 10**9, 0, 0, 2),
            "triggers 0 0": (2, -1836 * 10**9, 1, -648 * 10**9),
        },
        data=[[(3, 0), (0, 6), (10, 51)], [(9_928_192_012, 0)]],
        withdrawals=[(1, 9_928_192_012)],
    ),
    Step(
        "forced withdrawal of what is not free: proven impossible",
        T0 + 180,
        forced(1, 5),
        events=[("request_rejected", (4, 1, 2003))],
        outcome=(2003, 0, 0, 0),
        changed={"clock": (0, T0 + 180, 5, 5, 2, 4, 128, 130)},
        data=[[(3, 0), (2003, 6), (10, 51)], [(0, 0)]],
    ),
    Step(
        "a step of time that needs its own command",
        T0 + 60_000,
        user("cancel", 2, 7, order_id=3),
        code=4002,
    ),
    Step(
        "a minute passes",
        T0 + 60_000,
        {"kind": "time", "time_ms": T0 + 60_000},
        outcome=(0, T0 + 60_000, 0, 0),
        changed={"clock": (0, T0 + 60_000, 5, 5, 2, 4, 128, 130)},
        data=[[(1, 0), (T0 + 60_000, 6)]],
    ),
    Step(
        "a withdrawal while the tick of a position is overdue",
        T0 + 60_010,
        user("withdraw", 2, 7, amount=1),
        code=4102,
    ),
]
