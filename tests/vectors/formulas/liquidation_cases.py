"""Cases of triggers, liquidating fills, takeovers and deleveraging; see cases.py.

The position is 100 lots at 500,000 micro-USDC each, margins 10 / 6 / 4 %: MMR 3 USDC, CMR 2.
"""

# Size, mark value, mmf, F.
Exposure = tuple[int, int, int, int]
LONG: Exposure = (100, 500_000, 60_000, 0)
SHORT: Exposure = (-100, 500_000, 60_000, 0)
F_MOST = 10**6 * (2**39 - 2**32)
TALL: Exposure = (2**20, 2**32, 10**6, F_MOST)
# (V, T, use) of each position.
Triggers = list[tuple[int, int, int]]
# Name, S, positions, ratio by hand, triggers by hand.
KEY: list[tuple[str, int, list[Exposure], int | None, Triggers | None]] = [
    # N = 50 USDC, B = 5: a move of a tenth.
    ("a tenth, long", 10**7, [LONG], 10**8, [(470 * 10**9, 420 * 10**9, 5 * 10**6)]),
    ("a tenth, short", 10**7, [SHORT], 10**8, [(-530 * 10**9, -580 * 10**9, 5 * 10**6)]),
    ("no slack", 0, [LONG], 0, [(470 * 10**9, 470 * 10**9, 0)]),
    ("a unit below the least slack", 63, [LONG], 0, [(470 * 10**9, 470 * 10**9, 0)]),
    ("the least slack", 64, [LONG], 640, [(470 * 10**9, 470 * 10**9 - 320_000, 32)]),
    ("an odd slack", 65, [LONG], 640, [(470 * 10**9, 470 * 10**9 - 320_000, 32)]),
    ("just below the cap", 4 * 10**8 - 1, [LONG], 3_999_999_980, None),
    ("at the cap", 4 * 10**8, [LONG], 4 * 10**9, [(470 * 10**9, -1530 * 10**9, 2 * 10**8)]),
    ("beyond it", 2**60, [SHORT], 4 * 10**9, [(-530 * 10**9, -2530 * 10**9, 2 * 10**8)]),
    (
        "F counts against a long",
        64,
        [(1, 10**6, 0, 7)],
        32_000,
        [(10**12 - 7, 10**12 - 32_000_007, 32)],
    ),
    ("and for a short", 0, [(-1, 10**6, 0, 7)], 0, [(7 - 10**12, 7 - 10**12, 0)]),
    (
        "shared in proportion to notional",
        3 * 10**7,
        [LONG, (-50, 2_000_000, 10_000, 0)],
        10**8,
        None,
    ),
    # 32 positions of 3 micro-USDC: a share of 33 / 96 is 1.03, which uses 2 of each.
    (
        "most positions, rounded up",
        66,
        [(1, 3, 1, 0)] * 32,
        343_750_000,
        [(2_999_997, 1_968_747, 2)] * 32,
    ),
    ("ratio 0", 64, [(2**26, 2**26, 10**6, 0)], 0, [(0, 0, 0)]),
    ("greatest lots", 2**58, [(2**40 - 1, 2**12, 1, 0)], None, None),
    ("greatest mark value, long", 2**59, [TALL], 4 * 10**9, None),
    ("greatest mark value, short", 2**59, [(-(2**20), 2**32, 10**6, -F_MOST)], 4 * 10**9, None),
    ("32 of the greatest", 2**57, [TALL, (-(2**20), 2**32, 1, F_MOST)] * 16, None, None),
]

