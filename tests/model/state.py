"""The state, by the text of docs/spec/state.md: one sparse memory of leaves.

A leaf is 8 felts; `State` holds those that are not empty, and beside them the writes of the command
in progress, which a refusal throws away.
"""

from typing import NamedTuple

from zkperp._generated.constants import (
    ACCOUNT_BASE,
    ACCOUNT_LEAF,
    ACCOUNT_STRIDE,
    CLIENT_ORDER_BASE,
    CLOCK_INDEX,
    CONDITIONAL_BASE,
    CONDITIONAL_STRIDE,
    CONDITIONALS_INDEX,
    CONFIG_INDEX,
    DELEVERAGING_INDEX,
    DUE_LEAF,
    FUNDING_LEAF,
    INTEREST_LEAF,
    KEY_LEAF,
    LEAF_FELTS,
    LEVEL_BASE,
    LOG_INDEX,
    MARGIN_LEAF,
    MARK_LEAF,
    MARKET_BASE,
    MARKET_LEAF,
    MARKET_STRIDE,
    MONEY_INDEX,
    NAMES_LOW_BITS,
    ORACLE_KEY_INDEX,
    ORDER_BASE,
    OWNER_LEAF,
    POSITION_LEAF,
    POSITION_STRIDE,
    PRICING_LEAF,
    REPORT_KEYS,
    REPORT_LEAF,
    RISK_INDEX,
    SCHEDULE_INDEX,
    STANDING_LEAF,
    STOPS_LEAF,
    SYSTEM_BASE,
    TRIGGERS_LEAF,
    P,
)

Felts = tuple[int, ...]
Leaf = tuple[int, ...]
EMPTY: Leaf = (0,) * LEAF_FELTS

CLOCK = SYSTEM_BASE + CLOCK_INDEX
MONEY = SYSTEM_BASE + MONEY_INDEX
LOG = SYSTEM_BASE + LOG_INDEX
CONFIG = SYSTEM_BASE + CONFIG_INDEX
SCHEDULE = SYSTEM_BASE + SCHEDULE_INDEX
RISK = SYSTEM_BASE + RISK_INDEX
DELEVERAGING = SYSTEM_BASE + DELEVERAGING_INDEX
CONDITIONALS = SYSTEM_BASE + CONDITIONALS_INDEX


def oracle_key_address(key: int) -> int:
    """Return where an oracle key lives (state.md § 2)."""
    return SYSTEM_BASE + ORACLE_KEY_INDEX + key


def market_address(market: int) -> int:
    """Return where a market's first leaf lives (state.md § 1, § 3)."""
    return MARKET_BASE + MARKET_STRIDE * market + MARKET_LEAF


def interest_address(market: int) -> int:
    """Return where what fills change in a market lives (state.md § 3)."""
    return MARKET_BASE + MARKET_STRIDE * market + INTEREST_LEAF


def mark_address(market: int) -> int:
    """Return where a market's last tick lives (state.md § 3)."""
    return MARKET_BASE + MARKET_STRIDE * market + MARK_LEAF


def funding_address(market: int) -> int:
    """Return where a market's funding lives (state.md § 3)."""
    return MARKET_BASE + MARKET_STRIDE * market + FUNDING_LEAF


def pricing_address(market: int) -> int:
    """Return where a market's parameters of ticks and funding live (state.md § 3)."""
    return MARKET_BASE + MARKET_STRIDE * market + PRICING_LEAF


def report_place(market: int, key: int) -> tuple[int, int]:
    """Return the leaf of an oracle key's last report, and its felt there (state.md § 3)."""
    group, place = divmod(key, REPORT_KEYS)
    return MARKET_BASE + MARKET_STRIDE * market + REPORT_LEAF + group, 2 * place


def margin_address(market: int, tier: int) -> int:
    """Return where a margin tier lives (state.md § 3)."""
    return MARKET_BASE + MARKET_STRIDE * market + MARGIN_LEAF + tier


def triggers_address(market: int, tier: int) -> int:
    """Return where a tier's two trigger lists begin (state.md § 3)."""
    return MARKET_BASE + MARKET_STRIDE * market + TRIGGERS_LEAF + tier


def stops_address(market: int) -> int:
    """Return where a market's two lists of conditional orders begin (conditional.md § 1)."""
    return MARKET_BASE + MARKET_STRIDE * market + STOPS_LEAF


def level_address(slot: int) -> int:
    """Return where a price level lives (state.md § 1)."""
    return LEVEL_BASE + slot


def order_address(slot: int) -> int:
    """Return where an order lives (state.md § 1)."""
    return ORDER_BASE + slot


def conditional_address(slot: int) -> int:
    """Return where a conditional order waits (conditional.md § 1)."""
    return CONDITIONAL_BASE + CONDITIONAL_STRIDE * slot


def terms_address(slot: int) -> int:
    """Return where stands what a conditional order places (conditional.md § 1)."""
    return conditional_address(slot) + 1


def client_order_address(page: int, client_id: int) -> int:
    """Return where a page holds the order of a client id (state.md § 1)."""
    names = 2**NAMES_LOW_BITS
    return CLIENT_ORDER_BASE + names * page + client_id % names


def account_address(account: int) -> int:
    """Return where an account's first leaf lives (state.md § 6)."""
    return ACCOUNT_BASE + ACCOUNT_STRIDE * account + ACCOUNT_LEAF


def owner_address(account: int) -> int:
    """Return where an account's owner lives (state.md § 6)."""
    return ACCOUNT_BASE + ACCOUNT_STRIDE * account + OWNER_LEAF


def key_address(account: int, key: int) -> int:
    """Return where a key of an account lives (state.md § 6)."""
    return ACCOUNT_BASE + ACCOUNT_STRIDE * account + KEY_LEAF + key


def due_address(account: int) -> int:
    """Return where an account's place in the due list lives (state.md § 6)."""
    return ACCOUNT_BASE + ACCOUNT_STRIDE * account + DUE_LEAF


def position_address(account: int, market: int) -> int:
    """Return where an account's position in a market lives (state.md § 6)."""
    return ACCOUNT_BASE + ACCOUNT_STRIDE * account + POSITION_LEAF + POSITION_STRIDE * market


def standing_address(account: int, market: int) -> int:
    """Return where what stands beside a position lives (state.md § 6)."""
    return ACCOUNT_BASE + ACCOUNT_STRIDE * account + STANDING_LEAF + POSITION_STRIDE * market


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
