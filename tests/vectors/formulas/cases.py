"""Inputs of the formula vectors, with the outputs that were worked by hand.

Market M is that of perps-protocols.md § E: lot 0.00001 BTC, tick 0.1 USD, multiplier 1,
index 500,000 ($50,000.0), margins 5 / 3 / 2 %.
Its rates of 10^-6 are ppm, its quote units micro-USDC.
"""

HOUR = 3_600_000
NOW = 1_700_000_000_000
LATER = NOW + 1_000_000

# Name, (index, bid, ask), premium where worked by hand.
PREMIUM: list[tuple[str, tuple[int, int, int], int | None]] = [
    ("E1: both above", (500_000, 500_600, 500_700), 1200),
    ("E1: both below", (500_000, 499_000, 499_250), -1500),
    ("E1: index between", (500_000, 499_999, 500_001), 0),
    ("E1: no ask, rounded down", (333_333, 333_334, 0), 3),
    ("no bid, rounded towards zero", (333_333, 0, 333_332), -3),
    ("empty book", (500_000, 0, 0), 0),
    ("bid only, below", (500_000, 499_000, 0), 0),
    ("ask only, above", (500_000, 0, 501_000), 0),
    ("capped above", (1, 2**32 - 1, 0), 10**6),
    ("capped below is never reached: an ask costs at least 1", (2**32 - 1, 0, 1), -999_999),
    ("twice the index exactly", (250_000, 500_000, 0), 10**6),
    ("just below twice", (250_000, 499_999, 0), 999_996),
    ("greatest prices", (2**32 - 1, 2**32 - 1, 2**32 - 1), 0),
    ("greatest numerator", (2, 2**32 - 1, 0), 10**6),
]

# Name, (sum, interest, clamp, rate_max), (avg, rate, hourly), index, increment by hand.
RATES = [
    ("E2: 60 samples of 1200", (1200 * HOUR, 100, 500, 40_000), (1200, 700, 87), 43_500_000),
    ("E2: sum of -59 minutes", (-59 * 60_000, 100, 500, 40_000), (0, 100, 12), 6_000_000),
    ("E2: -1500", (-1500 * HOUR, 100, 500, 40_000), (-1500, -1000, -125), -62_500_000),
    ("E2: 50000", (50_000 * HOUR, 100, 500, 40_000), (50_000, 40_000, 5000), 2_500_000_000),
    ("capped below", (-50_000 * HOUR, 100, 500, 40_000), (-50_000, -40_000, -5000), -2_500_000_000),
    ("no premium", (0, 100, 500, 40_000), (0, 100, 12), 6_000_000),
    ("interest clamped", (0, 600, 500, 40_000), (0, 500, 62), 31_000_000),
    ("one short of -1 ppm", (-HOUR + 1, 0, 0, 40_000), (0, 0, 0), 0),
    ("-1 ppm exactly", (-HOUR, 0, 0, 40_000), (-1, -1, 0), 0),
    ("hourly rounds towards zero", (-15 * HOUR, 0, 0, 40_000), (-15, -15, -1), -500_000),
    ("rate_max 0", (10**6 * HOUR, 65_535, 65_535, 0), (10**6, 0, 0), 0),
    ("greatest sum", (10**6 * HOUR, 65_535, 65_535, 65_535), (10**6, 65_535, 8191), 4_095_500_000),
    ("least sum", (-(10**6) * HOUR, 0, 65_535, 65_535), (-(10**6), -65_535, -8191), -4_095_500_000),
]

# Name, input, output.
BASIS: list[tuple[str, tuple[int, ...], int | None]] = [
    # (basis, premium, now - tick_ms, cap, window); tick_ms 0 is the first tick.
    ("a tenth of the way", (0, 1000, 30_000, 5000, 300_000), 100),
    ("back towards zero", (1000, 0, 30_000, 5000, 300_000), 900),
    ("whole window", (1000, -700, 300_000, 5000, 300_000), -700),
    ("older than the window", (1000, -700, 10**9, 5000, 300_000), -700),
    ("premium capped", (0, 10**6, 300_000, 5000, 300_000), 5000),
    ("premium capped below", (0, -(10**6), 300_000, 5000, 300_000), -5000),
    ("too little to move", (0, 1, 1, 5000, 300_000), 0),
    ("rounded towards zero, downwards", (10, 9, 299_999, 5000, 300_000), 10),
    ("from end to end", (10**6, -(10**6), 2**30 - 2, 10**6, 2**30 - 1), None),
    ("cap 0", (0, 5000, 300_000, 0, 300_000), 0),
]

