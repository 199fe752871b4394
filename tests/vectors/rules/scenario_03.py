"""Scenario 3: book and fund take an account's lots, then all counterparties the fund's.

The commands, and what was worked by hand of what they do; the rest is the model's (README.md).
Margins are 5, 3 and 2 %, a lot at a tick is a micro-USDC, orders cost no fee.
"""

from typing import Any

from tests.vectors.rules import scenario_01
from tests.vectors.rules.scenario_01 import deposit
from tests.vectors.rules.scenario_02 import (
    ASK,
    BID,
    GTT,
    IOC,
    SWEEP,
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
MARKETS: tuple[dict[str, Any], ...] = (
    scenario_01.PARAMETERS
    | {
        "taker_ppm": 0,
        "maker_ppm": 0,
        "band_ppm": 300_000,
        "liquidation_ppm": 10_000,
        "bonus_ppm": 2000,
        "tiers": [{"lots_upto": 2**28, "imf_ppm": 50_000, "mmf_ppm": 30_000, "cmf_ppm": 20_000}],
    },
)
VENUE = {
    "staleness_ms": 10_000,
    "tick_max_ms": 20_000,
    "quorum": 1,
    "deviation_ppm": 5000,
    "basis_cap_ppm": 5000,
    "basis_window_ms": 300_000,
}
ORACLES = 1
FUND = 2**31
MASTERS: dict[int, int] = {}
LIQUIDATE = {"kind": "liquidate"}


def deleverage(account: int) -> dict[str, Any]:
    """Return the share of a counterparty."""
    return {"kind": "deleverage", "account": account}


def order(account: int, nonce: int, side: int, price: int, lots: int) -> dict[str, Any]:
    """Return an order in market 0 that may rest."""
    return place(account, nonce, side, GTT, price_ticks=price, lots=lots)


def price(at: int, ticks: int) -> list[Step]:
    """Return a report and the tick that makes it the mark."""
    return [
        Step(f"an oracle says {ticks}", T0 + at, report(0, T0 + at, ticks)),
        Step(f"the mark is {ticks}", T0 + at + 1, tick(0), outcome=(0, 0, ticks, ticks)),
    ]


OPENING = [
    Step("0.6 USDC for account 1", T0 + 1, deposit(1, 600_000, "key 1")),
    Step("5 USDC for account 2", T0 + 2, deposit(2, 5_000_000, "key 2")),
    Step("1 USDC for account 3", T0 + 3, deposit(3, 1_000_000, "key 3")),
    Step("5 USDC for account 4", T0 + 4, deposit(4, 5_000_000, "key 4")),
    *price(5, 10_000),
    Step(
        "half a USDC for the fund",
        T0 + 7,
        user("transfer", 4, 1, to=FUND, amount=500_000),
        events=[("transfer", (4, FUND, 500_000))],
    ),
    Step("nothing is due", T0 + 8, SWEEP, code=4105),
    Step("nobody either", T0 + 8, LIQUIDATE, code=4105),
    Step("nor is there a deleveraging", T0 + 8, deleverage(2), code=4105),
    Step("an ask of 600", T0 + 9, order(2, 1, ASK, 10_000, 600)),
    Step("an ask of 400", T0 + 10, order(4, 2, ASK, 10_000, 400)),
    Step(
        "1000 lots for account 1: 10 USDC with 0.6",
        T0 + 11,
        place(1, 1, BID, IOC, price_ticks=10_000, lots=1000),
        outcome=(0, 3, 1000, 0),
    ),
    Step("account 3 would buy 500 lower", T0 + 12, order(3, 1, BID, 9640, 500)),
    Step("and account 1 one lot", T0 + 13, order(1, 2, BID, 9645, 1)),
]
# S was 600,000 - 300,000: half of it is 1.5 % of 10,000,000.
ALARM = [
    *price(1000, 9700),
    Step(
        "3 % are more than the trigger's 1.5: everything that takes risk waits",
        T0 + 1002,
        order(2, 2, BID, 9000, 1),
        code=4104,
    ),
    Step("withdrawals too", T0 + 1002, user("withdraw", 2, 2, amount=1), code=4104),
    # TAV 300,000 and MMR 291,000.
    Step("account 1 is healthy, a new trigger", T0 + 1003, SWEEP, outcome=(0, 1, 0, 0)),
    Step("no more is crossed", T0 + 1004, SWEEP, outcome=(0, 0, 0, 0)),
]
# TAV 250,000 and MMR 289,500, so 39,500 short; CMR 193,000.
BOOK = [
    *price(2000, 9650),
    Step(
        "account 1 is due",
        T0 + 2002,
        SWEEP,
        outcome=(0, 1, 0, 1),
        events=[("liquidation_due", (1, 250_000, 289_500))],
    ),
    Step("the sweep is not at its end", T0 + 2003, LIQUIDATE, code=4106),
    Step("now it is", T0 + 2004, SWEEP, outcome=(0, 0, 0, 0)),
    Step("still nobody may take risk", T0 + 2005, order(2, 2, BID, 9000, 1), code=4104),
    Step("nor may marks change", T0 + 2005, tick(0), code=4104),
    Step(
        "the best bid is its own",
        T0 + 2006,
        LIQUIDATE,
        outcome=(0, 1, 0, 0),
        events=[("order_removed", (5, 1, 0, 1, 3, 0))],
    ),
    # A lot costs 10 against the mark and 96.4 of fee, and frees 289.5: 183.1 of gain, 216 of them.
    # n = 2,082,240: fee 20,822.4, bonus 4164.48.
    Step(
        "216 lots for the next one restore health",
        T0 + 2007,
        LIQUIDATE,
        outcome=(0, 1, 0, 216),
        events=[
            ("liquidation", (1, 0, 216, 9640, 20_822, 4164)),
            ("trade", (0, ASK, 9640, 216, 4, 3, 0, 1, -4164, 20_822, 284, 0, 0)),
        ],
    ),
    # TAV 250,000 - 2160 - 20,822 = 227,018, MMR 784 x 289.5 = 226,968.
    Step(
        "it is",
        T0 + 2008,
        LIQUIDATE,
        outcome=(0, 1, 0, 0),
        events=[("recovered", (1,))],
    ),
    Step("the rest of the bid goes", T0 + 2009, user("cancel", 3, 2, order_id=4)),
]
# TAV 227,018 - 784 x 50 = 187,818, MMR 225,792: 37,974 short; CMR 150,528.
TAKEOVER = [
    *price(3000, 9600),
    Step(
        "due again",
        T0 + 3002,
        SWEEP,
        outcome=(0, 1, 0, 1),
        events=[("liquidation_due", (1, 187_818, 225_792))],
    ),
    Step("no more", T0 + 3003, SWEEP, outcome=(0, 0, 0, 0)),
    # 288 - 192 = 96 of gain a lot: 396 of them, for a loss of 192 each: 3,801,600 - 76,032.
    Step(
        "without bids the fund takes 396 lots",
        T0 + 3004,
        LIQUIDATE,
        outcome=(0, 1, 0, 396),
        events=[("takeover", (1, 0, 396, 3_725_568))],
    ),
    # TAV 187,818 - 76,032 = 111,786, MMR 388 x 288 = 111,744.
    Step("healthy", T0 + 3005, LIQUIDATE, events=[("recovered", (1,))]),
]
# TAV 111,786 - 388 x 600 = -121,014. The fund: 500,000 + 20,822 - 4164 + 76,032 - 396 x 600
# = 355,090 before; -121,014 after, and MMR 784 x 270 = 211,680: it is healthy.
DEBT = [
    *price(4000, 9000),
    Step(
        "a gap: bankrupt",
        T0 + 4002,
        SWEEP,
        outcome=(0, 1, 0, 1),
        events=[("liquidation_due", (1, -121_014, 104_760))],
    ),
    Step("no more", T0 + 4003, SWEEP, outcome=(0, 0, 0, 0)),
    # 388 x 9000 + 121,014.
    Step(
        "the fund takes its 388 lots and its debt",
        T0 + 4004,
        LIQUIDATE,
        outcome=(0, 1, 0, 388),
        events=[("takeover", (1, 0, 388, 3_613_014))],
    ),
    Step(
        "nothing is left, nothing is owed",
        T0 + 4005,
        LIQUIDATE,
        events=[("recovered", (1,))],
        cash={1: 0},
    ),
    Step("risk may be taken again", T0 + 4006, order(2, 2, BID, 9000, 1), outcome=(0, 6, 0, 1)),
    Step("and not", T0 + 4007, user("cancel", 2, 3, order_id=6)),
]
# The fund: TAV 234,076 - 784 x 100 = 155,676, MMR 784 x 267 = 209,328.
AT_THE_MARK = [
    *price(5000, 8900),
    Step(
        "the fund itself is due",
        T0 + 5002,
        SWEEP,
        outcome=(0, FUND, 0, 1),
        events=[("liquidation_due", (FUND, 155_676, 209_328))],
    ),
    Step("no more", T0 + 5003, SWEEP, outcome=(0, 0, 0, 0)),
    Step(
        "without bids all its lots fall to all shorts, of 1000 lots, at the mark",
        T0 + 5004,
        LIQUIDATE,
        outcome=(0, FUND, 0, 0),
        events=[("deleveraging", (FUND, 0, 784, 784 * 8900, 1000))],
    ),
    Step("it has to end first", T0 + 5005, LIQUIDATE, code=4107),
    Step("not a long one", T0 + 5005, deleverage(3), code=1111),
    Step("not the fund", T0 + 5005, deleverage(FUND), code=1111),
    # 400 x 784 / 1000 = 313.6.
    Step(
        "313 lots of account 4, before 2",
        T0 + 5006,
        deleverage(4),
        outcome=(0, 4, 313, 0),
        events=[("deleveraged", (FUND, 4, 0, 313, 313 * 8900))],
    ),
    Step("not twice", T0 + 5007, deleverage(4), code=1111),
    Step(
        "the other 471 of account 2",
        T0 + 5008,
        deleverage(2),
        outcome=(0, 2, 471, 0),
        events=[("deleveraged", (FUND, 2, 0, 471, 471 * 8900))],
    ),
    Step("no more shares", T0 + 5009, deleverage(4), code=4105),
    Step(
        "the fund has kept its money",
        T0 + 5010,
        LIQUIDATE,
        outcome=(0, FUND, 0, 0),
        events=[("recovered", (FUND,))],
        cash={FUND: 155_676},
    ),
]
# Account 3: 1,000,000 + 4164, and 216 lots for 9640 each: TAV 1,004,164 - 216 x 5640 = -214,076.
BELOW_THE_MARK = [
    *price(6000, 4000),
    Step(
        "a greater gap: account 3 is bankrupt",
        T0 + 6002,
        SWEEP,
        outcome=(0, 3, 0, 1),
        events=[("liquidation_due", (3, -214_076, 25_920))],
    ),
    Step("no more", T0 + 6003, SWEEP, outcome=(0, 0, 0, 0)),
    # 155,676 - 214,076 = -58,400.
    Step(
        "the fund takes lots and debt, and is bankrupt and due",
        T0 + 6004,
        LIQUIDATE,
        outcome=(0, 3, 0, 216),
        events=[
            ("takeover", (3, 0, 216, 1_078_076)),
            ("liquidation_due", (FUND, -58_400, 25_920)),
        ],
    ),
    Step(
        "account 3 owes nothing",
        T0 + 6005,
        LIQUIDATE,
        outcome=(0, 3, 0, 0),
        events=[("recovered", (3,))],
        cash={3: 0},
    ),
    # 216 x 4000 + 58,400.
    Step(
        "its lots and debt fall to all shorts: 600 - 471 and 400 - 313 lots",
        T0 + 6006,
        LIQUIDATE,
        outcome=(0, FUND, 0, 0),
        events=[("deleveraging", (FUND, 0, 216, 922_400, 216))],
    ),
    # 129 x 922,400 / 216 = 550,877.8.
    Step(
        "129 lots of account 2",
        T0 + 6007,
        deleverage(2),
        outcome=(0, 2, 129, 0),
        events=[("deleveraged", (FUND, 2, 0, 129, 550_877))],
    ),
    Step(
        "87 of account 4",
        T0 + 6008,
        deleverage(4),
        outcome=(0, 4, 87, 0),
        events=[("deleveraged", (FUND, 4, 0, 87, 371_523))],
    ),
    Step(
        "the fund owes nothing",
        T0 + 6009,
        LIQUIDATE,
        outcome=(0, FUND, 0, 0),
        events=[("recovered", (FUND,))],
        cash={FUND: 0},
    ),
    Step(
        "what it is given now stays",
        T0 + 6010,
        user("transfer", 4, 3, to=FUND, amount=1),
        cash={FUND: 1},
    ),
    Step("risk may be taken again", T0 + 6011, order(2, 4, BID, 4000, 1), outcome=(0, 7, 0, 1)),
]
STEPS = [*OPENING, *ALARM, *BOOK, *TAKEOVER, *DEBT, *AT_THE_MARK, *BELOW_THE_MARK]
