"""Numbers of liquidating fills, takeovers, deleveraging (docs/spec/liquidation.md § 5, § 7).

Per-lot numbers are in 10^-6 micro-USDC, amounts in micro-USDC; nothing here knows of the state.
"""

from typing import NamedTuple

from tests.model.rounding import ceil_divide
from zkperp._generated.constants import FUND_ACCOUNT, PPM


class Standing(NamedTuple):
    """A due account: TAV, MMR and C of now."""

    tav: int
    mmr: int
    closeout: int = 0

    @property
    def shortfall(self) -> int:
        """MMR - TAV, what the account lacks; above 0 for a due one."""
        return self.mmr - self.tav


def stands_before(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    """Say whether (tav, mmr, account) comes before another in the due list: the fund last (§ 4)."""
    (tav, mmr, account), (other_tav, other_mmr, other_account) = one, other
    if FUND_ACCOUNT in (account, other_account):
        return account != FUND_ACCOUNT
    left, right = tav * other_mmr, other_tav * mmr
    return left < right or (left == right and account < other_account)


class Lots(NamedTuple):
    """The position that is liquidated, with its tier's numbers."""

    size: int
    mark_value: int
    mmf_ppm: int
    cmf_ppm: int = 0

    @property
    def sign(self) -> int:
        """+1 long, -1 short."""
        return 1 if self.size > 0 else -1


class Offer(NamedTuple):
    """The maker's order, and the market's fees."""

    price: int
    multiplier: int
    lots: int
    liquidation_ppm: int
    bonus_ppm: int


class Sale(NamedTuple):
    """A liquidating fill: fee and gain of health per lot, lots, fee, its part for the maker."""

    fee_rate: int
    gain: int
    lots: int
    notional: int
    fee: int
    bonus: int


class Takeover(NamedTuple):
    """What others take: lots, what the account loses against the mark, what it gets."""

    lots: int
    loss: int
    quote: int


def zero_loss(of: Standing, position: Lots) -> int:
    """Return the loss per lot at which TAV / MMR stays as it is (§ 5.3)."""
    return of.tav * (position.mmf_ppm * position.mark_value) // of.mmr


def loss_at(position: Lots, offer: Offer) -> int:
    """Return the loss per lot against the mark at a price (§ 5.3)."""
    return position.sign * (position.mark_value - offer.price * offer.multiplier) * PPM


def lots_needed(of: Standing, most: int, gain: int) -> int:
    """Return the least lots that restore health at this gain a lot, or all (§ 5.3 b, § 5.4)."""
    if gain > 0 and most * gain // PPM >= of.shortfall:
        return ceil_divide(of.shortfall * PPM, gain)
    return most


def sale_of(of: Standing, position: Lots, offer: Offer) -> Sale:
    """Return the numbers of a liquidating fill (§ 5.3 b)."""
    loss = loss_at(position, offer)
    room = zero_loss(of, position) - loss
    fee_rate = min(offer.liquidation_ppm * offer.price * offer.multiplier, room)
    gain = position.mmf_ppm * position.mark_value - loss - fee_rate
    lots = lots_needed(of, min(offer.lots, abs(position.size)), gain)
    notional = lots * offer.price * offer.multiplier
    fee = lots * fee_rate // PPM
    bonus = min(fee, notional * offer.bonus_ppm // PPM)
    return Sale(fee_rate, gain, lots, notional, fee, bonus)


def takeover_of(of: Standing, position: Lots, position_mmr: int) -> Takeover:
    """Return how many lots an account gives up, and for what (§ 5.4)."""
    lots = abs(position.size)
    if of.closeout >= 0:
        gain = (position.mmf_ppm - position.cmf_ppm) * position.mark_value
        lots = lots_needed(of, lots, gain)
        loss = ceil_divide(lots * position.cmf_ppm * position.mark_value, PPM)
    else:
        loss = share_of(of, position_mmr)
    return Takeover(lots, loss, position.sign * lots * position.mark_value - loss)


def share_of(of: Standing, position_mmr: int) -> int:
    """Return a position's share of TAV: all of it for the only one (§ 5.4)."""
    if position_mmr == of.mmr:
        return of.tav
    if of.tav >= 0:
        return of.tav * position_mmr // of.mmr
    return -ceil_divide(-of.tav * position_mmr, of.mmr)


def surrender_of(of: Standing, position: Lots, position_mmr: int) -> Takeover:
    """Return what the fund gives up: all lots, at the mark unless it is in debt (§ 5.5)."""
    lots = abs(position.size)
    loss = min(0, share_of(of, position_mmr))
    return Takeover(lots, loss, position.sign * lots * position.mark_value - loss)


class Progress(NamedTuple):
    """How far a deleveraging of `lots` for `quote` has come, of `total` opposite lots (§ 7)."""

    lots: int
    quote: int
    total: int
    visited: int = 0
    closed: int = 0
    paid: int = 0

    def after(self, size: int) -> "Progress":
        """Return where it stands when a counterparty of |position| `size` has been visited."""
        visited = self.visited + size
        closed = visited * self.lots // self.total
        paid = closed * abs(self.quote) // self.lots
        return self._replace(visited=visited, closed=closed, paid=paid if self.quote > 0 else -paid)
