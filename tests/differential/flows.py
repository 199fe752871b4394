"""Seeded flows of commands: near the real one, and each way to be nasty. See README.md.

A flow looks at a model, so that most of what it sends is acceptable: right nonces, live orders,
prices around the mark. Part of it is spoiled on purpose.
"""

import random
from dataclasses import replace

from tests.differential.counterparties import some_counterparty
from tests.differential.profiles import Profile
from tests.differential.spoiling import Spoiler
from tests.model.commands import Command, Envelope
from tests.model.desk import (
    KEY,
    NO_KEY,
    NOT_A_KEY,
    command_of,
    deposit,
    forced,
    owner_of,
    report_of,
)
from tests.model.duties import duty
from tests.model.margin import (
    Change,
    account_sums,
    after,
    fee_of,
    fits_a_tier,
    is_overdue,
    size_of,
    sums,
)
from tests.model.rules import Model
from tests.model.state import (
    CLOCK,
    MONEY,
    SCHEDULE,
    account_address,
    key_address,
    level_address,
    margin_address,
    mark_address,
    market_address,
    order_address,
)
from zkperp._generated.codes import AccountType, Kind, OrderType, Side
from zkperp._generated.constants import FUND_ACCOUNT, PPM, SUB_ACCOUNT_FIRST, TIME_MAX
from zkperp._generated.leaves import (
    AccountFelt,
    ClockFelt,
    KeyFelt,
    LevelFelt,
    MarginFelt,
    MarketFelt,
    MarkFelt,
    MoneyFelt,
    OrderFelt,
    ScheduleFelt,
)


