"""What a venue may never lose or make: money, and positions (docs/spec/state.md § 10.1, § 10.2).

Held as sums over all leaves that follow from what each command changed, so that they can be looked
at after every command. `invariants.check` adds them up anew from the whole state.
"""

from collections.abc import Iterable, Mapping

from tests.model.state import EMPTY, MONEY, Leaf, Touched, signed
from zkperp._generated.constants import (
    ACCOUNT_BASE,
    ACCOUNT_LEAF,
    ACCOUNT_STRIDE,
    INTEREST_LEAF,
    LEVEL_BASE,
    MARKET_BASE,
    MARKET_STRIDE,
    MARKETS_MAX,
    POSITION_LEAF,
    POSITION_STRIDE,
)
from zkperp._generated.leaves import AccountFelt, InterestFelt, MoneyFelt, PositionFelt


class Ledger:
    """Running sums over a state's leaves, each of which has to be zero."""

    def __init__(self, leaves: Mapping[int, Leaf]) -> None:
        # Collateral, clearing, fees and the old fund, less custody; micro-USDC.
        self.money = 0
        # By market, lots: sizes with their sign; sizes without it, less open interest.
        self.sizes = [0] * MARKETS_MAX
        self.interest = [0] * MARKETS_MAX
        self.take(Touched(address, EMPTY, leaf) for address, leaf in leaves.items())

    def take(self, touched: Iterable[Touched]) -> None:
        """Follow what a command has changed."""
        for address, old, new in touched:
            self._count(address, old, -1)
            self._count(address, new, 1)

    def check(self) -> None:
        """Assert that nothing was lost or made."""
        assert self.money == 0, f"{self.money} micro-USDC more than in custody"
        assert not any(self.sizes), f"sizes by market add up to {self.sizes}"
        assert not any(self.interest), f"open interest by market differs by {self.interest}"

    def _count(self, address: int, leaf: Leaf, sign: int) -> None:
        if address >= ACCOUNT_BASE:
            self._count_account(address % ACCOUNT_STRIDE, leaf, sign)
        elif address == MONEY:
            held = leaf[MoneyFelt.FEES] + leaf[MoneyFelt.FUND] - leaf[MoneyFelt.CUSTODY]
            self.money += sign * held
        elif MARKET_BASE <= address < LEVEL_BASE:
            market, place = divmod(address - MARKET_BASE, MARKET_STRIDE)
            if place == INTEREST_LEAF:
                self.money += sign * signed(leaf[InterestFelt.CLEARING])
                self.interest[market] -= sign * leaf[InterestFelt.OPEN_INTEREST]

    def _count_account(self, place: int, leaf: Leaf, sign: int) -> None:
        market, other = divmod(place - POSITION_LEAF, POSITION_STRIDE)
        if place == ACCOUNT_LEAF:
            self.money += sign * signed(leaf[AccountFelt.COLLATERAL])
        elif market >= 0 and other == 0:
            size = signed(leaf[PositionFelt.SIZE])
            self.sizes[market] += sign * size
            self.interest[market] += sign * abs(size)
