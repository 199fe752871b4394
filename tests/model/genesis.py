"""What a venue is made from, and its first state (docs/spec/state.md § 3, § 9)."""

from dataclasses import dataclass
from itertools import pairwise

from tests.model.position_sums import Tier
from tests.model.state import (
    CLOCK,
    CONDITIONALS,
    CONFIG,
    SCHEDULE,
    Felts,
    State,
    account_address,
    funding_address,
    interest_address,
    key_address,
    level_address,
    margin_address,
    market_address,
    oracle_key_address,
    pricing_address,
)
from zkperp._generated.constants import (
    BIAS_MAX,
    BIAS_NOTIONAL,
    FEE_PPM_MAX,
    FUND_ACCOUNT,
    FUNDING_PERIOD_MS,
    IMF_PPM_MAX,
    KEY_HEAD,
    KEY_TAIL,
    LEVEL_SENTINELS,
    LIQUIDATION_PPM_MAX,
    LOTS_MAX,
    MARKETS_MAX,
    MULTIPLIER_MAX,
    NOTIONAL_MAX,
    OPEN_INTEREST_MAX,
    ORACLE_KEYS_MAX,
    PPM,
    PRICE_MAX,
    RATE_PPM_MAX,
    STALENESS_MS_MAX,
    TICK_VALUE_MAX,
    TIERS_MAX,
    TIME_MAX,
)

ACTIVE = 1


