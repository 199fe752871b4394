"""Seeded orders: single ones, amendments, mass quotes, and all ways to take them back."""

from dataclasses import replace

from tests.differential.picks import Picks
from tests.model import books
from tests.model.commands import Command, QuoteEntry
from tests.model.desk import NO_KEY, deposit
from tests.model.margin import (
    Change,
    account_sums,
    after,
    fee_of,
    fits_a_tier,
    size_of,
)
from tests.model.orders import RESTING
from tests.model.state import CLOCK, account_address, level_address, order_address
from zkperp._generated.codes import CancelScope, Kind, OrderType, Side
from zkperp._generated.constants import (
    OPTION_NAMED,
    OPTION_REDUCE_ONLY,
    SUB_ACCOUNT_FIRST,
    TIME_MAX,
)
from zkperp._generated.leaves import AccountFelt, ClockFelt, LevelFelt, OrderFelt


class OrderPicks(Picks):
    """Commands about orders that are well formed and often acceptable."""

    # What follows for sure, last in, first out.
    queue: list[Command]

    def expiry(self, order_type: int) -> int:
        """Return an expiry for an order of this type, sometimes one that soon passes."""
        life = 40 if self.chance(self.profile.short_lived) else 10**7
        return min(self.now + life, TIME_MAX) if order_type in RESTING else 0

    def some_place(self) -> tuple[int, int]:
        """Return an account and a market that it may trade, mostly."""
        account, market = self.some_account(), self.some_market()
        mode = self.model.state.get(account_address(account), AccountFelt.MODE)
        return account, mode - 1 if mode != 0 and self.chance(90) else market

    def placement(self) -> Command:
        """Return a new order."""
        rng = self.rng
        account, market = self.some_place()
        order_type = rng.choices(list(OrderType), self.profile.types)[0]
        sweeps = self.chance(self.profile.sweeps)
        if sweeps:
            order_type = rng.choice((OrderType.GTT, OrderType.IOC, OrderType.MARKET))
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
        client_id = self.client_id() if self.chance(self.profile.named) else 0
        options = self.options(account, market, side)
        return self.user(
            Kind.PLACE,
            account,
            market=market,
            side=side,
            order_type=order_type,
            price_ticks=price,
            lots=lots,
            options=options | OPTION_NAMED if client_id else options,
            expiry_ms=self.expiry(order_type),
            client_id=client_id,
        )

    def squeeze(self, order: Command) -> Command:
        """Return a withdrawal of what an order leaves free, to a µUSDC, and the order after it."""
        state, account, market = self.model.state, order.account, order.market
        lots = order.lots if order.side == Side.BID else -order.lots
        if not fits_a_tier(state, market, size_of(state, account, market) + lots):
            return order
        notional = order.lots * order.price_ticks * self.profile.markets[market].multiplier
        fee = fee_of(notional, self.profile.markets[market].taker_ppm)
        left = account_sums(
            state, after(state, Change(account, market, lots, order.price_ticks, fee))
        )
        amount = left.initial + self.rng.choice((-1, 0, 0, 1))
        if not 0 < amount < 2**58 or account >= SUB_ACCOUNT_FIRST:
            return order
        first = self.user(Kind.WITHDRAW, account, amount=amount)
        # The order, then money for the orders after it.
        self.queue.append(deposit(account, self.profile.funds, public_key=NO_KEY))
        self.queue.append(replace(order, key=first.key, nonce=first.nonce + 1))
        return first

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

    def withdrawn(self) -> Command:
        """Return a cancellation of one order, by its client id, or of all; or a deadline."""
        rng, profile = self.rng, self.profile
        kinds = (Kind.CANCEL_NAMED, Kind.CANCEL_ALL, Kind.SET_DEADLINE)
        kind = rng.choices(kinds, (profile.by_name, profile.clear, profile.deadlines))[0]
        if kind == Kind.CANCEL_NAMED:
            account, client_id = self.some_named()
            if self.chance(10):
                client_id = rng.choice((0, client_id + 4096, self.client_id()))
            return self.user(kind, account, client_id=client_id)
        if kind == Kind.CANCEL_ALL:
            account, market = self.some_place()
            scope = rng.choice(list(CancelScope))
            market = market if scope == CancelScope.MARKET else 0
            return self.user(kind, account, order_type=scope, market=market)
        span = rng.choice((0, -1, 5, 20, 60, 200, 200, 2000))
        deadline = 0 if self.chance(10) else min(self.now + span, TIME_MAX)
        return self.user(kind, self.some_account(), deadline_ms=deadline)

    def quote(self) -> Command:
        """Return a mass quote, sometimes with something wrong in its last entry."""
        rng, profile = self.rng, self.profile
        account, market = self.some_place()
        order_type = rng.choice((OrderType.POST_ONLY, OrderType.SLIDE, OrderType.SLIDE))
        count = rng.choice((1, 2, 3, profile.entries, profile.entries))
        first = self.client_id()
        middle = self.price_near(market)
        entries = [self.entry(account, market, first + i, middle) for i in range(count)]
        if self.chance(12):
            entries[-1] = self.wrong(entries[-1], account)
        if self.chance(5):
            entries.append(entries[0])
        return replace(
            self.user(
                Kind.QUOTE,
                account,
                market=market,
                order_type=order_type,
                expiry_ms=self.expiry(order_type),
            ),
            quotes=tuple(entries[:31]),
        )

    def entry(self, account: int, market: int, client_id: int, middle: int) -> QuoteEntry:
        """Return an order of a mass quote, mostly on its side of the book and of a middle."""
        client_id = min(client_id, 2**48 - 1)
        if self.chance(10):
            return QuoteEntry(client_id)
        side, price = self.rng.randrange(2), self.price_near(market)
        best = books.best_level(self.model.state, books.book_of(market, 1 - side))
        if self.chance(98):
            price = min(price, middle) if side == Side.BID else max(price, middle + 1)
        if best is not None and self.chance(98):
            key = self.model.state.get(level_address(best), LevelFelt.KEY)
            other = books.sort_key(1 - side, key)
            price = min(price, other - 1) if side == Side.BID else max(price, other + 1)
        price = max(1, min(price, self.profile.markets[market].price_max))
        options = OPTION_NAMED | self.options(account, market, side)
        return QuoteEntry(client_id, side, price, self.lots(account, market), options)

    def wrong(self, entry: QuoteEntry, account: int) -> QuoteEntry:
        """Return an entry that is refused, or may be."""
        owner, client_id = self.some_named()
        other_id = client_id if owner == account or self.chance(20) else entry.client_id + 4096
        lots = max(1, entry.lots)
        return self.rng.choice(
            (
                entry._replace(price_ticks=0, lots=lots),
                entry._replace(price_ticks=2**32 - 1, lots=lots),
                entry._replace(lots=2**40 - 1),
                entry._replace(client_id=min(other_id, 2**48 - 1)),
                entry._replace(options=OPTION_NAMED | OPTION_REDUCE_ONLY, lots=lots),
                entry._replace(side=1 - entry.side, lots=lots),
                entry._replace(client_id=0),
            )
        )
