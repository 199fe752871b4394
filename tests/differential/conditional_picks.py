"""Seeded conditional orders: stops and take-profits around the mark, tied ones, pairs."""

from tests.differential.order_picks import OrderPicks
from tests.model import conditionals
from tests.model.commands import CONDITIONAL_TYPES, Command
from tests.model.conditional_orders import direction_of, is_reduce_only
from tests.model.conditionals import Waiting
from tests.model.margin import size_of
from tests.model.state import CONDITIONALS, conditional_address
from zkperp._generated.codes import Condition, Direction, Kind, Side
from zkperp._generated.constants import OPTION_REDUCE_ONLY, TIME_MAX
from zkperp._generated.leaves import ConditionalFelt, ConditionalsFelt


class ConditionalPicks(OrderPicks):
    """Commands about conditional orders that are well formed and often acceptable."""

    def some_waiting(self) -> Waiting | None:
        """Return an order that waits, dead or not, if one is soon found."""
        state = self.model.state
        high = state.get(CONDITIONALS, ConditionalsFelt.HIGH)
        for _ in range(10):
            slot = self.rng.randrange(1, high + 1)
            if state.get(conditional_address(slot), ConditionalFelt.ORDER_ID) != 0:
                return conditionals.waiting(state, slot)
        return None

    def conditional(self) -> Command:
        """Return a new conditional order, or a cancellation of one."""
        found = self.some_waiting()
        if found is not None and self.chance(10):
            account = found.account if self.chance(95) else self.some_account()
            order_id = found.order_id if self.chance(97) else found.order_id + 1
            return self.user(Kind.CANCEL_CONDITIONAL, account, order_id=order_id)
        if found is not None and self.chance(self.profile.pairs):
            return self.partner_of(found)
        account, market = self.some_place()
        size = size_of(self.model.state, account, market)
        side = int(size > 0) if size and self.chance(85) else self.rng.randrange(2)
        return self.awaiting(account, market, side, self.rng.randrange(2))

    def partner_of(self, other: Waiting) -> Command:
        """Return an order that makes a pair with another, or may not."""
        same = other.direction == direction_of(other.side, Condition.STOP)
        fields = [other.account, other.market, int(other.side), int(same)]
        if self.chance(12):
            place = self.rng.randrange(4)
            markets = len(self.profile.markets)
            fields[place] = self.rng.choice(
                ((self.some_account(),), range(markets), (0, 1), (0, 1))[place]
            )
        account, market, side, condition = fields
        return self.awaiting(account, market, side, condition, partner=other.order_id)

    def awaiting(
        self, account: int, market: int, side: int, condition: int, *, partner: int = 0
    ) -> Command:
        """Return a placement whose trigger the mark has mostly not reached."""
        rng, profile = self.rng, self.profile
        size = size_of(self.model.state, account, market)
        options = self.options(account, market, side)
        reduces = size != 0 and (size > 0) == (side == Side.ASK)
        if (reduces and self.chance(60)) or (partner != 0 and self.chance(95)):
            options |= OPTION_REDUCE_ONLY
        tied = is_reduce_only(options) and self.chance(profile.tied)
        trigger = self.trigger(market, direction_of(side, condition))
        price = trigger + rng.randint(-profile.spread, profile.spread)
        life = rng.choice((20, 100, 400)) if self.chance(profile.short_lived) else 10**7
        return self.user(
            Kind.PLACE_CONDITIONAL,
            account,
            market=market,
            side=side,
            order_type=rng.choices(CONDITIONAL_TYPES, (40, 30, 30))[0],
            price_ticks=max(1, min(price, profile.markets[market].price_max)),
            lots=0 if tied else self.lots(account, market),
            options=options,
            expiry_ms=min(self.now + life, TIME_MAX),
            trigger_ticks=trigger,
            condition=condition,
            partner=partner,
        )

    def trigger(self, market: int, direction: Direction) -> int:
        """Return a trigger at some distance from the mark, rarely on the wrong side of it."""
        price_max, mark = self.profile.markets[market].price_max, self.mark(market)
        if self.chance(3):
            return self.rng.choice((0, 1, mark, price_max, min(price_max + 1, 2**32 - 1)))
        distance = self.rng.randint(1, self.profile.reach)
        trigger = mark + distance if direction == Direction.RISING else mark - distance
        return max(1, min(trigger, price_max))