MILLION = 10**6
OFFER = {
    "price": 490_000,
    "multiplier": 1,
    "maker_lots": 1000,
    "liquidation_ppm": 5000,
    "bonus_ppm": 1000,
}
HELD = {
    "tav": 2 * MILLION,
    "mmr": 3 * MILLION,
    "size": 100,
    "mark_value": 500_000,
    "mmf_ppm": 60_000,
}
MEETS = HELD | OFFER
SHORTS = MEETS | {"size": -100, "price": 510_000}
_TOP = 2**32 - 1
BIGGEST = {
    "tav": 2**59,
    "mmr": 2**60,
    "size": 2**20,
    "mark_value": _TOP,
    "mmf_ppm": 10**6,
    "price": _TOP,
    "multiplier": 1,
    "maker_lots": 2**40 - 1,
    "liquidation_ppm": 10**5,
    "bonus_ppm": 10**5,
}
# Name, input, output by hand.
LIQUIDATION: list[tuple[str, dict[str, int], dict[str, int]]] = [
    (
        "below the mark, as many lots as needed",
        MEETS,
        {
            "zero": 20_000 * MILLION,
            "loss": 10_000 * MILLION,
            "fee_rate": 2_450_000_000,
            "gain": 17_550_000_000,
            "lots": 57,
            "notional": 27_930_000,
            "fee": 139_650,
            "bonus": 27_930,
        },
    ),
    ("the maker has less", MEETS | {"maker_lots": 10}, {"lots": 10, "fee": 24_500, "bonus": 4900}),
    ("one lot too few to restore health", MEETS | {"maker_lots": 56}, {"lots": 56}),
    ("just as many", MEETS | {"maker_lots": 57}, {"lots": 57}),
    (
        "above the mark",
        MEETS | {"price": 510_000},
        {"loss": -(10**10), "gain": 37_450_000_000, "lots": 27, "fee": 68_850, "bonus": 13_770},
    ),
    ("at the mark", MEETS | {"price": 500_000}, {"loss": 0, "fee_rate": 2_500_000_000, "lots": 37}),
    (
        "at the zero price: no fee",
        MEETS | {"price": 480_000},
        {"meets": 1, "fee_rate": 0, "gain": 10**10, "lots": 100, "fee": 0, "bonus": 0},
    ),
    ("a tick beyond it", MEETS | {"price": 479_999}, {"meets": 0, "zero": 2 * 10**10}),
    (
        "fee capped by the zero price",
        MEETS | {"price": 481_000},
        {"fee_rate": 10**9, "lots": 100, "fee": 100_000, "bonus": 48_100},
    ),
    (
        "bonus is at most the fee",
        MEETS | {"price": 481_000, "bonus_ppm": 5000},
        {"fee": 100_000, "bonus": 100_000},
    ),
    ("bonus as great as the fee", MEETS | {"bonus_ppm": 5000}, {"fee": 139_650, "bonus": 139_650}),
    (
        "no fee at all",
        MEETS | {"liquidation_ppm": 0, "bonus_ppm": 0},
        {"fee_rate": 0, "gain": 2 * 10**10, "lots": 50, "fee": 0},
    ),
    (
        "short, above the mark",
        SHORTS,
        {"loss": 10**10, "gain": 17_450_000_000, "lots": 58, "fee": 147_900, "bonus": 29_580},
    ),
    ("short, at the zero price", SHORTS | {"price": 520_000}, {"meets": 1, "fee": 0, "lots": 100}),
    ("short, a tick beyond it", SHORTS | {"price": 520_001}, {"meets": 0}),
    (
        "nothing left, at the mark",
        MEETS | {"tav": 0, "price": 500_000},
        {"zero": 0, "fee": 0, "gain": 3 * 10**10, "lots": 100},
    ),
    ("nothing left, a tick below", MEETS | {"tav": 0, "price": 499_999}, {"meets": 0}),
    (
        "nothing left, a tick above: all of it is fee",
        MEETS | {"tav": 0, "price": 500_001, "liquidation_ppm": 5},
        {"fee_rate": 1_000_000, "lots": 100},
    ),
    (
        "a unit short",
        MEETS | {"tav": 3 * MILLION - 1, "price": 500_000},
        {"zero": 29_999_990_000, "lots": 1, "fee": 2500, "bonus": 500},
    ),
    (
        "one position of several",
        MEETS | {"tav": 9 * MILLION, "mmr": 10 * MILLION},
        {"zero": 27 * 10**9},
    ),
    (
        "zero price rounded down",
        MEETS | {"tav": 1, "mmr": 7, "size": 1, "mark_value": 1, "mmf_ppm": 10, "price": 1},
        {"zero": 1, "fee_rate": 1, "gain": 9, "lots": 1, "fee": 0},
    ),
    (
        "fee rounded down, bonus too",
        MEETS | {"maker_lots": 1, "price": 490_001, "liquidation_ppm": 3, "bonus_ppm": 2},
        {"fee": 1, "bonus": 0},
    ),
    (
        "multiplier",
        MEETS | {"price": 49, "multiplier": 10_000},
        {"loss": 10**10, "lots": 57, "notional": 27_930_000, "fee": 139_650},
    ),
    ("greatest", BIGGEST, {}),
    ("greatest, far above the mark", BIGGEST | {"mark_value": 1, "mmf_ppm": 1}, {}),
    ("greatest TAV and MMR", BIGGEST | {"tav": 2**61 - 2, "mmr": 2**61 - 1}, {}),
    ("greatest, short and for nothing", BIGGEST | {"size": -(2**20), "price": 1}, {}),
    ("most lots", BIGGEST | {"size": 2**40 - 1, "mark_value": 2**12, "price": 2**12}, {}),
]

