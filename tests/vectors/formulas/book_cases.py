"""Cases of impact prices, margins and payments; see cases.py."""

from typing import Any

from tests.vectors.formulas.cases import LATER, NOW

ASK, BID = 1, 0
Orders = list[tuple[int, int, int]]

# Name, side, impact quote, orders (price, lots, expiry) best first, price by hand.
IMPACT: list[tuple[str, int, int, Orders, int | None]] = [
    ("empty", BID, 1000, [], 0),
    ("one order, in full", BID, 1000, [(100, 10, LATER)], 100),
    ("one order, in part", ASK, 1000, [(100, 1000, LATER)], 100),
    ("too thin by one lot", BID, 1001, [(100, 10, LATER)], 0),
    # 5 x 100 + ceil(500 / 110) x 110 = 1050 for 10 lots.
    ("two asks", ASK, 1000, [(100, 5, LATER), (110, 50, LATER)], 105),
    # 3 x 100 + ceil(700 / 110) = 7 x 110: 1070 for 10.
    ("asks round up", ASK, 1001, [(100, 3, LATER), (110, 50, LATER)], 107),
    # 500 + 6 x 99 = 1094 for 11: 99.45.
    ("bids round down", BID, 1050, [(100, 5, LATER), (99, 50, LATER)], 99),
    ("asks of the same sizes round up", ASK, 1050, [(99, 5, LATER), (100, 50, LATER)], 100),
    ("dead orders enter no price", BID, 1000, [(900, 10, NOW), (100, 10, LATER)], 100),
    ("dead at its expiry, alive a moment before", BID, 900, [(900, 10, NOW + 1)], 900),
    ("64th order may be the last", ASK, 64, [(1, 1, LATER)] * 64, 1),
    ("not a 65th", ASK, 65, [(1, 1, LATER)] * 65, 0),
    ("dead ones are met too", ASK, 1, [(1, 1, NOW)] * 64 + [(1, 1, LATER)], 0),
    ("63 dead and one", ASK, 1, [(1, 1, NOW)] * 63 + [(1, 1, LATER)], 1),
    (
        "E8: 10,000 USDC at 50,000.0 and beyond",
        ASK,
        10**10,
        [(500_000, 10_000, LATER), (500_100, 2**28, LATER)],
        500_050,
    ),
    ("greatest quote", ASK, 2**52, [(2**32 - 1, 2**20, LATER), (2**32 - 1, 1, LATER)], 2**32 - 1),
    ("greatest lots", BID, 2**52, [(1, 2**40 - 1, LATER)] * 64, 0),
    ("greatest order", BID, 2**52, [(2**12, 2**40 - 1, LATER), (2**12, 2, LATER)], 2**12),
]

TIERS = [
    (200_000, 50_000, 30_000, 20_000),
    (400_000, 100_000, 60_000, 40_000),
    (800_000, 10**6, 10**6, 10**6),
]
# Name, lots, own imf, tier by hand; None: beyond the position limit.
TIER_OF: list[tuple[str, int, int, int | None]] = [
    ("nothing", 0, 0, 0),
    ("one lot", 1, 0, 0),
    ("last of tier 0", 200_000, 0, 0),
    ("first of tier 1", 200_001, 0, 1),
    ("last of tier 1", 400_000, 0, 1),
    ("first of tier 2", 400_001, 0, 2),
    ("position limit", 800_000, 0, 2),
    ("beyond", 800_001, 0, None),
    ("far beyond", 2**40, 0, None),
    ("own leverage above the tier's", 1, 50_001, 0),
    ("own leverage below the tier's", 1, 49_999, 0),
    ("own leverage between tiers", 200_001, 70_000, 1),
]

# Market M in its first tier.
M: dict[str, Any] = {
    "mark_value": 500_000,
    "funding": 0,
    "bias": 2**55 // 800_000,
    "fractions": (50_000, 30_000, 20_000),
}
FULL = (10**6, 10**6, 10**6)
# At the bounds of state.md § 11: lots * V = 2^52, lots * bias = 2^55.
TALL = {"mark_value": 2**32, "funding": 0, "bias": 2**35, "fractions": FULL}
WIDE = {"mark_value": 2**26, "funding": 0, "bias": 2**29, "fractions": (1, 1, 1)}
LONG = {"mark_value": 2**12, "funding": 0, "bias": 2**15, "fractions": (2, 2, 1)}
AT_BOUNDS: dict[str, tuple[int, dict[str, Any]]] = {
    "tall": (2**20, TALL),
    "wide": (2**26, WIDE),
    "long": (2**40 - 1, LONG),
}


