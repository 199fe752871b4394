"""The sequencer's two commands that move marks and funding (docs/spec/prices.md § 4, § 5)."""

from collections.abc import Iterator

from tests.model import books
from tests.model.commands import Journal, refuse
from tests.model.conditionals import note_triggered
from tests.model.funding import funding_after, funding_max, rate_of
from tests.model.impact import Resting, impact_price
from tests.model.index import index_of
from tests.model.margin import funding_of
from tests.model.open_orders import is_cleared, is_reduce_only
from tests.model.oracles import registered_reports
from tests.model.pending import note_crossed, refuse_risk
from tests.model.prices import bands_of, basis_after, mark_of, premium_of, sampled
from tests.model.state import (
    CLOCK,
    CONFIG,
    SCHEDULE,
    Felts,
    State,
    funding_address,
    level_address,
    margin_address,
    mark_address,
    market_address,
    order_address,
    pricing_address,
)
from zkperp._generated.codes import Side
from zkperp._generated.constants import FUNDING_PERIOD_MS, TIERS_MAX, TIME_MAX
from zkperp._generated.events import EventType
from zkperp._generated.leaves import (
    ClockFelt,
    ConfigFelt,
    FundingFelt,
    LevelFelt,
    MarginFelt,
    MarketFelt,
    MarkFelt,
    OrderFelt,
    PricingFelt,
    ScheduleFelt,
)
from zkperp._generated.refusals import Refusal


def resting(state: State, market: int, side: Side, now: int) -> Iterator[Resting]:
    """Yield a side's orders, the best level's oldest first; cleared or reduce-only are expired."""
    book = books.book_of(market, side)
    level = state.get(level_address(books.head_of(book)), LevelFelt.NEXT)
    while level != books.tail_of(book):
        leaf = state.leaf(level_address(level))
        slot = leaf[LevelFelt.FIRST]
        while slot != 0:
            order = state.leaf(order_address(slot))
            price = books.sort_key(side, leaf[LevelFelt.KEY])
            passed_over = is_cleared(state, market, slot, now) or is_reduce_only(state, slot)
            expiry_ms = 0 if passed_over else order[OrderFelt.EXPIRY_MS]
            yield Resting(price, order[OrderFelt.LOTS], expiry_ms)
            slot = order[OrderFelt.NEXT]
        level = leaf[LevelFelt.NEXT]


def write_tiers(state: State, market: int, fields: dict[MarginFelt, int]) -> None:
    """Write felts of every tier of a market."""
    for tier in range(TIERS_MAX):
        at = margin_address(market, tier)
        if state.get(at, MarginFelt.LOTS_UPTO) != 0:
            for field, value in fields.items():
                state.put(at, field, value)


def take_sample(state: State, market: int, now: int) -> None:
    """Add the premium that has stood until now to its hour's sum (§ 4.1, § 5.1)."""
    at = funding_address(market)
    elapsed = now - state.get(at, FundingFelt.SAMPLED_MS)
    premium = state.get_signed(at, FundingFelt.PREMIUM_PPM)
    longest = state.get(CONFIG, ConfigFelt.TICK_MAX_MS)
    before = state.get_signed(at, FundingFelt.PREMIUM_SUM)
    state.put(at, FundingFelt.PREMIUM_SUM, sampled(before, premium, elapsed, longest))
    state.put(at, FundingFelt.SAMPLED_MS, now)


def checked_index(state: State, market: int, now: int) -> int:
    """Return the index, or refuse the tick for want of a quorum (§ 2)."""
    config = state.leaf(CONFIG)
    index = index_of(
        registered_reports(state, market),
        now=now,
        staleness_ms=config[ConfigFelt.STALENESS_MS],
        deviation_ppm=config[ConfigFelt.DEVIATION_PPM],
    )
    refuse(Refusal.NO_QUORUM, when=index.agreeing < config[ConfigFelt.QUORUM])
    return index.price


def basis_now(state: State, market: int, premium: int, now: int) -> int:
    """Return the basis after this tick; the first tick begins with none (§ 4.4)."""
    leaf_at, config = mark_address(market), state.leaf(CONFIG)
    last = state.get(leaf_at, MarkFelt.TICK_MS)
    if last == 0:
        return 0
    return basis_after(
        state.get_signed(leaf_at, MarkFelt.BASIS_PPM),
        premium,
        now - last,
        cap_ppm=config[ConfigFelt.BASIS_CAP_PPM],
        window_ms=config[ConfigFelt.BASIS_WINDOW_MS],
    )


