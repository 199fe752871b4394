"""Seeded flows of commands: near the real one, and each way to be nasty. See README.md.

A flow looks at a model, so that most of what it sends is acceptable: right nonces, live orders,
prices around the mark. Part of it is spoiled on purpose.
"""

from dataclasses import replace

from tests.differential.conditional_picks import ConditionalPicks
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
    is_overdue,
    sums,
)
from tests.model.rules import Model
from tests.model.state import (
    MONEY,
    account_address,
    mark_address,
)
from zkperp._generated.codes import AccountType, Kind
from zkperp._generated.constants import FUND_ACCOUNT, SUB_ACCOUNT_FIRST, TIME_MAX
from zkperp._generated.leaves import (
    AccountFelt,
    MarkFelt,
    MoneyFelt,
)


class Flow(ConditionalPicks):
    """A seeded stream of envelopes for a model that is given each of them."""

    def __init__(self, profile: Profile, seed: int, model: Model) -> None:
        super().__init__(profile, seed, model)
        self.spoiler = Spoiler(self.rng, model.state, profile.markets)
        self.started = 0
        self.queue = []
        # Time passes until then, with funding on the way.
        self.until = 0

    def next(self) -> Envelope:
        """Return the next envelope, for the state that the model is in."""
        rng, profile = self.rng, self.profile
        priced = min(profile.priced, len(profile.markets))
        opening = profile.accounts + 2 + profile.oracles + priced + 2 * profile.family
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
        priced = min(profile.priced, len(profile.markets))
        if key - profile.oracles < priced:
            return command_of(Kind.TICK, market=key - profile.oracles)
        return self.found(key - profile.oracles - priced)

    def found(self, step: int) -> Command:
        """Return a new sub-account of one of the accounts, and then money for it."""
        number, funds = divmod(step, 2)
        account = 1 + number % self.profile.accounts
        if not funds:
            return self.user(Kind.CREATE_ACCOUNT, account, key=0)
        amount = self.profile.funds // (2 + self.profile.family)
        return self.user(Kind.TRANSFER, account, to=FUND_ACCOUNT + 1 + number, amount=amount)

    def opening_price(self, market: int) -> int:
        """Return the profile's price, or the greatest that the market may have."""
        return min(self.profile.mark, self.profile.markets[market].price_max)

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
            Kind.CANCEL_ALL,
            Kind.QUOTE,
            Kind.PLACE_CONDITIONAL,
        )
        shares = (
            profile.place,
            profile.cancel,
            profile.amend,
            profile.oracle,
            profile.tick,
            profile.money,
            profile.accounting,
            profile.by_name + profile.clear + profile.deadlines,
            profile.quotes,
            profile.conditionals,
        )
        kind = rng.choices(kinds, shares)[0]
        others = {
            Kind.AMEND: self.amendment,
            Kind.ORACLE_REPORT: self.report,
            Kind.TICK: self.tick,
            Kind.REQUEST: self.money,
            Kind.TRANSFER: self.accounting,
            Kind.CANCEL_ALL: self.withdrawn,
            Kind.QUOTE: self.quote,
            Kind.PLACE_CONDITIONAL: self.conditional,
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
        """Return a sweep, a step of liquidation or of deleveraging, a trigger, owed or not."""
        kind = self.rng.choice((Kind.SWEEP, Kind.LIQUIDATE, Kind.DELEVERAGE, Kind.TRIGGER))
        account = self.some_account() if kind == Kind.DELEVERAGE else 0
        return command_of(kind, account=account)