GIVEN = {
    "tav": 2_500_000,
    "mmr": 3 * MILLION,
    "closeout": 500_000,
    "position_mmr": 3 * MILLION,
    "size": 100,
    "mark_value": 500_000,
    "mmf_ppm": 60_000,
    "cmf_ppm": 40_000,
}
CLOSED = GIVEN | {"closeout": -MILLION}
_GREAT = {"size": 2**20, "mark_value": 2**32, "mmf_ppm": 10**6, "cmf_ppm": 10**6}
# Name, input, (lots, loss, quote) by hand.
TAKEOVER: list[tuple[str, dict[str, int], tuple[int, int, int] | None]] = [
    ("as many lots as needed", GIVEN, (50, MILLION, 24 * MILLION)),
    ("short", GIVEN | {"size": -100}, (50, MILLION, -26 * MILLION)),
    (
        "at close-out exactly",
        GIVEN | {"tav": 2 * MILLION, "closeout": 0},
        (100, 2 * MILLION, 48 * MILLION),
    ),
    (
        "a unit short",
        GIVEN | {"tav": 3 * MILLION - 1, "closeout": MILLION - 1},
        (1, 20_000, 480_000),
    ),
    (
        "not enough: all",
        GIVEN | {"tav": 5 * MILLION, "mmr": 6_500_000},
        (100, 2 * MILLION, 48 * MILLION),
    ),
    (
        "no gain: all",
        GIVEN | {"tav": 5 * MILLION, "mmr": 6 * MILLION, "cmf_ppm": 60_000},
        (100, 3 * MILLION, 47 * MILLION),
    ),
    (
        "loss rounded up",
        GIVEN
        | {
            "tav": 0,
            "mmr": 1,
            "closeout": 0,
            "size": 1,
            "mark_value": 333,
            "mmf_ppm": 7,
            "cmf_ppm": 7,
        },
        (1, 1, 332),
    ),
    ("below close-out, one position", CLOSED | {"tav": MILLION}, (100, MILLION, 49 * MILLION)),
    ("nothing left", CLOSED | {"tav": 0}, (100, 0, 50 * MILLION)),
    (
        "nothing left, one of several",
        CLOSED | {"tav": 0, "mmr": 7 * MILLION},
        (100, 0, 50 * MILLION),
    ),
    ("a debt", CLOSED | {"tav": -MILLION}, (100, -MILLION, 51 * MILLION)),
    ("a debt, short", CLOSED | {"tav": -MILLION, "size": -100}, (100, -MILLION, -49 * MILLION)),
    (
        "a debt greater than the notional, short",
        CLOSED | {"tav": -60 * MILLION, "size": -100},
        (100, -60 * MILLION, 10 * MILLION),
    ),
    (
        "a share rounded down",
        CLOSED | {"tav": 10, "mmr": 7, "position_mmr": 3},
        (100, 4, 50 * MILLION - 4),
    ),
    (
        "a share of a debt rounded up",
        CLOSED | {"tav": -10, "mmr": 7, "position_mmr": 3},
        (100, -5, 50 * MILLION + 5),
    ),
    (
        "no margin at all: the whole debt",
        CLOSED | {"tav": -3, "mmr": 0, "position_mmr": 0},
        (100, -3, 50 * MILLION + 3),
    ),
    (
        "greatest",
        GIVEN | _GREAT | {"tav": 2**60, "mmr": 2**60 + 1, "closeout": 0},
        (2**20, 2**52, 0),
    ),
    (
        "greatest, short",
        GIVEN | _GREAT | {"size": -(2**20), "tav": 2**60, "mmr": 2**60 + 1, "closeout": 0},
        (2**20, 2**52, -(2**53)),
    ),
    (
        "greatest share of the greatest debt",
        CLOSED | _GREAT | {"tav": -(2**60), "mmr": 2**61 - 1, "position_mmr": 2**61 - 2},
        None,
    ),
    (
        "greatest share",
        CLOSED | _GREAT | {"tav": 2**60 - 1, "mmr": 2**61 - 1, "position_mmr": 2**52},
        None,
    ),
]

