"""Seeded flows of commands: near the real one, and each way to be nasty. See README.md.

A flow looks at a model, so that most of what it sends is acceptable: right nonces, live orders,
prices around the mark. Part of it is spoiled on purpose.
"""

import random
from dataclasses import dataclass, fields, replace
from typing import Any

from tests.model.commands import WIDTHS, Command, Envelope
from tests.model.desk import (
    BAD,
    BTC,
    ETH,
    GOOD,
    KEY,
    NO_KEY,
    NOT_A_KEY,
    START_MS,
    USDC,
    command_of,
    deposit,
    forced,
    oracle,
    owner_of,
    venue_of,
)
from tests.model.margin import collateral_of, fee_of, size_of, standing
from tests.model.requests import account_standing
from tests.model.rules import Model
from tests.model.state import (
    CLOCK,
    MONEY,
    Market,
    Venue,
    key_address,
    level_address,
    market_address,
    order_address,
)
from zkperp._generated.codes import Kind, OrderType, Side
from zkperp._generated.constants import TIME_MAX
from zkperp._generated.leaves import (
    ClockFelt,
    KeyFelt,
    LevelFelt,
    MarketFelt,
    MoneyFelt,
    OrderFelt,
)

# No rounding to hide behind, all fees and margins at their greatest.
STEEP = Market(1, 10**6, 10**4, -(10**4), 2**26, 2**26)
# lots_max * price_max * multiplier = 2^52 exactly, margin at its least.
WIDE = Market(1, 1, 10**4, 10**4, 2**26, 2**26)
HEAVY = Market(2**19, 1, 1, -1, 2, 2**32)
FINE = Market(1, 20_000, 333, -77, 2**20, 2**20)


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
    # Marks move by up to this many ticks, at this share of commands.
    move: int = 30
    oracle: int = 5
    # With fewer resting orders than this nothing is cancelled.
    depth: int = 40
    # Shares of commands.
    place: int = 36
    cancel: int = 36
    amend: int = 27
    money: int = 3
    # Of placements: gtt, ioc, post_only, market.
    types: tuple[int, int, int, int] = (70, 10, 15, 5)
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
        types=(60, 20, 10, 10),
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
        types=(40, 30, 5, 25),
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
        money=8,
        flips=45,
        squeezes=20,
        cancel=8,
        short_lived=40,
        types=(50, 15, 10, 25),
    ),
    Profile(
        "crowd",
        (BTC,),
        accounts=60,
        mark=2000,
        spread=8,
        move=1,
        depth=300,
        lots=3,
        cancel=2,
        amend=8,
        types=(10, 0, 90, 0),
        sweeps=1,
        squeezes=0,
    ),
    Profile(
        "hoard",
        (BTC,),
        accounts=2,
        spread=10**5,
        move=0,
        depth=500,
        lots=3,
        cancel=1,
        amend=4,
        types=(0, 0, 100, 0),
        short_lived=0,
        sweeps=0,
    ),
    Profile("portfolio", (BTC,) * 32, accounts=4, spread=20, oracle=30, move=5, depth=100),
    Profile("last days", start_ms=2**44 - 30_000, oracle=1, short_lived=100),
    Profile("noise", accounts=3, spoiled=70),
)

# Numbers at which something may change.
EDGES = (0, 1, 2, 13, 14, 15, 16, 31, 32, 255, 256)
EDGES += tuple(2**bits + d for bits in (14, 24, 28, 32, 40, 44, 48, 52, 58) for d in (-1, 0, 1))