# (index, basis, bid, ask, price_max)
MARK: list[tuple[str, tuple[int, ...], int | None]] = [
    ("no book, no basis", (500_000, 0, 0, 0, 2**24 - 1), 500_000),
    ("no book: index and index, so the index", (500_000, 1000, 0, 0, 2**24 - 1), 500_000),
    ("basis between index and mid", (500_000, 1000, 500_800, 501_000, 2**24 - 1), 500_500),
    ("mid between index and basis", (500_000, 1000, 500_100, 500_201, 2**24 - 1), 500_150),
    ("index between", (500_000, 1000, 499_000, 499_100, 2**24 - 1), 500_000),
    ("negative basis", (500_001, -1000, 499_000, 499_100, 2**24 - 1), 499_501),
    ("one side is no mid", (500_000, 1000, 501_000, 0, 2**24 - 1), 500_000),
    ("crossed by dead orders", (500_000, 1000, 500_201, 500_100, 2**24 - 1), 500_150),
    ("clamped at the top", (2**24 - 1, 10**6, 2**24 - 1, 2**24 - 1, 2**24 - 1), 2**24 - 1),
    ("clamped at the bottom", (1, -(10**6), 1, 1, 2**24 - 1), 1),
    ("greatest", (2**32 - 1, 10**6, 2**32 - 1, 2**32 - 1, 2**32 - 1), 2**32 - 1),
]

# (mark, band, price_max)
BANDS: list[tuple[str, tuple[int, int, int], tuple[int, int] | None]] = [
    ("5 %", (500_000, 50_000, 2**24 - 1), (475_000, 525_000)),
    ("rounded inwards", (333_333, 10_000, 2**24 - 1), (330_000, 336_666)),
    ("no band", (500_000, 0, 2**24 - 1), (500_000, 500_000)),
    ("whole band: down to 1", (500_000, 10**6, 2**24 - 1), (1, 10**6)),
    ("upper end capped", (2**24 - 1, 50_000, 2**24 - 1), (15_938_355, 2**24 - 1)),
    ("mark 1", (1, 50_000, 2**24 - 1), (1, 1)),
    ("greatest", (2**32 - 1, 10**6, 2**32 - 1), (1, 2**32 - 1)),
]