FUND = {"tav": MILLION, "mmr": 3 * MILLION, "position_mmr": MILLION, "size": 100}
FUND |= {"mark_value": 500_000}
# Name, input, (lots, loss, quote) by hand: all lots, at the mark unless it is in debt.
FUND_CLOSING: list[tuple[str, dict[str, int], tuple[int, int, int] | None]] = [
    ("at the mark", FUND, (100, 0, 50 * MILLION)),
    ("short, at the mark", FUND | {"size": -100}, (100, 0, -50 * MILLION)),
    ("all its margin, at the mark", FUND | {"position_mmr": 3 * MILLION}, (100, 0, 50 * MILLION)),
    ("nothing left, nothing owed", FUND | {"tav": 0}, (100, 0, 50 * MILLION)),
    (
        "the whole debt",
        FUND | {"tav": -MILLION, "mmr": MILLION},
        (100, -MILLION, 51 * MILLION),
    ),
    (
        "the whole debt, short",
        FUND | {"tav": -MILLION, "mmr": MILLION, "size": -100},
        (100, -MILLION, -49 * MILLION),
    ),
    (
        "a debt greater than the notional, short",
        FUND | {"tav": -60 * MILLION, "mmr": MILLION, "size": -100},
        (100, -60 * MILLION, 10 * MILLION),
    ),
    ("a share of a debt, rounded up", FUND | {"tav": -1}, (100, -1, 50 * MILLION + 1)),
    (
        "a share of a debt, exact",
        FUND | {"tav": -3 * MILLION},
        (100, -MILLION, 51 * MILLION),
    ),
    (
        "no margin at all: the whole debt",
        FUND | {"tav": -3, "mmr": 0, "position_mmr": 0},
        (100, -3, 50 * MILLION + 3),
    ),
    (
        "no margin of several: none of the debt",
        FUND | {"tav": -3, "position_mmr": 0},
        (100, 0, 50 * MILLION),
    ),
    (
        "greatest share of the greatest debt",
        FUND
        | {"size": 2**20, "mark_value": 2**32}
        | {"tav": -(2**60), "mmr": 2**61 - 1, "position_mmr": 2**61 - 2},
        None,
    ),
]