def bias_of(position_limit: int) -> int:
    """Return what makes every per-lot number of a market positive (state.md § 3)."""
    return min(BIAS_MAX, BIAS_NOTIONAL // position_limit)


@dataclass(frozen=True, kw_only=True)
class Market:
    """The parameters of a market (state.md § 3).

    Raises:
        ValueError: no market may have them.
    """

    multiplier: int
    price_max: int
    lots_max: int
    lots_min: int
    taker_ppm: int
    maker_ppm: int
    oi_max: int
    impact_quote: int
    band_ppm: int
    interest_ppm: int
    clamp_ppm: int
    rate_max_ppm: int
    liquidation_ppm: int
    bonus_ppm: int
    tiers: tuple[Tier, ...]

    def __post_init__(self) -> None:
        rates = (self.interest_ppm, self.clamp_ppm, self.rate_max_ppm)
        fits = (
            1 <= self.multiplier <= MULTIPLIER_MAX
            and 1 <= self.price_max <= PRICE_MAX
            and 0 <= self.taker_ppm <= FEE_PPM_MAX
            and abs(self.maker_ppm) <= self.taker_ppm
            and 0 <= self.oi_max <= OPEN_INTEREST_MAX
            and 1 <= self.impact_quote <= NOTIONAL_MAX
            and 0 <= self.band_ppm <= PPM
            and all(0 <= rate <= RATE_PPM_MAX for rate in rates)
            and 0 <= self.bonus_ppm <= self.liquidation_ppm <= LIQUIDATION_PPM_MAX
            and are_tiers(self.tiers)
            and 1 <= self.lots_min <= self.lots_max <= self.position_limit <= LOTS_MAX
            and self.price_max * self.multiplier <= TICK_VALUE_MAX
            and self.position_limit * self.price_max * self.multiplier <= NOTIONAL_MAX
        )
        if not fits:
            raise ValueError(self)

    @property
    def position_limit(self) -> int:
        """The greatest |position|: the last tier's."""
        return self.tiers[-1].lots_upto


def are_tiers(tiers: tuple[Tier, ...]) -> bool:
    """Say whether sizes rise and fractions do not fall (state.md § 3, margin.md § 1)."""
    ordered = all(
        one.lots_upto < other.lots_upto
        and one.imf_ppm <= other.imf_ppm
        and one.mmf_ppm <= other.mmf_ppm
        and one.cmf_ppm <= other.cmf_ppm
        for one, other in pairwise(tiers)
    )
    each = all(1 <= t.cmf_ppm <= t.mmf_ppm <= t.imf_ppm <= IMF_PPM_MAX for t in tiers)
    return 1 <= len(tiers) <= TIERS_MAX and tiers[0].lots_upto >= 1 and ordered and each


@dataclass(frozen=True, kw_only=True)
class Venue:
    """What a first state is made from (state.md § 9), and what every message names.

    Raises:
        ValueError: no venue may have these parameters.
    """

    chain_id: int
    rollup: Felts
    start_time_ms: int
    staleness_ms: int
    tick_max_ms: int
    quorum: int
    deviation_ppm: int
    basis_cap_ppm: int
    basis_window_ms: int
    # Key k is oracle k's.
    oracle_keys: tuple[Felts, ...]
    # All zeros: nobody trades for the fund.
    fund_key: Felts
    markets: tuple[Market, ...]

    def __post_init__(self) -> None:
        spans = (self.staleness_ms, self.tick_max_ms, self.basis_window_ms)
        fits = (
            all(1 <= span <= STALENESS_MS_MAX for span in spans)
            and 0 <= self.start_time_ms <= TIME_MAX
            and 1 <= len(self.oracle_keys) <= ORACLE_KEYS_MAX
            and all(len(key) == 5 for key in self.oracle_keys)
            and len(self.fund_key) == 5
            and 1 <= self.quorum <= len(self.oracle_keys)
            and 0 <= self.deviation_ppm <= PPM
            and 0 <= self.basis_cap_ppm <= PPM
            and len(self.rollup) == 3
            and len(self.markets) <= MARKETS_MAX
        )
        if not fits:
            raise ValueError(self)


def genesis(venue: Venue) -> State:
    """Return the first state (state.md § 9)."""
    state = State()
    start = venue.start_time_ms
    state.write(CLOCK, 0, start, 1, 0, 0, 1, 0, LEVEL_SENTINELS)
    state.write(
        CONFIG,
        venue.staleness_ms,
        venue.tick_max_ms,
        venue.quorum,
        venue.deviation_ppm,
        2 ** len(venue.oracle_keys) - 1,
        len(venue.markets),
        venue.basis_cap_ppm,
        venue.basis_window_ms,
    )
    due = (start // FUNDING_PERIOD_MS + 1) * FUNDING_PERIOD_MS
    state.write(SCHEDULE, due, FUND_ACCOUNT + 1)
    state.write(CONDITIONALS, 0, 1, 0)
    state.write(account_address(FUND_ACCOUNT), 1)
    state.write(key_address(FUND_ACCOUNT, 0), *venue.fund_key)
    for key, limbs in enumerate(venue.oracle_keys):
        state.write(oracle_key_address(key), *limbs, 1)
    for number, market in enumerate(venue.markets):
        write_market(state, number, market, start)
        write_sentinels(state, number)
    state.commit()
    return state


def write_market(state: State, number: int, market: Market, start: int) -> None:
    """Write a new market's leaves; it has no price yet (state.md § 9)."""
    state.write(
        market_address(number),
        market.multiplier,
        ACTIVE,
        0,
        0,
        market.price_max,
        market.lots_max,
        market.taker_ppm,
        market.lots_min,
    )
    state.write(interest_address(number), 0, market.oi_max, 0, market.maker_ppm)
    state.write(funding_address(number), 0, 0, start)
    state.write(
        pricing_address(number),
        market.impact_quote,
        market.band_ppm,
        market.interest_ppm,
        market.clamp_ppm,
        market.rate_max_ppm,
        market.liquidation_ppm,
        market.bonus_ppm,
    )
    bias = bias_of(market.position_limit)
    for index, tier in enumerate(market.tiers):
        fractions = (tier.imf_ppm, tier.mmf_ppm, tier.cmf_ppm)
        state.write(margin_address(number, index), tier.lots_upto, 0, 0, *fractions, 0, bias)


def write_sentinels(state: State, number: int) -> None:
    """Write heads and tails of a market's empty books (state.md § 4)."""
    for side in (0, 1):
        book, head = 1 + 2 * number + side, 4 * number + 2 * side
        tail = head + 1
        state.write(level_address(head), book, KEY_HEAD, 0, tail)
        state.write(level_address(tail), book, KEY_TAIL, head, 0)
