"""What an order may ask for beside its type (docs/spec/orders.md § 1)."""

from dataclasses import dataclass

from zkperp._generated.codes import OrderType, SelfTrade
from zkperp._generated.constants import (
    FLAG_POST_ONLY,
    FLAG_REDUCE_ONLY,
    FLAG_SLIDE,
    FLAG_STP,
    FLAG_STP_OWNER,
    FLAGS_CLIENT_ID_SHIFT,
    OPTION_REDUCE_ONLY,
    OPTION_STP,
    OPTION_STP_OWNER,
)

# The types that may rest, and what an order's flags say of its type.
TYPE_FLAGS = {
    OrderType.GTT: 0,
    OrderType.POST_ONLY: FLAG_POST_ONLY,
    OrderType.SLIDE: FLAG_POST_ONLY | FLAG_SLIDE,
}
_STP_MODES = 4


@dataclass(frozen=True)
class Options:
    """Whether an order only reduces, what it does about its own, and its client id (0: none)."""

    reduce_only: bool = False
    stp: SelfTrade = SelfTrade.CANCEL_MAKER
    stp_owner: bool = False
    client_id: int = 0

    @classmethod
    def of(cls, options: int, client_id: int) -> "Options":
        """Return what a placement's options ask for."""
        return cls(
            options & OPTION_REDUCE_ONLY != 0,
            SelfTrade(options // OPTION_STP % _STP_MODES),
            options & OPTION_STP_OWNER != 0,
            client_id,
        )

    @classmethod
    def of_flags(cls, word: int) -> "Options":
        """Return what a resting order keeps of them."""
        client_id, flags = divmod(word, FLAGS_CLIENT_ID_SHIFT)
        return cls(
            flags & FLAG_REDUCE_ONLY != 0,
            SelfTrade(flags // FLAG_STP % _STP_MODES),
            flags & FLAG_STP_OWNER != 0,
            client_id,
        )

    def flags(self, order_type: OrderType) -> int:
        """Return the `flags` felt of an order of this type when it rests."""
        return (
            TYPE_FLAGS[order_type]
            + FLAG_REDUCE_ONLY * self.reduce_only
            + FLAG_STP * self.stp
            + FLAG_STP_OWNER * self.stp_owner
            + FLAGS_CLIENT_ID_SHIFT * self.client_id
        )


NO_OPTIONS = Options()


def resting_type(word: int) -> OrderType:
    """Return the type of a resting order by its `flags` felt."""
    if word & FLAG_SLIDE:
        return OrderType.SLIDE
    return OrderType.POST_ONLY if word & FLAG_POST_ONLY else OrderType.GTT


def client_id_of(word: int) -> int:
    """Return the client id in a resting order's `flags` felt; 0: none."""
    return word // FLAGS_CLIENT_ID_SHIFT