class Flow:
    """A seeded stream of envelopes for a model that is given each of them."""

    def __init__(self, profile: Profile, seed: int, model: Model) -> None:
        self.profile, self.model = profile, model
        self.rng = random.Random(f"{profile.name} {seed}")
        self.started = 0
        # What follows for sure.
        self.queue: list[Command] = []

    def next(self) -> Envelope:
        """Return the next envelope, for the state that the model is in."""
        rng, profile = self.rng, self.profile
        # The other markets have no price until the flow happens to send one.
        opening = profile.accounts + 1
        if self.started < opening:
            self.started += 1
            return Envelope(self.now + 1, self.open(self.started - 1))
        command = self.queue.pop() if self.queue else self.command()
        steps = (1, 5000, 11_000) if command.kind == Kind.TIME else (0, 1, 1, 5, 10)
        envelope = Envelope(self.now + rng.choice(steps), command)
        return self.spoil(envelope) if self.chance(profile.spoiled) else envelope

    def open(self, step: int) -> Command:
        """Return the commands that a venue begins with: deposits, then a price."""
        if step < self.profile.accounts:
            return deposit(step + 1, self.profile.funds)
        return oracle(0, self.profile.mark, self.now + 1)

    @property
    def now(self) -> int:
        """Program time."""
        return self.model.state.get(CLOCK, ClockFelt.TIME_MS)

    def chance(self, of_hundred: int) -> bool:
        """Say yes so often."""
        return self.rng.randrange(100) < of_hundred

    def command(self) -> Command:
        """Return a command that is well formed and often acceptable."""
        rng, profile = self.rng, self.profile
        kinds = (Kind.PLACE, Kind.CANCEL, Kind.AMEND, Kind.ORACLE_PRICE, Kind.REQUEST)
        shares = (profile.place, profile.cancel, profile.amend, profile.oracle, profile.money)
        match rng.choices(kinds, shares)[0]:
            case Kind.CANCEL if self.resting() >= profile.depth:
                order_id, account, _ = self.some_order()
                account = account if self.chance(95) else self.some_account()
                return self.user(Kind.CANCEL, account, order_id=order_id)
            case Kind.AMEND:
                return self.amendment()
            case Kind.ORACLE_PRICE:
                return self.new_price()
            case Kind.REQUEST:
                return self.money()
        order = self.placement()
        return self.squeeze(order) if self.chance(profile.squeezes) else order

    def user(self, kind: Kind, account: int, **numbers: int) -> Command:
        """Return a user's command with a nonce above the last one, sometimes by another key."""
        key = self.rng.choice((1, 13)) if self.chance(4) else 0
        nonce = self.model.state.get(key_address(account, key), KeyFelt.NONCE)
        nonce += self.rng.choice((1, 1, 1, 2, 100))
        valid = min(self.now + 60_000, TIME_MAX)
        fields = {"account": account, "key": key, "nonce": nonce, "valid_until_ms": valid}
        return command_of(kind, GOOD, **fields | numbers)

    def some_account(self) -> int:
        """Return one of the accounts."""
        return self.rng.randrange(1, self.profile.accounts + 1)

    def richest(self) -> int:
        """Return the account of the greatest value, which may be more than the venue holds."""
        accounts = range(1, self.profile.accounts + 1)
        return max(accounts, key=lambda at: account_standing(self.model.state, at).tav)

    def some_market(self) -> int:
        """Return one of the markets."""
        return self.rng.randrange(len(self.profile.markets))

    def mark(self, market: int) -> int:
        """Return a market's mark."""
        return self.model.state.get(market_address(market), MarketFelt.MARK_TICKS)

    def price_near(self, market: int) -> int:
        """Return a price around the mark."""
        spread = self.profile.spread
        price = self.mark(market) + self.rng.randint(-spread, spread)
        return max(1, min(price, self.profile.markets[market].price_max))

    def lots(self, account: int, market: int) -> int:
        """Return an order's size: anything, or such that the position closes or turns round."""
        most = self.profile.markets[market].lots_max
        size = abs(size_of(self.model.state, account, market))
        if size and self.chance(self.profile.flips):
            aim = size * self.rng.choice((1, 1, 1, 2)) + self.rng.choice((0, 0, 0, 1, -1))
            return max(1, min(aim, most))
        return self.rng.randint(1, min(self.profile.lots, most))

    def placement(self) -> Command:
        """Return a new order."""
        rng = self.rng
        account, market = self.some_account(), self.some_market()
        order_type = rng.choices(list(OrderType), self.profile.types)[0]
        sweeps = self.chance(self.profile.sweeps)
        if sweeps:
            order_type = rng.choice((OrderType.GTT, OrderType.IOC, OrderType.MARKET))
        life = 40 if self.chance(self.profile.short_lived) else 10**7
        rests = order_type in (OrderType.GTT, OrderType.POST_ONLY)
        size = size_of(self.model.state, account, market)
        side = rng.randrange(2)
        if size and self.chance(self.profile.flips):
            side = int(size > 0)
        price, lots = self.price_near(market), self.lots(account, market)
        if sweeps:
            limits = self.profile.markets[market]
            best = self.mark(market) + (1 - 2 * side) * self.profile.spread
            price = max(1, min(best, limits.price_max))
            lots = min(100 * self.profile.lots, limits.lots_max)
        return self.user(
            Kind.PLACE,
            account,
            market=market,
            side=side,
            order_type=order_type,
            price_ticks=price,
            lots=lots,
            expiry_ms=min(self.now + life, TIME_MAX) if rests else 0,
        )

    def squeeze(self, order: Command) -> Command:
        """Return a withdrawal of what an order leaves free, to a µUSDC, and the order after it."""
        state, account, market = self.model.state, order.account, order.market
        change = order.lots if order.side == Side.BID else -order.lots
        cost = change * order.price_ticks * self.profile.markets[market].multiplier
        fee = fee_of(abs(cost), self.profile.markets[market].taker_ppm)
        size = size_of(state, account, market) + change
        cash = collateral_of(state, account) - cost - fee
        after = standing(state, account, cash, {market: size})
        amount = after.tav - after.imr + self.rng.choice((-1, 0, 0, 1))
        if not 0 < amount < 2**58:
            return order
        first = self.user(Kind.WITHDRAW, account, amount=amount)
        # Last in, first out: the order, then money for the orders after it.
        self.queue.append(deposit(account, self.profile.funds, public_key=NO_KEY))
        self.queue.append(replace(order, key=first.key, nonce=first.nonce + 1))
        return first

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

    def amendment(self) -> Command:
        """Return an amendment, half of them to a smaller size at the same price if that is so."""
        order_id, account, market = self.some_order()
        price, lots = self.price_near(market), self.lots(account, market)
        for slot in range(1, self.model.state.get(CLOCK, ClockFelt.ORDER_HIGH)):
            leaf = self.model.state.leaf(order_address(slot))
            if leaf[OrderFelt.ORDER_ID] == order_id and self.chance(50):
                level = self.model.state.leaf(level_address(leaf[OrderFelt.LEVEL]))
                key, is_ask = level[LevelFelt.KEY], level[LevelFelt.BOOK] % 2 == 0
                price = key if is_ask else 2**32 - key
                lots = max(1, leaf[OrderFelt.LOTS] - self.rng.randrange(3))
        return self.user(Kind.AMEND, account, order_id=order_id, price_ticks=price, lots=lots)

    def new_price(self) -> Command:
        """Return a mark not far from the last one, or as far as the gap goes."""
        market = self.some_market()
        mark, move = self.mark(market) or self.profile.mark, self.profile.move
        moved = mark + self.rng.randint(-move, move)
        price = max(1, min(moved, self.profile.markets[market].price_max))
        key = int(self.chance(1))
        return oracle(
            market, price, key=key, timestamp_ms=self.now - self.rng.choice((0, 0, 0, 1, 5, -20))
        )

    def money(self) -> Command:
        """Return a withdrawal, a request, a burned nonce or a step of time."""
        rng = self.rng
        account = self.richest() if self.chance(30) else self.some_account()
        custody = self.model.state.get(MONEY, MoneyFelt.CUSTODY)
        amounts = (0, 1, rng.randint(1, self.profile.funds), custody, custody + 1, 2**58 - 1)
        amount = rng.choice(amounts)
        which = rng.randrange(6)
        if which == 0:
            return self.user(Kind.WITHDRAW, account, amount=amount)
        if which == 1:
            key = rng.choice((KEY, KEY, NO_KEY, NOT_A_KEY))
            owner = owner_of(rng.choice((account, account, account, account + 1)))
            return deposit(
                account, amount, owner=owner, key=rng.choice((0, 1, 13, 14)), public_key=key
            )
        if which == 2:
            return forced(account, rng.choice((0, 0, amount)))
        if which == 3:
            return self.user(Kind.BURN_NONCE, account)
        if which == 4:
            return Command(kind=Kind.TIME)
        return self.user(Kind.WITHDRAW, account, amount=max(1, self.profile.funds // 50))

    def spoil(self, envelope: Envelope) -> Envelope:
        """Return an envelope with something changed, which may be wrong then."""
        rng, command = self.rng, envelope.command
        if self.chance(15):
            at = envelope.time_ms + rng.choice((-(10**6), -20, -1, 4095, 4096, 11_000, 2**44))
            return replace(envelope, time_ms=max(0, at))
        if command.kind == Kind.REQUEST:
            command = self.spoil_request(command)
        elif command.kind != Kind.TIME:
            command = self.spoil_signed(command)
        return replace(envelope, command=command)

    def spoil_request(self, command: Command) -> Command:
        """Return a request with another number or another word."""
        rng = self.rng
        if rng.randrange(2) == 0:
            number = self.model.state.get(CLOCK, ClockFelt.REQUESTS_DONE)
            return replace(command, number=number + rng.randrange(2))
        words = list(command.words)
        words[rng.randrange(12)] = rng.choice((*EDGES, 2**64 - 2**32))
        return replace(command, words=tuple(words))

    def spoil_signed(self, command: Command) -> Command:
        """Return a signed command with a bad signature, another kind, or another field."""
        rng = self.rng
        way = rng.randrange(6)
        if way == 0:
            return replace(command, signature=BAD)
        if way == 1:
            return replace(command, kind=rng.randrange(4, 12))
        name = rng.choice([field.name for field in fields(command) if field.name in WIDTHS])
        value = rng.choice((*EDGES, getattr(command, name) + rng.choice((-1, 1))))
        changed: dict[str, Any] = {name: max(0, value)}
        return replace(command, **changed)


def venue(profile: Profile) -> Venue:
    """Return the venue of a flow."""
    return replace(venue_of(*profile.markets), start_time_ms=profile.start_ms)
