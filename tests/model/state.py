"""The state, by the text of docs/spec/state.md: one sparse memory of leaves, and its first content.

A leaf is 8 felts; `State` holds those that are not empty, and beside them the writes of the command
in progress, which a refusal throws away.
"""

from dataclasses import dataclass
from typing import NamedTuple

from zkperp._generated.constants import (
    ACCOUNT_BASE,
    ACCOUNT_LEAF,
    ACCOUNT_STRIDE,
    CLOCK_INDEX,
    CONFIG_INDEX,
    FEE_PPM_MAX,
    IMF_PPM_MAX,
    KEY_HEAD,
    KEY_LEAF,
    KEY_TAIL,
    LEAF_FELTS,
    LEVEL_BASE,
    LEVEL_SENTINELS,
    LOG_INDEX,
    LOTS_MAX,
    MARKET_BASE,
    MARKET_STRIDE,
    MARKETS_MAX,
    MONEY_INDEX,
    MULTIPLIER_MAX,
    NOTIONAL_MAX,
    ORACLE_KEY_INDEX,
    ORDER_BASE,
    OWNER_LEAF,
    POSITION_LEAF,
    PRICE_MAX,
    STALENESS_MS_MAX,
    SYSTEM_BASE,
    TIME_MAX,
    P,
)

Felts = tuple[int, ...]
Leaf = tuple[int, ...]
EMPTY: Leaf = (0,) * LEAF_FELTS

CLOCK = SYSTEM_BASE + CLOCK_INDEX
MONEY = SYSTEM_BASE + MONEY_INDEX
LOG = SYSTEM_BASE + LOG_INDEX
CONFIG = SYSTEM_BASE + CONFIG_INDEX


def oracle_key_address(key: int) -> int:
    """Return where an oracle key lives (state.md § 2)."""
    return SYSTEM_BASE + ORACLE_KEY_INDEX + key


def market_address(market: int) -> int:
    """Return where a market lives (state.md § 1)."""
    return MARKET_BASE + MARKET_STRIDE * market


def level_address(slot: int) -> int:
    """Return where a price level lives (state.md § 1)."""
    return LEVEL_BASE + slot


def order_address(slot: int) -> int:
    """Return where an order lives (state.md § 1)."""
    return ORDER_BASE + slot


def account_address(account: int) -> int:
    """Return where an account's first leaf lives (state.md § 6)."""
    return ACCOUNT_BASE + ACCOUNT_STRIDE * account + ACCOUNT_LEAF


def owner_address(account: int) -> int:
    """Return where an account's owner lives (state.md § 6)."""
    return ACCOUNT_BASE + ACCOUNT_STRIDE * account + OWNER_LEAF


def key_address(account: int, key: int) -> int:
    """Return where a key of an account lives (state.md § 6)."""
    return ACCOUNT_BASE + ACCOUNT_STRIDE * account + KEY_LEAF + key


def position_address(account: int, market: int) -> int:
    """Return where an account's position in a market lives (state.md § 6)."""
    return ACCOUNT_BASE + ACCOUNT_STRIDE * account + POSITION_LEAF + market


def felt(value: int) -> int:
    """Return how a signed value is stored (README.md, words)."""
    return value % P


def signed(word: int) -> int:
    """Return the signed value that a felt stores."""
    return word if word < P // 2 else word - P


class Touched(NamedTuple):
    """A leaf that a command changed (state.md § 2)."""

    address: int
    old: Leaf
    new: Leaf


class State:
    """The leaves, and the writes of the command in progress."""

    def __init__(self, leaves: dict[int, Leaf] | None = None) -> None:
        self.leaves = dict(leaves or {})
        self.pending: dict[int, Leaf] = {}

    def leaf(self, address: int) -> Leaf:
        """Return what an address holds."""
        if address in self.pending:
            return self.pending[address]
        return self.leaves.get(address, EMPTY)

    def write(self, address: int, *felts: int) -> None:
        """Write a whole leaf; felts left out are 0."""
        self.pending[address] = (*(felt(value) for value in felts), *EMPTY)[:LEAF_FELTS]

    def get(self, address: int, field: int) -> int:
        """Return one felt of a leaf."""
        return self.leaf(address)[field]

    def get_signed(self, address: int, field: int) -> int:
        """Return one felt of a leaf as a signed value."""
        return signed(self.leaf(address)[field])

    def put(self, address: int, field: int, value: int) -> None:
        """Write one felt of a leaf."""
        leaf = list(self.leaf(address))
        leaf[field] = value
        self.write(address, *leaf)

    def commit(self) -> list[Touched]:
        """Keep the pending writes; return the leaves that differ from before, by address."""
        touched = [
            Touched(address, self.leaves.get(address, EMPTY), leaf)
            for address, leaf in sorted(self.pending.items())
            if self.leaves.get(address, EMPTY) != leaf
        ]
        for address, _, new in touched:
            self.leaves[address] = new
            if new == EMPTY:
                del self.leaves[address]
        self.pending.clear()
        return touched

    def rollback(self) -> None:
        """Forget the pending writes."""
        self.pending.clear()


@dataclass(frozen=True)
class Market:
    """The parameters of a market (state.md § 3)."""

    multiplier: int
    imf_ppm: int
    taker_ppm: int
    maker_ppm: int
    price_max: int
    lots_max: int

    def __post_init__(self) -> None:
        fits = (
            1 <= self.multiplier <= MULTIPLIER_MAX
            and 1 <= self.imf_ppm <= IMF_PPM_MAX
            and 0 <= self.taker_ppm <= FEE_PPM_MAX
            and abs(self.maker_ppm) <= self.taker_ppm
            and 1 <= self.price_max <= PRICE_MAX
            and 1 <= self.lots_max <= LOTS_MAX
            and self.lots_max * self.price_max * self.multiplier <= NOTIONAL_MAX
        )
        if not fits:
            raise ValueError(self)


@dataclass(frozen=True)
class Venue:
    """What a first state is made from (state.md § 9), and what every message names."""

    chain_id: int
    rollup: Felts
    start_time_ms: int
    staleness_ms: int
    oracle_key: Felts
    markets: tuple[Market, ...]

    def __post_init__(self) -> None:
        fits = (
            1 <= self.staleness_ms <= STALENESS_MS_MAX
            and 0 <= self.start_time_ms <= TIME_MAX
            and len(self.oracle_key) == 5
            and len(self.rollup) == 3
            and len(self.markets) <= MARKETS_MAX
        )
        if not fits:
            raise ValueError(self)


def genesis(venue: Venue) -> State:
    """Return the first state (state.md § 9)."""
    state = State()
    state.write(CLOCK, 0, venue.start_time_ms, 1, 0, 0, 1, 0, LEVEL_SENTINELS)
    state.write(CONFIG, venue.staleness_ms)
    state.write(oracle_key_address(0), *venue.oracle_key, 1)
    for m, market in enumerate(venue.markets):
        state.write(
            market_address(m),
            market.multiplier,
            0,
            0,
            market.imf_ppm,
            market.taker_ppm,
            market.maker_ppm,
            market.price_max,
            market.lots_max,
        )
        for side in (0, 1):
            book, head = 1 + 2 * m + side, 4 * m + 2 * side
            tail = head + 1
            state.write(level_address(head), book, KEY_HEAD, 0, tail)
            state.write(level_address(tail), book, KEY_TAIL, head, 0)
    state.commit()
    return state
