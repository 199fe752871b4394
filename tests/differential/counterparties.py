"""Whom a deleveraging visits next: in any order, and now and then somebody who is refused."""

import random

from tests.model.deleveraging import opposite_holders, target_of, unvisited
from tests.model.margin import size_of
from tests.model.state import State


def some_counterparty(rng: random.Random, state: State) -> int:
    """Return the lowest account that has not been visited, any such, one that has, or the target.

    So some are passed over and come later, and some are asked twice. A deleveraging is under way.
    """
    account, market = target_of(state)
    left = unvisited(state)
    holders = opposite_holders(state, market, size_of(state, account, market))
    visited = [one for one in holders if one not in left]
    which = rng.randrange(100)
    if which < 50:
        return left[0]
    if which < 90:
        return rng.choice(left)
    return rng.choice(visited) if visited else account
