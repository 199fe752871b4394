"""What seeded flows pick from: accounts, markets, prices and sizes near those of a state."""

import random

from tests.differential.profiles import Profile
from tests.model.commands import Command
from tests.model.desk import command_of
from tests.model.margin import size_of, sums
from tests.model.options import client_id_of
from tests.model.rules import Model
from tests.model.state import (
    CLOCK,
    SCHEDULE,
    key_address,
    level_address,
    margin_address,
    mark_address,
    market_address,
    order_address,
)
from zkperp._generated.codes import Kind, Side
from zkperp._generated.constants import (
    FUND_ACCOUNT,
    OPTION_REDUCE_ONLY,
    OPTION_STP,
    OPTION_STP_OWNER,
    PPM,
    TIME_MAX,
)
from zkperp._generated.leaves import (
    ClockFelt,
    KeyFelt,
    LevelFelt,
    MarginFelt,
    MarketFelt,
    MarkFelt,
    OrderFelt,
    ScheduleFelt,
)


class Picks:
    """A seeded choice of what commands say, for a model that is given each of them."""

    def __init__(self, profile: Profile, seed: int, model: Model) -> None:
        self.profile, self.model = profile, model
        self.rng = random.Random(f"{profile.name} {seed}")

    @property
    def due(self) -> int:
        """When funding is next due."""
        return self.model.state.get(SCHEDULE, ScheduleFelt.FUNDING_DUE_MS)

    @property
    def now(self) -> int:
        """Program time."""
        return self.model.state.get(CLOCK, ClockFelt.TIME_MS)

    def chance(self, of_hundred: int) -> bool:
        """Say yes so often."""
        return self.rng.randrange(100) < of_hundred

    def user(self, kind: Kind, account: int, **numbers: int) -> Command:
        """Return a user's command with a nonce above the last one, sometimes by another key."""
        key = self.rng.choice((1, 13)) if self.chance(4) else 0
        nonce = self.model.state.get(key_address(account, key), KeyFelt.NONCE)
        nonce += self.rng.choice((1, 1, 1, 2, 100))
        valid = min(self.now + 60_000, TIME_MAX)
        fields = {"account": account, "key": key, "nonce": nonce, "valid_until_ms": valid}
        return command_of(kind, **fields | numbers)

    def some_account(self) -> int:
        """Return one of the accounts, sometimes one that an account has made, or the fund."""
        made = self.made()
        if (made or self.profile.fund_trades) and self.chance(60 if self.profile.family else 30):
            # Mostly nobody trades for the fund.
            first = 0 if self.profile.fund_trades or self.chance(10) else min(1, made)
            return FUND_ACCOUNT + self.rng.randrange(first, made + 1)
        return self.rng.randrange(1, self.profile.accounts + 1)

    def made(self) -> int:
        """Return how many sub-accounts there are."""
        following = self.model.state.get(SCHEDULE, ScheduleFelt.NEXT_SUB_ACCOUNT)
        return following - FUND_ACCOUNT - 1

    def richest(self) -> int:
        """Return the account of the greatest value, which may be more than the venue holds."""
        accounts = range(1, self.profile.accounts + 1)
        return max(accounts, key=lambda at: sums(self.model.state, at).tav)

    def some_market(self) -> int:
        """Return one of the markets."""
        return self.rng.randrange(len(self.profile.markets))

    def mark(self, market: int) -> int:
        """Return a market's mark."""
        return self.model.state.get(mark_address(market), MarkFelt.MARK_TICKS)

    def price_near(self, market: int) -> int:
        """Return a price around the mark, mostly within the bands."""
        spread = self.profile.spread
        price = self.mark(market) + self.rng.randint(-spread, spread)
        leaf = self.model.state.leaf(market_address(market))
        if self.chance(90):
            price = max(leaf[MarketFelt.PRICE_LOW], min(price, leaf[MarketFelt.PRICE_HIGH]))
        return max(1, min(price, self.profile.markets[market].price_max))

    def lots(self, account: int, market: int) -> int:
        """Return an order's size: anything, or such that the position closes or turns round."""
        most = self.profile.markets[market].lots_max
        size = abs(size_of(self.model.state, account, market))
        if size and self.chance(self.profile.flips):
            aim = size * self.rng.choice((1, 1, 1, 2)) + self.rng.choice((0, 0, 0, 1, -1))
            return max(1, min(aim, most))
        least = self.profile.markets[market].lots_min
        if least > 1 and self.chance(15):
            return max(1, min(least + self.rng.choice((-1, 0, 0, 1)), most))
        if self.chance(self.profile.greedy):
            free = max(0, sums(self.model.state, account).initial)
            margin = self.model.state.leaf(margin_address(market, 0))
            needed = margin[MarginFelt.MARK_VALUE] * margin[MarginFelt.IMF_PPM]
            bearable = free * PPM // max(1, needed) * self.rng.choice((50, 90, 95, 99)) // 100
            return max(1, min(bearable, most))
        return self.rng.randint(1, min(self.profile.lots, most))

    def resting(self) -> int:
        """Return how many orders rest."""
        high = self.model.state.get(CLOCK, ClockFelt.ORDER_HIGH)
        slots = (self.model.state.leaf(order_address(slot)) for slot in range(1, high))
        return sum(leaf[OrderFelt.ORDER_ID] != 0 for leaf in slots)

    def some_order(self) -> tuple[int, int, int]:
        """Return id, account and market of a live order; of none if there seems to be none."""
        state = self.model.state
        high = state.get(CLOCK, ClockFelt.ORDER_HIGH)
        for _ in range(20):
            leaf = state.leaf(order_address(self.rng.randrange(1, high + 1)))
            if leaf[OrderFelt.ORDER_ID] != 0:
                book = state.get(level_address(leaf[OrderFelt.LEVEL]), LevelFelt.BOOK)
                return leaf[OrderFelt.ORDER_ID], leaf[OrderFelt.ACCOUNT], (book - 1) // 2
        return 1, self.some_account(), 0

    def some_named(self) -> tuple[int, int]:
        """Return account and client id of a live order that has one, or of none."""
        state = self.model.state
        high = state.get(CLOCK, ClockFelt.ORDER_HIGH)
        for _ in range(20):
            leaf = state.leaf(order_address(self.rng.randrange(1, high + 1)))
            client_id = client_id_of(leaf[OrderFelt.FLAGS])
            if leaf[OrderFelt.ORDER_ID] != 0 and client_id != 0:
                return leaf[OrderFelt.ACCOUNT], client_id
        return self.some_account(), self.client_id()

    def client_id(self) -> int:
        """Return a client id: one of a few, or one with the same low bits as one of them."""
        rng = self.rng
        if self.chance(2):
            return rng.choice((1, 4095, 4096, 4097, 2**48 - 1))
        return rng.randrange(1, self.profile.ids + 1) + 4096 * rng.choice((0, 0, 0, 0, 1, 2))

    def options(self, account: int, market: int, side: int) -> int:
        """Return options but for that there is a client id."""
        rng, profile = self.rng, self.profile
        size = size_of(self.model.state, account, market)
        reduces = size != 0 and (size > 0) == (side == Side.ASK)
        options = 0
        if self.chance(profile.reducers if reduces else profile.reducers // 10):
            options |= OPTION_REDUCE_ONLY
        if self.chance(profile.careful):
            options |= OPTION_STP * rng.randrange(4) + OPTION_STP_OWNER * rng.randrange(2)
        return options
