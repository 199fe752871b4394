"""Impact prices: what a fixed quote would cost or earn at once (docs/spec/prices.md § 3)."""

from collections.abc import Iterable
from typing import NamedTuple

from tests.model.rounding import ceil_divide
from zkperp._generated.codes import Side
from zkperp._generated.constants import IMPACT_ORDERS_MAX


class Resting(NamedTuple):
    """A resting order, as far as its price matters."""

    price: int
    lots: int
    expiry_ms: int


def impact_price(orders: Iterable[Resting], side: Side, impact_quote: int, now: int) -> int:
    """Return the average price of the first `impact_quote` ticks * lots; 0: the book is too thin.

    Args:
        orders: all orders of the side, the best level's oldest first.
        side: bids round down, asks up.
        impact_quote: how much has to be met.
        now: dead orders enter no price.
    """
    quote, lots = 0, 0
    for met, order in enumerate(orders):
        if met == IMPACT_ORDERS_MAX:
            return 0
        if order.expiry_ms <= now:
            continue
        take = min(order.lots, ceil_divide(impact_quote - quote, order.price))
        quote += take * order.price
        lots += take
        if quote >= impact_quote:
            return quote // lots if side == Side.BID else ceil_divide(quote, lots)
    return 0