# Reports of the registered keys: price and age; price 0 is none.
Reports = list[tuple[int, int]]
# Name, staleness, deviation, quorum, reports (price, age), (index, median, fresh, agreeing).
INDEX: list[tuple[str, int, int, int, Reports, tuple[int, int, int, int]]] = [
    ("one oracle", 1000, 0, 1, [(500, 0)], (500, 500, 1, 1)),
    ("median of three", 1000, 10_000, 2, [(503, 0), (500, 1), (501, 2)], (501, 501, 3, 3)),
    ("even: the lower", 1000, 10_000, 2, [(503, 0), (500, 0)], (500, 500, 2, 2)),
    (
        "four: the second",
        1000,
        10_000,
        3,
        [(505, 0), (500, 0), (501, 0), (502, 0)],
        (501, 501, 4, 4),
    ),
    (
        "an outlier does not count",
        1000,
        10_000,
        2,
        [(500, 0), (10**6, 0), (501, 0)],
        (501, 501, 3, 2),
    ),
    (
        "two outliers: no quorum",
        1000,
        10_000,
        2,
        [(500, 0), (1000, 0), (1, 0)],
        (0, 500, 3, 1),
    ),
    (
        "exactly at the deviation",
        1000,
        10_000,
        3,
        [(99, 0), (100, 0), (101, 0)],
        (100, 100, 3, 3),
    ),
    ("just beyond it", 1000, 9999, 3, [(99, 0), (100, 0), (101, 0)], (0, 100, 3, 1)),
    ("exactly at the staleness", 1000, 0, 1, [(500, 1000)], (500, 500, 1, 1)),
    ("a moment too old", 1000, 0, 1, [(500, 1001)], (0, 0, 0, 0)),
    (
        "stale ones are not in the median",
        1000,
        10_000,
        1,
        [(700, 1001), (500, 0), (501, 0)],
        (500, 500, 2, 2),
    ),
    ("never reported", 1000, 10**6, 1, [(0, NOW), (0, NOW)], (0, 0, 0, 0)),
    ("equal prices", 1000, 0, 3, [(7, 0), (7, 0), (7, 0)], (7, 7, 3, 3)),
    ("equal prices around", 1000, 0, 2, [(7, 0), (9, 0), (7, 0), (9, 0)], (7, 7, 4, 2)),
    (
        "all eight",
        2**30 - 1,
        10**6,
        8,
        [(2**32 - 1, 2**30 - 1)] * 8,
        (2**32 - 1, 2**32 - 1, 8, 8),
    ),
    (
        "eight, far apart: a price of 0 .. 2 times the median agrees at 10^6 ppm",
        1000,
        10**6,
        4,
        [(1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (8, 0), (9, 0), (2**32 - 1, 0)],
        (4, 4, 8, 6),
    ),
]

# Name, (sum, premium, sampled_ms, now, tick_max_ms), sum by hand.
SAMPLES: list[tuple[str, tuple[int, int, int, int, int], int]] = [
    ("a minute at 1200", (0, 1200, NOW, NOW + 60_000, 120_000), 72_000_000),
    ("no longer than a tick may be late", (5, -3, NOW, NOW + 60_000, 10_000), -29_995),
    ("exactly as long", (5, -3, NOW, NOW + 10_000, 10_000), -29_995),
    ("no time", (7, 10**6, NOW, NOW, 10_000), 7),
    ("no premium", (-7, 0, NOW, NOW + 10_000, 10_000), -7),
    ("a whole hour at the greatest", (0, 10**6, NOW, NOW + HOUR, 2**30 - 1), 10**6 * HOUR),
    ("a whole hour at the least", (0, -(10**6), NOW, NOW + HOUR, 2**30 - 1), -(10**6) * HOUR),
]

_GREATEST = {"interest_ppm": 65_535, "clamp_ppm": 65_535, "rate_max_ppm": 65_535}
_TOP = 2**32 - 1
# (bias / 2 - price_max) * 10^6, with the bias 2^35.
_TALL_MAX = (2**34 - _TOP) * 10**6
_TALL = {"index": _TOP, "multiplier": 1, "funding_max": _TALL_MAX}
# Name, input, F before, output by hand.
FUNDINGS: list[tuple[str, dict[str, int], int, dict[str, int]]] = [
    (
        "greatest increment: 8191 ppm of the greatest price",
        {"premium_sum": 10**6 * HOUR, **_GREATEST, **_TALL},
        0,
        {"rate_ppm": 8191, "increment": 8191 * _TOP, "funding": 8191 * _TOP},
    ),
    (
        "F stops at its bound",
        {"premium_sum": 10**6 * HOUR, **_GREATEST, **_TALL},
        _TALL_MAX - 1,
        {"funding": _TALL_MAX},
    ),
    (
        "and below",
        {"premium_sum": -(10**6) * HOUR, **_GREATEST, **_TALL},
        -_TALL_MAX,
        {"funding": -_TALL_MAX},
    ),
    (
        "before the first tick there is no index: nothing to pay",
        {"premium_sum": 0, **_GREATEST, **_TALL, "index": 0},
        0,
        {"rate_ppm": 8191, "increment": 0, "funding": 0},
    ),
    (
        "the greatest bound of all",
        {"premium_sum": 0, **_GREATEST, **_TALL, "funding_max": (2**39 - 1) * 10**6},
        (2**39 - 1) * 10**6 - 8191 * _TOP + 1,
        {"funding": (2**39 - 1) * 10**6},
    ),
    (
        "multiplier",
        {"premium_sum": 800 * HOUR, "interest_ppm": 800, "clamp_ppm": 0, "rate_max_ppm": 65_535}
        | {"index": 1000, "multiplier": 2**19, "funding_max": _TALL_MAX},
        -1,
        {"rate_ppm": 100, "increment": 100_000 * 2**19, "funding": 100_000 * 2**19 - 1},
    ),
]

# Name, (position limit, price_max, multiplier), (bias, F_MAX).
BOUNDS: list[tuple[str, tuple[int, int, int], tuple[int, int]]] = [
    ("BTC-USD of state.md § 3", (2**28, 2**24 - 1, 1), (2**27, (2**26 - 2**24 + 1) * 10**6)),
    ("tallest lot", (2**20, _TOP, 1), (2**35, _TALL_MAX)),
    ("one lot: the greatest bias", (1, 2**12, 2**20 - 1), (2**40, (2**39 - 2**32 + 2**12) * 10**6)),
    (
        "most lots: floor(2^55 / (2^40 - 1))",
        (2**40 - 1, 2**12, 1),
        (2**15, (2**14 - 2**12) * 10**6),
    ),
    ("an odd bias", (3 * 2**30, 2**10, 1), (11_184_810, (5_592_405 - 2**10) * 10**6)),
]