class Flow:
    """A seeded stream of envelopes for a model that is given each of them."""

    def __init__(self, profile: Profile, seed: int, model: Model) -> None:
        self.profile, self.model = profile, model
        self.rng = random.Random(f"{profile.name} {seed}")
        self.spoiler = Spoiler(self.rng, model.state, profile.markets)
        self.started = 0
        # What follows for sure, last in, first out.
        self.queue: list[Command] = []
        # Time passes until then, with funding on the way.
        self.until = 0

    def next(self) -> Envelope:
        """Return the next envelope, for the state that the model is in."""
        rng, profile = self.rng, self.profile
        priced = min(profile.priced, len(profile.markets))
        opening = profile.accounts + 2 + profile.oracles + priced
        if self.started < opening:
            self.started += 1
            return Envelope(self.now + 1, self.open(self.started - 1))
        owed = duty(self.model.state)
        if owed is not None and self.chance(profile.dutiful):
            if owed.kind == Kind.DELEVERAGE:
                owed = replace(owed, account=some_counterparty(self.rng, self.model.state))
            owed = owed if self.chance(90) else self.some_duty()
            return Envelope(min(self.now + rng.choice((0, 0, 1)), self.due), owed)
        if self.now < self.until:
            return self.wait()
        command = self.queue.pop() if self.queue else self.command()
        steps = (1, 5000, 11_000) if command.kind == Kind.TIME else (0, 1, 1, 5, 10)
        at = self.now + rng.choice(steps)
        if command.kind != Kind.FUND and at > self.due and self.chance(95):
            self.queue.append(command)
            return Envelope(self.due, command_of(Kind.FUND))
        if command.kind == Kind.FUND:
            at = self.due
        if at == self.now == self.due and self.now == self.tick_of(command):
            at += 1
        envelope = Envelope(at, command)
        return self.spoiler.spoil(envelope) if self.chance(profile.spoiled) else envelope

    def open(self, step: int) -> Command:
        """Return the commands that a venue begins with: deposits, the fund's, reports, ticks."""
        profile = self.profile
        if step < profile.accounts:
            return deposit(step + 1, profile.funds)
        key = step - profile.accounts - 2
        if key == -2:
            return deposit(1, max(1, profile.fund))
        if key == -1:
            return self.user(Kind.TRANSFER, 1, key=0, to=FUND_ACCOUNT, amount=max(1, profile.fund))
        if key < profile.oracles:
            prices = [(m, self.opening_price(m)) for m in range(len(profile.markets))]
            return report_of(key, self.now + 1, *prices)
        return command_of(Kind.TICK, market=key - profile.oracles)

    def opening_price(self, market: int) -> int:
        """Return the profile's price, or the greatest that the market may have."""
        return min(self.profile.mark, self.profile.markets[market].price_max)

    @property
    def due(self) -> int:
        """When funding is next due."""
        return self.model.state.get(SCHEDULE, ScheduleFelt.FUNDING_DUE_MS)

    def tick_of(self, command: Command) -> int | None:
        """Return when the market of a tick had its last."""
        if command.kind != Kind.TICK:
            return None
        return self.model.state.get(mark_address(command.market % 32), MarkFelt.TICK_MS)

    def wait(self) -> Envelope:
        """Return a step of time towards the end of a pause, or the funding that stops it."""
        if self.until > self.due and self.chance(90):
            return Envelope(self.due, command_of(Kind.FUND))
        return Envelope(self.until, command_of(Kind.TIME))

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
        if rng.randrange(1000) < profile.pauses:
            self.until = min(self.now + rng.randrange(3 * 3_600_000), TIME_MAX)
        kinds = (
            Kind.PLACE,
            Kind.CANCEL,
            Kind.AMEND,
            Kind.ORACLE_REPORT,
            Kind.TICK,
            Kind.REQUEST,
            Kind.TRANSFER,
        )
        shares = (
            profile.place,
            profile.cancel,
            profile.amend,
            profile.oracle,
            profile.tick,
            profile.money,
            profile.accounting,
        )
        kind = rng.choices(kinds, shares)[0]
        others = {
            Kind.AMEND: self.amendment,
            Kind.ORACLE_REPORT: self.report,
            Kind.TICK: self.tick,
            Kind.REQUEST: self.money,
            Kind.TRANSFER: self.accounting,
        }
        if kind in others:
            return others[kind]()
        if kind == Kind.CANCEL and self.resting() >= profile.depth:
            order_id, account, _ = self.some_order()
            account = account if self.chance(95) else self.some_account()
            return self.user(Kind.CANCEL, account, order_id=order_id)
        order = self.placement()
        return self.squeeze(order) if self.chance(profile.squeezes) else order

    def tick(self) -> Command:
        """Return a tick of some market; of one that is late rather, after fresh reports."""
        state, markets = self.model.state, range(len(self.profile.markets))
        late = [market for market in markets if is_overdue(state, market, self.now + 10)]
        gap = 100
        if self.chance(self.profile.gaps):
            gap = self.rng.choice((70, 90, 97, 98, 99, 99, 101, 101, 102, 103, 110, 130))
            late = late or [market for market in markets if self.chance(60)]
        elif not late or self.chance(20):
            return command_of(Kind.TICK, market=self.some_market())
        self.queue += [command_of(Kind.TICK, market=market) for market in late]
        # Oracles agree more often than not, on a gap too.
        prices = [(market, self.oracle_price(market, gap)) for market in late]
        keys = list(range(self.profile.oracles))[:: self.rng.choice((-1, 1))]
        reports = [report_of(key, self.now, *prices) for key in keys]
        self.queue += reports
        return self.queue.pop()

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
        if (made or self.profile.fund_trades) and self.chance(30):
            return FUND_ACCOUNT + self.rng.randrange(made + 1)
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
        if self.chance(self.profile.greedy):
            free = max(0, sums(self.model.state, account).initial)
            margin = self.model.state.leaf(margin_address(market, 0))
            needed = margin[MarginFelt.MARK_VALUE] * margin[MarginFelt.IMF_PPM]
            bearable = free * PPM // max(1, needed) * self.rng.choice((50, 90, 95, 99)) // 100
            return max(1, min(bearable, most))
        return self.rng.randint(1, min(self.profile.lots, most))

    def placement(self) -> Command:
        """Return a new order."""
        rng = self.rng
        account, market = self.some_account(), self.some_market()
        mode = self.model.state.get(account_address(account), AccountFelt.MODE)
        if mode != 0 and self.chance(90):
            market = mode - 1
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

    def report(self) -> Command:
        """Return what an oracle says of some markets: not far from the last, as far as gaps go."""
        rng, profile = self.rng, self.profile
        count = rng.choice((1, 1, 1, 2, len(profile.markets)))
        chosen = sorted(rng.sample(range(len(profile.markets)), min(count, len(profile.markets))))
        entries = [(market, self.oracle_price(market)) for market in chosen]
        # One key more than there are.
        key = rng.randrange(profile.oracles) if self.chance(99) else profile.oracles % 8
        timestamp = max(0, self.now - rng.choice((0, 0, 0, 1, 5, -20)))
        return report_of(key, timestamp, *entries)

    def oracle_price(self, market: int, gap: int = 100) -> int:
        """Return a price near so many hundredths of the last index, or a lie."""
        rng, profile = self.rng, self.profile
        last = self.model.state.get(mark_address(market), MarkFelt.INDEX_TICKS)
        index = last or self.opening_price(market)
        price = index * gap // 100 + rng.randint(-profile.move, profile.move)
        if self.chance(profile.lies):
            price = rng.choice((1, 2**24, index * 7 // 10, index * 13 // 10))
        return max(1, min(price, profile.markets[market].price_max))

    def accounting(self) -> Command:
        """Return a new account, a transfer within a family or out of it, or a leverage."""
        rng, state = self.rng, self.model.state
        account, which = self.some_account(), rng.randrange(6)
        if which == 0 and self.made() < 12:
            kind = rng.choice(list(AccountType))
            market = self.some_market() if kind == AccountType.ISOLATED else 0
            sender = rng.randrange(1, self.profile.accounts + 1) if self.chance(90) else account
            return self.user(Kind.CREATE_ACCOUNT, sender, order_type=kind, market=market)
        if which < 4:
            receiver = self.relative(account) if self.chance(85) else self.some_account()
            receiver = FUND_ACCOUNT if self.chance(10) else receiver
            free = sums(state, account).initial
            amount = rng.choice((free, free + 1, free // 2, free // 2, 0, self.profile.funds // 20))
            amount = max(0, min(amount, 2**58 - 1))
            return self.user(Kind.TRANSFER, account, to=receiver, amount=amount)
        market = self.some_market()
        imf = rng.choice((0, 50_000, 100_000, 200_000, 500_000, 10**6, 10**6 + 1, 1))
        return self.user(Kind.SET_LEVERAGE, account, market=market, imf_ppm=imf)

    def relative(self, account: int) -> int:
        """Return another account of the same master, if there is any."""
        state = self.model.state
        master = state.get(account_address(account), AccountFelt.MASTER) or account
        made = range(FUND_ACCOUNT + 1, FUND_ACCOUNT + 1 + self.made())
        family = [
            one for one in made if state.get(account_address(one), AccountFelt.MASTER) == master
        ]
        others = [one for one in (master, *family) if one != account]
        return self.rng.choice(others) if others else account

    def money(self) -> Command:
        """Return a withdrawal, a request, a burned nonce, a step of time, a duty out of turn."""
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
                min(account, 2**31 - 1),
                amount,
                owner=owner,
                key=rng.choice((0, 1, 13, 14)),
                public_key=key,
            )
        if which == 2:
            return forced(min(account, SUB_ACCOUNT_FIRST - 1), rng.choice((0, 0, amount)))
        if which == 3:
            return self.user(Kind.BURN_NONCE, account)
        if which == 4:
            passing = command_of(rng.choice((Kind.TIME, Kind.TIME, Kind.TIME, Kind.FUND)))
            return passing if self.chance(65) else self.some_duty()
        return self.user(Kind.WITHDRAW, account, amount=max(1, self.profile.funds // 50))

    def some_duty(self) -> Command:
        """Return a sweep, a step of liquidation or of deleveraging, owed or not."""
        kind = self.rng.choice((Kind.SWEEP, Kind.LIQUIDATE, Kind.DELEVERAGE))
        account = self.some_account() if kind == Kind.DELEVERAGE else 0
        return command_of(kind, account=account)
