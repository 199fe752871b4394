"""The markets of seeded flows: what is in the way differs."""

from tests.model.desk import market_of

FULL = 10**6
# No rounding to hide behind, all fees and margins at their greatest.
STEEP = market_of(
    ((2**26, FULL, FULL, FULL),),
    price_max=2**26,
    lots_max=2**26,
    taker_ppm=10**4,
    maker_ppm=-(10**4),
)
# Position limit * price_max * multiplier = 2^52 exactly, margins at their least.
WIDE = market_of(
    ((2**20, 1, 1, 1), (2**26, 2, 2, 1)),
    price_max=2**26,
    lots_max=2**26,
    taker_ppm=10**4,
    maker_ppm=10**4,
    impact_quote=2**52,
    clamp_ppm=65_535,
    rate_max_ppm=65_535,
)
HEAVY = market_of(
    ((2**32, 1, 1, 1),),
    multiplier=2**19,
    price_max=2,
    lots_max=2**32,
    taker_ppm=1,
    maker_ppm=-1,
    impact_quote=1,
)
# Every number is in the way: small tiers, narrow bands, little open interest.
FINE = market_of(
    (
        (10, 20_000, 12_000, 8000),
        (300, 50_000, 30_000, 20_000),
        (2**12, 10**5, 60_000, 40_000),
    ),
    price_max=2**20,
    lots_max=2**12,
    taker_ppm=333,
    maker_ppm=-77,
    oi_max=800,
    lots_min=2,
    impact_quote=20_000,
    band_ppm=50_000,
)


# Fifty times the money, and a market in which greater positions have less leverage.
LEVERED = market_of(((2**28, 20_000, 12_000, 8000),), impact_quote=10**8)
TIERED = market_of(
    (
        (500, 20_000, 12_000, 4000),
        (2000, 50_000, 30_000, 30_000),
        (2**28, 100_000, 60_000, 30_000),
    ),
    maker_ppm=100,
    liquidation_ppm=20_000,
    bonus_ppm=20_000,
    impact_quote=10**8,
)
# What an account of 40 USDC can bear at 10 of leverage is already the most.
NARROW = market_of(((4000, 20_000, 12_000, 8000),), lots_max=4000, impact_quote=10**8)
# Orders have to be of ten lots at least.
COARSE = market_of(lots_min=10, impact_quote=10**8)
