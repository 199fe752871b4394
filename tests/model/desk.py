"""A venue to send commands to, one line a command, with all invariants checked after each.

For tests: nonces follow by themselves, signatures are not computed but said to be good (which
commands.md § 4.7 allows), and the hash is the native one.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from tests.model import books, forms, invariants
from tests.model.commands import (
    UNSIGNED_KINDS,
    Applied,
    Command,
    Entry,
    Envelope,
    Event,
    QuoteEntry,
    Refused,
)
from tests.model.duties import duty
from tests.model.genesis import Market, Venue
from tests.model.margin import collateral_of, size_of
from tests.model.messages import Hashes, address_words
from tests.model.orders import RESTING
from tests.model.pending import pending_markets
from tests.model.position_sums import Tier
from tests.model.rules import Model
from tests.model.state import (
    CLOCK,
    SCHEDULE,
    Felts,
    Leaf,
    key_address,
    level_address,
    mark_address,
    order_address,
)
from zkperp import _native
from zkperp._generated.codes import Kind, OrderType, RequestKind, Side
from zkperp._generated.events import EventType
from zkperp._generated.leaves import (
    ClockFelt,
    KeyFelt,
    LevelFelt,
    MarkFelt,
    OrderFelt,
    ScheduleFelt,
)

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


def market_of(tiers: tuple[tuple[int, ...], ...] = (), /, **numbers: int) -> Market:
    """Return a market of which only what matters is said."""
    limits = {
        "multiplier": 1,
        "price_max": 2**24 - 1,
        "lots_max": 2**28,
        "lots_min": 1,
        "taker_ppm": 500,
        "maker_ppm": -100,
        "oi_max": 2**56,
        "impact_quote": 10**9,
        # Wide enough for tests that are about something else.
        "band_ppm": 10**6,
        "interest_ppm": 100,
        "clamp_ppm": 500,
        "rate_max_ppm": 40_000,
        "liquidation_ppm": 5000,
        "bonus_ppm": 1000,
    } | numbers
    rows = tiers or ((limits["lots_max"], 100_000, 60_000, 40_000),)
    return Market(**limits, tiers=tuple(Tier(*row) for row in rows))


BTC = market_of()
ETH = market_of(maker_ppm=100)


def told(public_key: Felts, digest: Felts, signature: bytes) -> bool:
    """Say whether the caller says that the signature verifies."""
    assert any(public_key)
    assert len(digest) == 4
    return signature == GOOD


def owner_of(account: int) -> Felts:
    """Return the L1 address that a desk's account belongs to."""
    return address_words(account.to_bytes(20, "big"))


def oracle_key(number: int) -> Felts:
    """Return the key of an oracle; signatures are only said to be good, so any limbs do."""
    return (4 + number, 0, 0, 0, 0)


def venue_of(*markets: Market, oracles: int = 1, fund_key: Felts = NO_KEY, **numbers: int) -> Venue:
    """Return a venue with these markets; by default one oracle is believed."""
    limits = {
        "chain_id": 31337,
        "start_time_ms": START_MS,
        "staleness_ms": 10_000,
        "tick_max_ms": 10_000,
        "quorum": 1,
        "deviation_ppm": 5000,
        "basis_cap_ppm": 5000,
        "basis_window_ms": 300_000,
    } | numbers
    return Venue(
        **limits,
        rollup=address_words(bytes(range(20))),
        oracle_keys=tuple(oracle_key(number) for number in range(oracles)),
        fund_key=fund_key,
        markets=markets or (BTC, ETH),
    )


# Compares an answer with its own.
Shadow = Callable[[Envelope, Applied | Refused], None]
MakeShadow = Callable[[Venue], Shadow]


class Desk:
    """A model and the clock of the one who sends commands to it."""

    # Other writers, to be given every command too; see tests/differential/test_scripts.py.
    shadows: ClassVar[list[MakeShadow]] = []

    def __init__(
        self, *markets: Market, oracles: int = 1, fund_key: Felts = NO_KEY, **numbers: int
    ) -> None:
        self.venue = venue_of(*markets, oracles=oracles, fund_key=fund_key, **numbers)
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
        return command_of(kind, **valid | {"account": account} | fields)

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
        rests = order_type in RESTING
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

    def quote(
        self,
        account: int,
        *entries: QuoteEntry,
        order_type: OrderType = OrderType.POST_ONLY,
        **fields: int,
    ) -> Command:
        """Return a mass quote, with an expiry far away."""
        numbers: dict[str, int] = {"order_type": order_type, "expiry_ms": self.now + 10**6}
        return replace(self.user(Kind.QUOTE, account, **numbers | fields), quotes=entries)

    def report(self, market: int, *prices: int) -> None:
        """Let oracle k say the k-th of these prices."""
        for key, ticks in enumerate(prices):
            self.accept(oracle(market, ticks, self.now + self.step_ms, key=key))

    def tick(self, market: int) -> Applied:
        """Give a market a new mark, a millisecond later than its last at least."""
        last = self.leaf(mark_address(market))[MarkFelt.TICK_MS]
        return self.accept(
            command_of(Kind.TICK, market=market), at=max(self.now + self.step_ms, last + 1)
        )

    def price(self, market: int, ticks: int) -> Applied:
        """Let all oracles say one price, and make it the index."""
        step, self.step_ms = self.step_ms, max(1, self.step_ms)
        self.report(market, *[ticks] * len(self.venue.oracle_keys))
        result = self.tick(market)
        self.step_ms = step
        return result

    def sweep(self) -> list[Applied]:
        """Look at all crossed triggers."""
        done = []
        while pending_markets(self.model.state) != 0:
            done.append(self.accept(command_of(Kind.SWEEP)))
        return done

    def care(self) -> list[Applied]:
        """Do all that the sequencer owes, until risk may be taken again."""
        done = []
        while (owed := duty(self.model.state)) is not None:
            done.append(self.accept(owed))
        return done

    def deposit(self, account: int, amount: int) -> Applied:
        """Credit an account and give it a key."""
        return self.accept(deposit(account, amount))

    def later(self, milliseconds: int) -> None:
        """Let time pass, with all funding that is due meanwhile."""
        until = self.now + milliseconds
        while until > self.due:
            self.fund()
        self.accept(command_of(Kind.TIME), at=until)

    @property
    def due(self) -> int:
        """When funding is next due."""
        return self.model.state.get(SCHEDULE, ScheduleFelt.FUNDING_DUE_MS)

    def fund(self) -> Applied:
        """Let time pass until funding is due, and fund."""
        return self.accept(command_of(Kind.FUND), at=self.due)

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


def command_of(kind: int, signature: bytes = GOOD, /, **numbers: int) -> Command:
    """Return a command, with a good signature where one is due."""
    fields: dict[str, Any] = dict(numbers)
    return Command(kind=kind, signature=b"" if kind in UNSIGNED_KINDS else signature, **fields)


def report_of(key: int, timestamp_ms: int, *entries: tuple[int, int]) -> Command:
    """Return an oracle's report: markets with their prices."""
    listed = tuple(Entry(*entry) for entry in entries)
    command = command_of(Kind.ORACLE_REPORT, key=key, timestamp_ms=timestamp_ms)
    return replace(command, entries=listed)


def oracle(market: int, ticks: int, timestamp_ms: int, *, key: int = 0) -> Command:
    """Return an oracle's report of one price."""
    return report_of(key, timestamp_ms, (market, ticks))


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
