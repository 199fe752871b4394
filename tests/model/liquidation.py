"""One step of the first due account's liquidation (docs/spec/liquidation.md § 5)."""

from dataclasses import dataclass, replace

from tests.model import books, triggers
from tests.model.commands import Journal, refuse
from tests.model.deleveraging import begin, is_deleveraging
from tests.model.due import first_due, is_due, leave, touch
from tests.model.liquidation_formulas import (
    Lots,
    Offer,
    Standing,
    Takeover,
    loss_at,
    sale_of,
    surrender_of,
    takeover_of,
    zero_loss,
)
from tests.model.margin import (
    collateral_of,
    fill_check,
    markets_held,
    part_of,
    position_of,
    size_of,
    sums,
)
from tests.model.matching import (
    Fill,
    Taker,
    add_fees,
    fill_of,
    moves_of,
    take_from_maker,
)
from tests.model.open_orders import fillable, why_dead
from tests.model.pending import pending_markets
from tests.model.positions import add_cash, exchange
from tests.model.removals import remove_order
from tests.model.state import (
    MONEY,
    Felts,
    State,
    level_address,
    margin_address,
    market_address,
    order_address,
    pricing_address,
)
from tests.model.takeover import fund_takes, take_over
from zkperp._generated.codes import OrderType, RemovalReason, Side
from zkperp._generated.constants import BALANCE_MAX, FUND_ACCOUNT
from zkperp._generated.events import EventType
from zkperp._generated.leaves import (
    LevelFelt,
    MarginFelt,
    MarketFelt,
    MoneyFelt,
    OrderFelt,
    PricingFelt,
)
from zkperp._generated.refusals import Refusal


@dataclass(frozen=True)
class Target:
    """An account as it stands, and the position that it shall lose."""

    account: int
    market: int
    of: Standing
    position: Lots
    position_mmr: int

    @property
    def seller(self) -> Taker:
        """The account as one that takes from the book; its order has no id."""
        side = Side.ASK if self.position.sign > 0 else Side.BID
        lots = abs(self.position.size)
        return Taker(0, self.account, self.market, side, OrderType.IOC, 0, lots, 0)


def market_of(state: State, account: int) -> int:
    """Return where most margin is required of an account; of equal ones the lowest (§ 5.2)."""
    mmrs = {
        market: requirement_in(state, account, market) for market in markets_held(state, account)
    }
    return max(mmrs, key=lambda one: (mmrs[one], -one))


def requirement_in(state: State, account: int, market: int) -> int:
    """Return a position's part of MMR."""
    return part_of(state, market, position_of(state, account, market)).requirement


def target_of(state: State, account: int, market: int) -> Target:
    """Return an account and its position in a market, which it has."""
    of = sums(state, account)
    tier, _ = triggers.tier_and_side(triggers.own_list(state, account, market))
    leaf = state.leaf(margin_address(market, tier))
    position = Lots(
        size_of(state, account, market),
        leaf[MarginFelt.MARK_VALUE],
        leaf[MarginFelt.MMF_PPM],
        leaf[MarginFelt.CMF_PPM],
    )
    standing = Standing(of.tav, of.requirement, of.closeout)
    mmr = requirement_in(state, account, market)
    return Target(account, market, standing, position, mmr)


def liquidate(state: State, journal: Journal, now: int) -> Felts:
    """Do one step: recover, sell, hand over to the fund, or start deleveraging (§ 5)."""
    account = first_due(state)
    refuse(Refusal.NOTHING_DUE, when=account == 0)
    refuse(Refusal.SWEEP_FIRST, when=pending_markets(state) != 0)
    refuse(Refusal.DELEVERAGE_FIRST, when=is_deleveraging(state))
    if sums(state, account).maintenance >= 0:
        recover(state, journal, account)
        return (0, account, 0, 0)
    if not markets_held(state, account):
        cover(state, journal, account)
        return (0, account, 0, 0)
    market = market_of(state, account)
    target = target_of(state, account, market)
    sold = sell(state, journal, target, now)
    if sold is not None:
        return (0, account, market, sold)
    numbers = takeover_of(target.of, target.position, target.position_mmr)
    sign = target.position.sign
    if fund_takes(state, account, market, sign * numbers.lots, numbers.quote):
        take_over(state, journal, account, market, sign=sign, numbers=numbers)
        return (0, account, market, numbers.lots)
    start_deleveraging(state, journal, target, numbers)
    return (0, account, market, 0)


