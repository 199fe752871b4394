"""What seeded flows are like: their venues, and which ways to be nasty they prefer."""

from dataclasses import dataclass
from typing import Any

from tests.differential.markets import COARSE, FINE, HEAVY, LEVERED, NARROW, STEEP, TIERED, WIDE
from tests.model.desk import BTC, ETH, KEY, NO_KEY, START_MS, USDC, market_of, venue_of
from tests.model.genesis import Market, Venue


@dataclass(frozen=True)
class Profile:
    """What a flow is like; shares are weights."""

    name: str
    markets: tuple[Market, ...] = (BTC, ETH)
    accounts: int = 8
    # Each account's first deposit, in micro-USDC.
    funds: int = 100_000 * USDC
    mark: int = 600_000
    # How far from the mark prices are, and how large orders are: the greatest, in ticks and lots.
    spread: int = 40
    lots: int = 2000
    # Oracle prices move by up to this many ticks, at this share of commands; ticks have their own.
    move: int = 30
    oracle: int = 8
    tick: int = 8
    # How many oracles there are, how many must agree, and of a hundred reports how many are lies.
    oracles: int = 3
    quorum: int = 2
    lies: int = 3
    # Of a thousand commands: a step of time over hours, with nothing but funding on the way.
    pauses: int = 2
    # Share of commands about accounts: sub-accounts, transfers, leverage.
    accounting: int = 3
    tick_max_ms: int = 10_000
    # What the fund begins with, micro-USDC, and whether somebody trades for it.
    fund: int = 0
    fund_trades: bool = False
    # Of a hundred orders: as large as the account can bear.
    greedy: int = 0
    # Of a hundred rounds of reports: all oracles see a gap, of up to 30 %.
    gaps: int = 0
    # Of a hundred commands while accounts may be unsafe: what the sequencer owes.
    dutiful: int = 80
    # How many markets have a price from the start.
    priced: int = 32
    # With fewer resting orders than this nothing is cancelled.
    depth: int = 40
    # Shares of commands.
    place: int = 36
    cancel: int = 36
    amend: int = 27
    money: int = 3
    # Of placements: gtt, ioc, post_only, market, fok, slide.
    types: tuple[int, int, int, int, int, int] = (66, 9, 13, 5, 3, 4)
    # Of a hundred orders: with a client id, of so many ids and those with the same low bits.
    named: int = 20
    ids: int = 60
    # Of a hundred orders: reduce-only where that makes sense; with a way to meet one's own.
    reducers: int = 10
    careful: int = 20
    # Shares of commands: cancellations by client id and of all orders, deadlines, mass quotes; and
    # the entries of a large one.
    by_name: int = 4
    clear: int = 1
    deadlines: int = 2
    quotes: int = 3
    entries: int = 5
    # Share of commands: conditional orders. Of a hundred: to make a pair with one that waits; tied,
    # if it only reduces. And how far triggers are from the mark, in ticks.
    conditionals: int = 2
    pairs: int = 15
    tied: int = 40
    reach: int = 60
    # Sub-accounts that there are from the start.
    family: int = 0
    # Of a hundred orders: sized by the position, to close it or turn it round; and a hundred times
    # as large, at a price that crosses all it can.
    flips: int = 5
    sweeps: int = 4
    # Of a hundred placements: preceded by a withdrawal that leaves just what the order needs.
    squeezes: int = 8
    # Of a hundred: spoiled commands; and orders with an expiry that soon passes.
    spoiled: int = 8
    short_lived: int = 10
    start_ms: int = START_MS