def f_max(bias: int, tick_value: int) -> int:
    """Return F_MAX."""
    return 10**6 * (bias // 2 - tick_value)


USDC = 10**6
# 1 BTC at 50,000: 50,000 USDC; margins 2500, 1500, 1000 (E3).
BTC_LONG = (50_000 * USDC, 47_500 * USDC, 48_500 * USDC, 49_000 * USDC)
BTC_SHORT = (-50_000 * USDC, -52_500 * USDC, -51_500 * USDC, -51_000 * USDC)
WITH_FUNDING = (50_004_350_000, 47_504_350_000, 48_504_350_000, 49_004_350_000)
Sums = tuple[int, int, int, int]
# Name, size, F_e, market, sums by hand.
SUMS: list[tuple[str, int, int, dict[str, Any], Sums | None]] = [
    ("E3: long 1 BTC", 100_000, 0, M, BTC_LONG),
    ("E3: short 1 BTC", -100_000, 0, M, BTC_SHORT),
    ("nothing", 0, 0, M, (0, 0, 0, 0)),
    # 3 lots, F - F_e = 1: 3 x (5 x 10^11 - 1) / 10^6 = 1,499,999.999997.
    ("owed funding rounds down", 3, -1, M, (1_499_999, 1_424_999, 1_454_999, 1_469_999)),
    ("funding to get rounds down", -3, -1, M, (-1_500_000, -1_575_000, -1_545_000, -1_530_000)),
    ("funding received", 100_000, 43_500_000, M, WITH_FUNDING),
    ("a fraction of one", 1, 0, {**M, "mark_value": 1}, (1, 0, 0, 0)),
    ("a fraction of one, short", -1, 0, {**M, "mark_value": 1}, (-1, -2, -2, -2)),
    ("no mark yet", 1, 0, {**M, "mark_value": 0}, (0, 0, 0, 0)),
    ("tallest lot, long", 2**20, 0, TALL, (2**52, 0, 0, 0)),
    ("tallest lot, short", -(2**20), 0, TALL, (-(2**52), -(2**53), -(2**53), -(2**53))),
    ("widest, long", 2**26, 0, WIDE, None),
    ("widest, short", -(2**26), 0, WIDE, None),
    ("most lots, long", 2**40 - 1, 0, LONG, None),
    ("most lots, short", -(2**40 - 1), 0, {**LONG, "fractions": FULL}, None),
]
SUMS += [
    (
        f"{name}, {size} lots, F {'at' if sign > 0 else 'at minus'} its bound, F_e opposite",
        size,
        -sign * f_max(market["bias"], market["mark_value"]),
        {**market, "funding": sign * f_max(market["bias"], market["mark_value"])},
        None,
    )
    for name, (most, market) in AT_BOUNDS.items()
    for size in (most, -most)
    for sign in (1, -1)
]

# Name, (size, F, F_e), paid by hand.
PAID: list[tuple[str, tuple[int, int, int], int | None]] = [
    ("E2: long 1 BTC pays 4.35 USDC", (100_000, 43_500_000, 0), 4_350_000),
    ("E2: short 1 BTC gets it", (-100_000, 43_500_000, 0), -4_350_000),
    ("negative rate", (100_000, -62_500_000, 0), -6_250_000),
    ("since the last payment only", (100_000, 43_500_000, 43_400_000), 10_000),
    ("rounded up", (1, 1, 0), 1),
    ("rounded up towards zero", (-1, 1, 0), 0),
    ("a million is one", (-1, 10**6, 0), -1),
    ("a million and one", (-1, 10**6 + 1, 0), -1),
    ("nothing", (0, 10**15, -(10**15)), 0),
    ("no change of F", (2**40 - 1, 5, 5), 0),
    ("most, owing", (2**20, f_max(2**35, 2**32), -f_max(2**35, 2**32)), None),
    ("most, getting", (-(2**20), f_max(2**35, 2**32), -f_max(2**35, 2**32)), None),
]

U = USDC
# Name, collateral such that TAV is as in E3, health.
HEALTH: list[tuple[str, tuple[int, int, int, int], int]] = [
    ("E3: TAV 2500", (2500 * U, 0, 1000 * U, 1500 * U), 0),
    ("E3: TAV 2499", (2499 * U, -U, 999 * U, 1499 * U), 1),
    ("E3: TAV 1200", (1200 * U, -1300 * U, -300 * U, 200 * U), 2),
    ("E3: TAV 999", (999 * U, -1501 * U, -501 * U, -U), 3),
    ("E3: TAV -300", (-300 * U, -2800 * U, -1800 * U, -1300 * U), 4),
    ("nothing", (0, 0, 0, 0), 0),
    ("a unit short of initial", (10, -1, 0, 0), 1),
    ("a unit short of maintenance", (10, -5, -1, 0), 2),
    ("a unit short of close-out", (10, -5, -5, -1), 3),
    ("a unit of debt", (-1, -1, -1, -1), 4),
    ("greatest", (2**60, 2**60, 2**60, 2**60), 0),
    ("least", (-(2**60), -(2**60), -(2**60), -(2**60)), 4),
]

# Name, (TAV, MMR, TAV', MMR'), passes.
RATIO: list[tuple[str, tuple[int, int, int, int], int]] = [
    ("at the mark", (2000, 1500, 2000, 750), 1),
    ("at the zero price", (2000, 1500, 1000, 750), 1),
    ("a unit below it", (2000, 1500, 999, 750), 0),
    ("closed, money left", (2000, 1500, 1, 0), 1),
    ("closed, nothing left: 2000 x 0 <= 0 x 1500", (2000, 1500, 0, 0), 1),
    ("closed with a debt", (2000, 1500, -1, 0), 0),
    ("at maintenance", (1500, 1500, 750, 750), 1),
    ("a unit below maintenance", (1500, 1500, 749, 750), 0),
    ("the ratio rises, but not to maintenance", (1000, 1500, 1100, 1200), 0),
    ("a unit short by a rounding, then closed", (1499, 1500, 1499, 0), 1),
    ("a debt that ends", (-1, 3, 0, 0), 1),
    ("a debt that falls", (-1000, 1500, -500, 750), 0),
    ("a debt that stays", (-1000, 1500, -1000, 0), 0),
    ("a debt that becomes health", (-(2**59), 2**59 + 1, 2**59, 2**59), 1),
    ("nothing needed before and after", (5, 0, 5, 0), 1),
    ("a shortfall out of nothing", (0, 0, 0, 1), 0),
    ("greatest equal", (2**61 - 1, 2**61 - 1, 2**61 - 1, 2**61 - 1), 1),
    ("greatest, by one", (2**61 - 1, 2**61 - 1, 2**61 - 2, 2**61 - 1), 0),
    # Differ in the low 61 bits only, and in the high ones only.
    ("low parts decide", (2**60 + 2, 2**60 + 1, 2**60 + 1, 2**60), 1),
    ("low parts decide, worse", (2**60 + 1, 2**60, 2**60 + 2, 2**60 + 1), 0),
    ("high parts decide", (2**60, 2**59, 2**60 + 1, 2**59), 1),
    ("high parts decide, worse", (2**60 + 1, 2**59, 2**60, 2**59), 0),
]

# Name, (notional, ppm), fee.
FEES: list[tuple[str, tuple[int, int], int]] = [
    ("E8: 0.028 % of 1000 USDC", (10**9, 280), 280_000),
    ("nothing", (0, 500), 0),
    ("rounded up", (1, 500), 1),
    ("exact", (2000, 500), 1),
    ("one more", (2001, 500), 2),
    ("rebate rounded to nothing", (9999, -100), 0),
    ("rebate", (10_000, -100), -1),
    ("rebate rounded down", (19_999, -100), -1),
    ("greatest", (2**52, 10_000), 45_035_996_273_705),
    ("greatest rebate", (2**52, -10_000), -45_035_996_273_704),
]