def start_deleveraging(state: State, journal: Journal, target: Target, numbers: Takeover) -> None:
    """Deleverage the fund if it is full, else what is liquidated (§ 5.5)."""
    market = target.market
    fund_size = size_of(state, FUND_ACCOUNT, market)
    if target.account == FUND_ACCOUNT or fund_size * target.position.sign > 0:
        fund = target_of(state, FUND_ACCOUNT, market)
        given = surrender_of(fund.of, fund.position, fund.position_mmr)
        begin(state, journal, FUND_ACCOUNT, market, given)
    else:
        begin(state, journal, target.account, market, numbers)


def recover(state: State, journal: Journal, account: int) -> None:
    """Let a healthy account go (§ 5.1)."""
    leave(state, account)
    if markets_held(state, account):
        triggers.key(state, account)
    journal.emit(EventType.RECOVERED, account)


def cover(state: State, journal: Journal, account: int) -> None:
    """Let an account without positions go; the fund takes its debt, and keeps its own (§ 5.1)."""
    leave(state, account)
    if account == FUND_ACCOUNT:
        journal.emit(EventType.RECOVERED, account)
        return
    debt = -collateral_of(state, account)
    add_cash(state, FUND_ACCOUNT, -debt)
    add_cash(state, account, debt)
    journal.emit(EventType.DEBT_COVERED, account, debt)
    touch(state, journal, FUND_ACCOUNT)


def sell(state: State, journal: Journal, target: Target, now: int) -> int | None:
    """Sell to the best order, or remove it; None if the book's price is too bad (§ 5.3).

    Returns:
        The lots sold.
    """
    taker = target.seller
    opposite = Side(1 - taker.side)
    level = books.best_level(state, books.book_of(target.market, opposite))
    if target.of.tav < 0 or level is None:
        return None
    leaf = state.leaf(level_address(level))
    maker, price = leaf[LevelFelt.FIRST], books.sort_key(opposite, leaf[LevelFelt.KEY])
    offer = offer_of(state, target.market, maker, price)
    if loss_at(target.position, offer) > zero_loss(target.of, target.position):
        return None
    reason = why_not_met(state, target, maker, now)
    if reason is not None:
        remove_order(state, journal, target.market, maker, reason)
        return 0
    sale = sale_of(target.of, target.position, offer)
    fill = fill_of(state, taker, maker, price, sale.lots)
    own_fee = fill.to_maker.fee
    fill = replace(
        fill,
        to_taker=replace(fill.to_taker, fee=sale.fee),
        to_maker=replace(fill.to_maker, fee=own_fee - sale.bonus),
    )
    fees_fit = 0 <= state.get(MONEY, MoneyFelt.FEES) + own_fee <= BALANCE_MAX
    if fill_check(state, fill.to_maker) is not None or not fees_fit:
        remove_order(state, journal, target.market, maker, RemovalReason.MARGIN)
        return 0
    execute(state, journal, taker, fill, bonus=sale.bonus)
    return sale.lots


def why_not_met(state: State, target: Target, maker: int, now: int) -> RemovalReason | None:
    """Return why an order can't trade with a due account (§ 5.3 a)."""
    dead = why_dead(state, target.market, maker, now)
    if dead is not None:
        return dead
    owner = state.get(order_address(maker), OrderFelt.ACCOUNT)
    if owner == target.account:
        return RemovalReason.SELF_TRADE
    return RemovalReason.LIQUIDATION if is_due(state, owner) else None


def offer_of(state: State, market: int, maker: int, price: int) -> Offer:
    """Return a maker's order with the market's fees of liquidation."""
    pricing = state.leaf(pricing_address(market))
    return Offer(
        price,
        state.get(market_address(market), MarketFelt.MULTIPLIER),
        fillable(state, market, maker),
        pricing[PricingFelt.LIQUIDATION_PPM],
        pricing[PricingFelt.BONUS_PPM],
    )


def execute(state: State, journal: Journal, taker: Taker, fill: Fill, *, bonus: int) -> None:
    """Execute a liquidating fill; maker and fund share its fee (§ 5.3 d)."""
    fee = fill.to_taker.fee
    exchange(state, journal, fill.market, *moves_of(state, fill))
    add_cash(state, FUND_ACCOUNT, fee - bonus)
    add_fees(state, fill.to_maker.fee + bonus)
    journal.emit(
        EventType.LIQUIDATION, taker.account, fill.market, fill.lots, fill.price, fee, bonus
    )
    take_from_maker(state, journal, taker, fill)
    touch(state, journal, fill.to_maker.account)
