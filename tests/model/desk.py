"""A venue to send commands to, one line a command, with all invariants checked after each.

For tests: nonces follow by themselves, signatures are not computed but said to be good (which
commands.md § 4.7 allows), and the hash is the native one.
"""

from collections.abc import Callable
from typing import ClassVar

from tests.model import books, forms, invariants
from tests.model.commands import Applied, Command, Envelope, Event, Refused
from tests.model.margin import collateral_of, size_of
from tests.model.messages import Hashes, address_words
from tests.model.rules import Model
from tests.model.state import (
    CLOCK,
    Felts,
    Leaf,
    Market,
    Venue,
    key_address,
    level_address,
    order_address,
)
from zkperp import _native
from zkperp._generated.codes import Kind, OrderType, RequestKind, Side
from zkperp._generated.events import EventType
from zkperp._generated.leaves import ClockFelt, KeyFelt, LevelFelt, OrderFelt

NATIVE = Hashes(_native.poseidon2_compress, _native.poseidon2_sponge)
GOOD = b"\x01"
BAD = b"\x00"
# The generator's encoding: a public key like any other (signature.md § 1).
KEY: Felts = (4, 0, 0, 0, 0)
NO_KEY: Felts = (0, 0, 0, 0, 0)
# Encodes no element of the group.
NOT_A_KEY: Felts = (1, 0, 0, 0, 0)
START_MS = 1_700_000_000_000
USDC = 10**6
BTC = Market(1, 100_000, 500, -100, 2**24 - 1, 2**28)
ETH = Market(1, 100_000, 500, 100, 2**24 - 1, 2**28)


def told(public_key: Felts, digest: Felts, signature: bytes) -> bool:
    """Say whether the caller says that the signature verifies."""
    assert any(public_key)
    assert len(digest) == 4
    return signature == GOOD


def owner_of(account: int) -> Felts:
    """Return the L1 address that a desk's account belongs to."""
    return address_words(account.to_bytes(20, "big"))


def venue_of(*markets: Market, staleness_ms: int = 10_000) -> Venue:
    """Return a venue with these markets."""
    rollup = address_words(bytes(range(20)))
    return Venue(31337, rollup, START_MS, staleness_ms, KEY, markets or (BTC, ETH))


# Compares an answer with its own.
Shadow = Callable[[Envelope, Applied | Refused], None]
MakeShadow = Callable[[Venue], Shadow]


class Desk:
    """A model and the clock of the one who sends commands to it."""

    # Other writers, to be given every command too; see tests/differential/test_scripts.py.
    shadows: ClassVar[list[MakeShadow]] = []

    def __init__(self, *markets: Market, staleness_ms: int = 10_000) -> None:
        self.venue = venue_of(*markets, staleness_ms=staleness_ms)
        self.model = Model.genesis(self.venue, hashes=NATIVE, signature_rule=told)
        self.step_ms = 1
        # Off where a test has brought about by hand what no command would.
        self.checked = True
        self.beside = [shadow(self.venue) for shadow in self.shadows]

    @property
    def now(self) -> int:
        """Program time."""
        return self.model.state.get(CLOCK, ClockFelt.TIME_MS)

    def send(self, command: Command, *, at: int | None = None) -> Applied | Refused:
        """Send a command, a little later than the last one; check all that must hold after it."""
        envelope = Envelope(self.now + self.step_ms if at is None else at, command)
        if not self.checked:
            return self.apply(envelope)
        before = dict(self.model.state.leaves)
        result = self.apply(envelope)
        if isinstance(result, Refused):
            assert self.model.state.leaves == before
        else:
            check_touched(before, self.model.state.leaves, result)
        invariants.check(self.model.state)
        return result

    def apply(self, envelope: Envelope) -> Applied | Refused:
        """Apply an envelope, in the shadow too."""
        result = self.model.apply(envelope)
        for compare in self.beside:
            compare(envelope, result)
        return result

    def accept(self, command: Command, *, at: int | None = None) -> Applied:
        """Send a command that must be accepted."""
        result = self.send(command, at=at)
        assert isinstance(result, Applied), result
        return result

    def user(self, kind: Kind, account: int, **fields: int) -> Command:
        """Return a user's command with the next nonce, well signed."""
        key = fields.get("key", 0)
        nonce = self.model.state.get(key_address(account, key), KeyFelt.NONCE) + 1
        valid = {"nonce": nonce, "valid_until_ms": min(self.now + 10**6, 2**44 - 1)}
        return command_of(kind, GOOD, **valid | {"account": account} | fields)

    def order(
        self,
        account: int,
        side: Side,
        price: int,
        lots: int,
        order_type: OrderType = OrderType.GTT,
        **fields: int,
    ) -> Command:
        """Return a placement, with an expiry far away where one is due."""
        rests = order_type in (OrderType.GTT, OrderType.POST_ONLY)
        numbers: dict[str, int] = {
            "price_ticks": price,
            "lots": lots,
            "side": side,
            "order_type": order_type,
            "expiry_ms": self.now + 10**6 if rests else 0,
        }
        return self.user(Kind.PLACE, account, **numbers | fields)

    def place(
        self,
        account: int,
        side: Side,
        price: int,
        lots: int,
        order_type: OrderType = OrderType.GTT,
        **fields: int,
    ) -> Applied:
        """Place an order that must be accepted."""
        return self.accept(self.order(account, side, price, lots, order_type, **fields))

    def price(self, market: int, ticks: int) -> Applied:
        """Set a mark."""
        return self.accept(oracle(market, ticks, self.now + self.step_ms))

    def deposit(self, account: int, amount: int) -> Applied:
        """Credit an account and give it a key."""
        return self.accept(deposit(account, amount))

    def later(self, milliseconds: int) -> None:
        """Let time pass."""
        self.accept(command_of(Kind.TIME), at=self.now + milliseconds)

    def size(self, account: int, market: int = 0) -> int:
        """Return a position."""
        return size_of(self.model.state, account, market)

    def cash(self, account: int) -> int:
        """Return an account's collateral."""
        return collateral_of(self.model.state, account)

    def leaf(self, address: int) -> Leaf:
        """Return a leaf."""
        return self.model.state.leaf(address)

    def set(self, address: int, field: int, value: int) -> None:
        """Bring about what would take too long by commands; no shadow can follow."""
        self.beside.clear()
        self.model.state.put(address, field, value)
        self.model.state.commit()