def tick(state: State, journal: Journal, market: int, now: int) -> Felts:
    """Give a market a new index, mark, premium and bands (§ 4)."""
    leaf, pricing = state.leaf(market_address(market)), state.leaf(pricing_address(market))
    refuse_risk(state)
    refuse(Refusal.UNKNOWN_MARKET, when=leaf[MarketFelt.STATUS] == 0)
    too_soon = now <= state.get(mark_address(market), MarkFelt.TICK_MS)
    refuse(Refusal.TICK_TOO_SOON, when=too_soon)
    index = checked_index(state, market, now)
    take_sample(state, market, now)
    bid, ask = (
        impact_price(
            resting(state, market, side, now), side, pricing[PricingFelt.IMPACT_QUOTE], now
        )
        for side in (Side.BID, Side.ASK)
    )
    premium = premium_of(index, bid, ask)
    basis = basis_now(state, market, premium, now)
    mark = mark_of(index, basis, bid, ask, leaf[MarketFelt.PRICE_MAX])
    low, high = bands_of(mark, pricing[PricingFelt.BAND_PPM], leaf[MarketFelt.PRICE_MAX])
    state.put(funding_address(market), FundingFelt.PREMIUM_PPM, premium)
    state.put(market_address(market), MarketFelt.PRICE_LOW, low)
    state.put(market_address(market), MarketFelt.PRICE_HIGH, high)
    mark_value = mark * leaf[MarketFelt.MULTIPLIER]
    write_tiers(state, market, {MarginFelt.MARK_VALUE: mark_value, MarginFelt.TICK_MS: now})
    state.write(mark_address(market), index, mark, now, basis)
    note_crossed(state, market)
    note_triggered(state, market)
    journal.emit(EventType.MARK, market, index, mark, premium, bid, ask)
    return (0, market, index, mark)


def fund(state: State, journal: Journal, now: int) -> Felts:
    """Add the hour's funding to every market's index; it checks time and pending only (§ 5)."""
    due = state.get(SCHEDULE, ScheduleFelt.FUNDING_DUE_MS)
    refuse(Refusal.MALFORMED, when=now > TIME_MAX)
    refuse(Refusal.FUNDING_NOT_DUE, when=now != due)
    refuse_risk(state)
    for market in range(state.get(CONFIG, ConfigFelt.MARKETS)):
        fund_market(state, journal, market, due)
        note_crossed(state, market)
    state.put(CLOCK, ClockFelt.TIME_MS, due)
    state.put(SCHEDULE, ScheduleFelt.FUNDING_DUE_MS, due + FUNDING_PERIOD_MS)
    return (0, due, 0, 0)


def fund_market(state: State, journal: Journal, market: int, due: int) -> None:
    """Turn a market's premiums of the hour into its rate, and add it to F (§ 5.1 - § 5.4)."""
    at, pricing = funding_address(market), state.leaf(pricing_address(market))
    take_sample(state, market, due)
    rate = rate_of(
        state.get_signed(at, FundingFelt.PREMIUM_SUM),
        interest_ppm=pricing[PricingFelt.INTEREST_PPM],
        clamp_ppm=pricing[PricingFelt.CLAMP_PPM],
        rate_max_ppm=pricing[PricingFelt.RATE_MAX_PPM],
    )
    index = state.get(mark_address(market), MarkFelt.INDEX_TICKS)
    leaf = state.leaf(market_address(market))
    multiplier, price_max = leaf[MarketFelt.MULTIPLIER], leaf[MarketFelt.PRICE_MAX]
    bound = funding_max(
        state.get(margin_address(market, 0), MarginFelt.BIAS), price_max, multiplier
    )
    funding = funding_after(funding_of(state, market), rate.hourly, index * multiplier, bound)
    state.put(at, FundingFelt.PREMIUM_SUM, 0)
    state.put(at, FundingFelt.RATE_PPM, rate.hourly)
    state.put(at, FundingFelt.FUNDING, funding)
    write_tiers(state, market, {MarginFelt.FUNDING: funding})
    journal.emit(EventType.FUNDING, market, rate.hourly, index, funding)
