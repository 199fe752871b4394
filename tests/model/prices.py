"""The formulas of a tick: premium, basis, mark, bands (docs/spec/prices.md § 4).

An impact price of 0 is absent.
"""

from tests.model.rounding import ceil_divide, clamp, median3, trunc_divide
from zkperp._generated.constants import PPM, PREMIUM_PPM_MAX


def premium_of(index: int, bid: int, ask: int) -> int:
    """Return how far the book is from the index, in ppm (§ 4.3)."""
    above = max(0, bid - index) if bid else 0
    below = max(0, index - ask) if ask else 0
    return clamp(trunc_divide((above - below) * PPM, index), PREMIUM_PPM_MAX)


def sampled(premium_sum: int, premium_ppm: int, elapsed_ms: int, tick_max_ms: int) -> int:
    """Return the sum of premiums with one more, that has stood for `elapsed_ms` (§ 4.1, § 5.1)."""
    return premium_sum + premium_ppm * min(elapsed_ms, tick_max_ms)


def basis_after(basis: int, premium: int, elapsed_ms: int, *, cap_ppm: int, window_ms: int) -> int:
    """Return the premium's moving average, the greater part of it the older it is (§ 4.4)."""
    weight = min(elapsed_ms, window_ms)
    return basis + trunc_divide((clamp(premium, cap_ppm) - basis) * weight, window_ms)


def mark_of(index: int, basis_ppm: int, bid: int, ask: int, price_max: int) -> int:
    """Return the mark: between what the oracles, the past and the book say (§ 4.5)."""
    mid = (bid + ask) // 2 if bid and ask else index
    mark = median3(index + trunc_divide(index * basis_ppm, PPM), index, mid)
    return max(1, min(price_max, mark))


def bands_of(mark: int, band_ppm: int, price_max: int) -> tuple[int, int]:
    """Return the least price of a sell order and the greatest of a buy order (§ 4.6)."""
    low = ceil_divide(mark * (PPM - band_ppm), PPM)
    high = mark * (PPM + band_ppm) // PPM
    return max(1, low), min(price_max, high)