# Accounts that can hardly bear what they hold, and prices that jump.
CRASH: dict[str, Any] = {
    "accounts": 6,
    "funds": 40 * USDC,
    "mark": 100_000,
    "spread": 2000,
    "move": 300,
    "lots": 3000,
    "oracle": 4,
    "tick": 10,
    "gaps": 25,
    "cancel": 10,
    "amend": 10,
    "money": 8,
    "accounting": 5,
    "flips": 10,
    "sweeps": 4,
    "greedy": 50,
    "spoiled": 4,
    "squeezes": 0,
    "tick_max_ms": 60_000,
    "reducers": 15,
    "by_name": 1,
    "clear": 0,
    "deadlines": 1,
    "quotes": 1,
    "conditionals": 0,
    "reach": 1500,
}
# Prices that many triggers are near, and books that can take what fires.
STOPS: dict[str, Any] = {
    "spread": 30,
    "move": 12,
    "reach": 40,
    "lots": 60,
    "oracle": 8,
    "tick": 16,
    "gaps": 10,
    "flips": 30,
    "cancel": 6,
    "amend": 8,
    "clear": 2,
    "deadlines": 3,
    "conditionals": 40,
    "squeezes": 0,
}
PROFILES = (
    Profile("real", spread=100),
    Profile(
        "rings",
        accounts=2,
        spread=2,
        move=1,
        cancel=5,
        amend=20,
        lots=20,
        types=(60, 20, 10, 10, 4, 6),
    ),
    Profile(
        "dust",
        (FINE, STEEP),
        funds=5000,
        mark=990,
        spread=1,
        move=1,
        lots=5,
        cancel=10,
        money=10,
        squeezes=40,
    ),
    Profile(
        "maximum",
        (WIDE, HEAVY, STEEP),
        accounts=3,
        funds=2**55,
        mark=2**26,
        spread=2**26,
        lots=2**32,
        move=2**26,
        cancel=10,
    ),
    Profile(
        "flips",
        accounts=4,
        spread=4,
        move=2,
        lots=500,
        flips=60,
        cancel=10,
        types=(40, 30, 5, 25, 4, 6),
    ),
    Profile(
        "gaps",
        (FINE, ETH),
        accounts=5,
        funds=3 * USDC,
        mark=9000,
        spread=300,
        lots=900,
        move=2500,
        oracle=30,
        tick=12,
        lies=10,
        pauses=8,
        money=8,
        flips=45,
        squeezes=20,
        cancel=8,
        short_lived=40,
        types=(50, 15, 10, 25, 4, 6),
    ),
    Profile(
        "crowd",
        # About 64 orders' worth.
        (market_of(impact_quote=270_000),),
        accounts=60,
        tick=20,
        oracle=10,
        mark=2000,
        spread=8,
        move=1,
        depth=300,
        lots=3,
        cancel=2,
        amend=8,
        types=(10, 0, 90, 0, 0, 0),
        sweeps=3,
        accounting=0,
        pauses=0,
        squeezes=0,
    ),
    Profile(
        "hoard",
        (BTC,),
        accounts=2,
        funds=10**7 * USDC,
        accounting=0,
        money=0,
        spread=10**5,
        move=0,
        depth=500,
        lots=3,
        cancel=1,
        amend=4,
        types=(0, 0, 100, 0, 0, 0),
        short_lived=0,
        sweeps=0,
        clear=0,
        deadlines=0,
        quotes=0,
        conditionals=0,
    ),
    Profile(
        "portfolio",
        (BTC,) * 32,
        accounts=4,
        spread=20,
        oracle=30,
        tick=30,
        move=5,
        depth=100,
        oracles=8,
        quorum=1,
    ),
    Profile("last days", start_ms=2**44 - 30_000, oracle=1, short_lived=100),
    Profile(
        "families",
        (ETH, FINE),
        accounts=3,
        funds=20 * USDC,
        mark=9000,
        spread=40,
        lots=60,
        flips=40,
        cancel=6,
        accounting=40,
        pauses=15,
        tick_max_ms=60_000,
    ),
    # A big fund takes over what falls; books are often empty.
    Profile("crashes", (LEVERED, LEVERED), fund=10**6 * USDC, **CRASH),
    # A tiny one is soon bankrupt: deleveraging, debts, cascades through several markets.
    Profile("ruins", (LEVERED, TIERED, LEVERED), dutiful=60, **CRASH | {"spread": 8000}),
    Profile("fund trades", (LEVERED, TIERED), fund=300 * USDC, fund_trades=True, **CRASH),
    # Nobody may hold much, the fund no more than others: it is full before it is poor.
    Profile(
        "narrow limits",
        (NARROW, NARROW),
        fund=300 * USDC,
        **CRASH | {"accounts": 8, "spread": 8000, "lots": 1500, "move": 600},
    ),
    # Two owners of eight accounts meet one another in a narrow book.
    Profile(
        "owners",
        (BTC,),
        accounts=2,
        family=6,
        spread=3,
        move=1,
        lots=30,
        careful=90,
        cancel=6,
        types=(50, 10, 10, 10, 15, 5),
        accounting=0,
        conditionals=0,
    ),
    # Orders that only reduce, around positions that change their sign.
    Profile(
        "reducers",
        (BTC, COARSE),
        accounts=4,
        spread=4,
        move=2,
        lots=40,
        flips=70,
        reducers=80,
        cancel=8,
        types=(45, 15, 15, 10, 10, 5),
        conditionals=0,
    ),
    # Few client ids for many orders; everything is cancelled and expires, and ids are used again.
    Profile(
        "names",
        (BTC, COARSE),
        accounts=4,
        named=90,
        ids=12,
        by_name=20,
        clear=8,
        deadlines=15,
        quotes=10,
        short_lived=25,
        cancel=8,
        conditionals=0,
    ),
    # Market makers: large quotes of which some fail.
    Profile(
        "quoters",
        (COARSE, ETH),
        accounts=4,
        accounting=0,
        spread=12,
        move=3,
        lots=60,
        quotes=70,
        entries=31,
        ids=4200,
        clear=3,
        cancel=8,
        amend=10,
        depth=20,
        squeezes=0,
        conditionals=0,
    ),
    # Dead orders by the dozen before the first one that lives.
    Profile(
        "graveyard",
        (market_of(impact_quote=300_000),),
        accounts=4,
        accounting=0,
        funds=10**6 * USDC,
        mark=2000,
        spread=6,
        move=1,
        lots=8,
        depth=500,
        quotes=45,
        entries=31,
        ids=4000,
        clear=7,
        deadlines=7,
        by_name=1,
        cancel=2,
        amend=8,
        tick=12,
        reducers=30,
        short_lived=30,
        types=(20, 10, 25, 10, 10, 25),
        squeezes=0,
        pauses=0,
        conditionals=0,
    ),
    # What is due sells into books of orders that their owners cleared, or that would not reduce.
    Profile(
        "dead books",
        (LEVERED,),
        fund=10**6 * USDC,
        **CRASH
        | {
            "accounts": 12,
            "funds": 300 * USDC,
            "spread": 1500,
            "lots": 6000,
            "place": 50,
            "cancel": 4,
            "depth": 200,
            "money": 3,
            "accounting": 0,
            "reducers": 80,
            "quotes": 3,
            "clear": 3,
            "deadlines": 5,
            "flips": 50,
            "greedy": 70,
            "types": (75, 8, 5, 5, 2, 5),
        },
    ),
    # Stops and take-profits on both sides of the mark, pairs and tied ones among them.
    Profile("stops", (BTC, COARSE), accounts=5, dutiful=60, mark=20_000, **STOPS),
    # Two accounts whose orders wait far away, until there are too many or a gap fires dozens.
    Profile(
        "far stops",
        (BTC,),
        accounts=2,
        accounting=0,
        mark=20_000,
        **STOPS | {"reach": 3000, "gaps": 2, "clear": 0, "deadlines": 1, "conditionals": 80},
    ),
    # Small tiers and narrow bands, isolated accounts, markets that are late: rejections.
    Profile(
        "rejections",
        (FINE, FINE, ETH),
        accounts=3,
        family=5,
        funds=20 * USDC,
        mark=9000,
        accounting=25,
        pauses=10,
        **STOPS | {"greedy": 30, "short_lived": 20, "lots": 250},
    ),
    # As many resting orders as there may be, and stops that would rest beside them.
    Profile(
        "stops of a hoard",
        (BTC,),
        accounts=2,
        funds=10**7 * USDC,
        accounting=0,
        money=0,
        spread=10**5,
        move=30,
        depth=500,
        lots=3,
        cancel=1,
        amend=4,
        types=(0, 0, 100, 0, 0, 0),
        short_lived=0,
        sweeps=0,
        clear=0,
        deadlines=0,
        quotes=0,
        by_name=0,
        conditionals=4,
    ),
    # Positions that are liquidated, taken over and deleveraged under the stops that are tied to
    # them, and stops that set off more liquidations.
    Profile("stopped out", (LEVERED, TIERED), **CRASH | {"conditionals": 30, "tied": 70}),
    Profile(
        "stopped by a fund",
        (LEVERED, LEVERED),
        fund=10**6 * USDC,
        **CRASH | {"conditionals": 30, "tied": 70, "lots": 1500},
    ),
    Profile("noise", accounts=3, spoiled=70, priced=1),
)


def venue(profile: Profile) -> Venue:
    """Return the venue of a flow."""
    return venue_of(
        *profile.markets,
        oracles=profile.oracles,
        quorum=profile.quorum,
        tick_max_ms=profile.tick_max_ms,
        start_time_ms=profile.start_ms,
        fund_key=KEY if profile.fund_trades else NO_KEY,
    )