# (visited, closed, paid, c, pay) after each counterparty.
Steps = list[tuple[int, int, int, int, int]]
# Name, lots, quote, total, counterparties' lots, by hand.
DELEVERAGE: list[tuple[str, int, int, int, list[int], Steps | None]] = [
    (
        "three counterparties",
        100,
        49 * MILLION,
        300,
        [100, 150, 50],
        [
            (100, 33, 16_170_000, 33, 16_170_000),
            (250, 83, 40_670_000, 50, 24_500_000),
            (300, 100, 49 * MILLION, 17, 8_330_000),
        ],
    ),
    (
        "a short: it pays",
        100,
        -49 * MILLION,
        300,
        [100, 150, 50],
        [
            (100, 33, -16_170_000, 33, -16_170_000),
            (250, 83, -40_670_000, 50, -24_500_000),
            (300, 100, -49 * MILLION, 17, -8_330_000),
        ],
    ),
    (
        "one lot, the last one's",
        1,
        7,
        4,
        [1, 1, 1, 1],
        [(1, 0, 0, 0, 0), (2, 0, 0, 0, 0), (3, 0, 0, 0, 0), (4, 1, 7, 1, 7)],
    ),
    (
        "one lot, the great one's",
        1,
        7,
        1000,
        [2, 997, 1],
        [(2, 0, 0, 0, 0), (999, 0, 0, 0, 0), (1000, 1, 7, 1, 7)],
    ),
    (
        "everything",
        10,
        101,
        10,
        [3, 3, 4],
        [(3, 3, 30, 3, 30), (6, 6, 60, 3, 30), (10, 10, 101, 4, 41)],
    ),
    ("for nothing", 10, 0, 10, [3, 7], [(3, 3, 0, 3, 0), (10, 10, 0, 7, 0)]),
    (
        "for less than a unit a lot",
        10,
        -3,
        10,
        [3, 1, 6],
        [(3, 3, 0, 3, 0), (4, 4, -1, 1, -1), (10, 10, -3, 6, -2)],
    ),
    ("many of one lot", 7, -1_000_003, 64, [1] * 64, None),
    ("greatest", 2**40 - 1, 2**56, 2**55, [2**40 - 1, 2**55 - 2**40, 1], None),
    ("greatest, short", 2**40 - 1, -(2**56), 2**40 - 1, [1, 2**40 - 3, 1], None),
]

# Name, (account, tav, mmr) of a and b, whether a stands before b.
DUE: list[tuple[str, tuple[int, int, int], tuple[int, int, int], int]] = [
    ("the lower ratio", (9, 1, 3), (1, 1, 2), 1),
    ("the higher ratio", (1, 1, 2), (9, 1, 3), 0),
    ("equal: the lower account", (1, 2, 4), (2, 1, 2), 1),
    ("equal: the higher account", (2, 1, 2), (1, 2, 4), 0),
    ("a debt", (9, -1, 100), (1, 0, 1), 1),
    ("the greater debt", (9, -2, 3), (1, -1, 3), 1),
    ("no margin", (9, -1, 0), (1, -(10**9), 1), 1),
    ("no margin twice: the lower account", (9, -1, 0), (1, -2, 0), 0),
    ("greatest, by one", (9, 2**61 - 2, 2**61 - 1), (1, 2**61 - 1, 2**61 - 1), 1),
    ("low parts decide", (9, -(2**60), 2**60 + 1), (1, -(2**60), 2**60 + 2), 1),
    ("low parts decide, other way", (1, -(2**60), 2**60 + 2), (9, -(2**60), 2**60 + 1), 0),
    ("the fund, however poor", (2**31, -9, 3), (1, 1, 3), 0),
    ("before the fund", (1, 1, 3), (2**31, -9, 3), 1),
    ("equal: a sub-account before the fund", (2**31 + 1, 1, 3), (2**31, 1, 3), 1),
    ("no margin: the fund last", (2**31, -1, 0), (2**31 + 1, -1, 1), 0),
]