def command_of(kind: int, signature: bytes = GOOD, **fields: int) -> Command:
    """Return a command with a good signature."""
    return Command(
        kind=kind,
        signature=signature,
        key=fields.get("key", 0),
        market=fields.get("market", 0),
        side=fields.get("side", 0),
        order_type=fields.get("order_type", 0),
        account=fields.get("account", 0),
        nonce=fields.get("nonce", 0),
        valid_until_ms=fields.get("valid_until_ms", 0),
        price_ticks=fields.get("price_ticks", 0),
        lots=fields.get("lots", 0),
        expiry_ms=fields.get("expiry_ms", 0),
        order_id=fields.get("order_id", 0),
        amount=fields.get("amount", 0),
        timestamp_ms=fields.get("timestamp_ms", 0),
    )


def oracle(market: int, ticks: int, timestamp_ms: int, **fields: int) -> Command:
    """Return an oracle's price."""
    numbers = {"market": market, "price_ticks": ticks, "timestamp_ms": timestamp_ms}
    return command_of(Kind.ORACLE_PRICE, GOOD, **numbers | fields)


def request(words: Felts, number: int | None = None) -> Command:
    """Return a request by its words."""
    return Command(kind=Kind.REQUEST, words=words, number=number)


def deposit(
    account: int,
    amount: int,
    *,
    owner: Felts | None = None,
    key: int = 0,
    public_key: Felts = KEY,
) -> Command:
    """Return a deposit."""
    owner = owner or owner_of(account)
    return request((RequestKind.DEPOSIT, account, *owner, amount, key, *public_key))


def forced(account: int, amount: int, *, owner: Felts | None = None) -> Command:
    """Return a forced withdrawal."""
    owner = owner or owner_of(account)
    return request((RequestKind.FORCED_WITHDRAWAL, account, *owner, amount, *[0] * 6))


def events(result: Applied, event: EventType) -> list[tuple[int, ...]]:
    """Return the fields of a command's events of one type."""
    return [found.values for found in result.events if found.type == event]


def check_touched(before: dict[int, Leaf], after: dict[int, Leaf], result: Applied) -> None:
    """Touched leaves are all that differ, with both their values (state.md § 2)."""
    differ = {at for at in {*before, *after} if before.get(at) != after.get(at)}
    assert [leaf.address for leaf in result.touched] == sorted(differ)
    assert all(leaf.old == before.get(leaf.address, (0,) * 8) for leaf in result.touched)
    assert all(leaf.new == after.get(leaf.address, (0,) * 8) for leaf in result.touched)
    assert all(isinstance(event, Event) for event in result.events)
    assert all(0 <= word < 2**63 for word in result.record)
    forms.result_json(result)


def book(desk: Desk, market: int, side: Side) -> list[tuple[int, int, int]]:
    """Return a side's resting orders, first in line first: price, order id, lots."""
    state, found = desk.model.state, []
    which = books.book_of(market, side)
    level = books.best_level(state, which)
    while level is not None:
        leaf = state.leaf(level_address(level))
        slot = leaf[LevelFelt.FIRST]
        while slot != 0:
            order = state.leaf(order_address(slot))
            price = books.sort_key(side, leaf[LevelFelt.KEY])
            found.append((price, order[OrderFelt.ORDER_ID], order[OrderFelt.LOTS]))
            slot = order[OrderFelt.NEXT]
        after = leaf[LevelFelt.NEXT]
        level = None if after == books.tail_of(which) else after
    return found
