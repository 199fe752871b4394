"""Seeded queues of requests from L1, upon venues that trade meanwhile. See README.md.

A door decides which words get into the queue: the contract's, which gives each sender its account,
or the rules' own, which lets in all that commands.md § 8 does not call malformed.
"""

import random
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace

from tests.differential.flows import Flow
from tests.differential.markets import FINE, HEAVY, LEVERED, STEEP, WIDE
from tests.differential.profiles import Profile
from tests.model.commands import Command, Envelope
from tests.model.desk import BTC, ETH, KEY, NO_KEY, NOT_A_KEY, USDC, owner_of, request
from tests.model.margin import sums
from tests.model.rules import Model
from tests.model.state import CONFIG, MONEY, Felts, mark_address
from zkperp._generated.codes import Kind, RequestKind
from zkperp._generated.constants import ACCOUNT_MAX, AMOUNT_MAX, DELTA_MS_MAX, KEYS_MAX, TIME_MAX, P
from zkperp._generated.leaves import ConfigFelt, MarkFelt, MoneyFelt

_FEW = Profile(
    "few",
    oracles=1,
    quorum=1,
    lies=0,
    accounts=6,
    funds=400 * USDC,
    depth=10,
    oracle=40,
    place=60,
    cancel=10,
    amend=10,
    money=0,
    squeezes=0,
    spoiled=0,
)
# Venues that trade between queues: marks that hardly move, that jump, that cover their whole range
# at the least margin, many markets of which most are overdue, time that runs out, and losses beyond
# all margin, so that the fund owes what somebody else may withdraw.
VENUES = (
    replace(_FEW, name="calm"),
    replace(_FEW, name="jumps", move=300_000, lots=9000),
    replace(
        _FEW,
        name="maximum",
        markets=(WIDE, HEAVY, STEEP),
        accounts=3,
        funds=2**50,
        mark=2**25,
        spread=2**26,
        lots=2**32,
        move=2**26,
    ),
    replace(_FEW, name="dust", markets=(FINE, STEEP), funds=5000, mark=990, spread=1, lots=5),
    replace(_FEW, name="markets", markets=(BTC, ETH) * 8, oracle=90),
    replace(_FEW, name="last days", start_ms=TIME_MAX - 50_000),
    replace(
        _FEW,
        name="debts",
        markets=(LEVERED,),
        accounts=3,
        funds=40 * USDC,
        mark=100_000,
        spread=3000,
        lots=3000,
        move=30_000,
        tick=20,
        greedy=80,
        dutiful=95,
    ),
)

LARGEST_OWNER = owner_of(2**160 - 1)


class Door(ABC):
    """Turns what senders want into request words."""

    def __init__(self, rng: random.Random, opened: int) -> None:
        self.rng, self.traders = rng, opened
        self.accounts = {owner_of(account): account for account in range(1, opened + 1)}

    @abstractmethod
    def account_and_owner(self) -> tuple[int, Felts]:
        """Return an account with the sender that asks for it."""

    @abstractmethod
    def deposit(self, account: int, owner: Felts, amount: int) -> Felts:
        """Return a deposit's words."""

    def withdrawal(self, account: int, owner: Felts, amount: int) -> Felts:
        """Return a forced withdrawal's words."""
        return (RequestKind.FORCED_WITHDRAWAL, account, *owner, amount, *[0] * 6)

    def some_sender(self) -> Felts:
        """Return one of the accounts' owners, mostly of those that trade."""
        owners = list(self.accounts)
        return self.rng.choice(owners if self.rng.randrange(4) == 0 else owners[: self.traders])

    def new_sender(self) -> Felts:
        """Return an address."""
        anybody = owner_of(self.rng.randrange(1, 2**160))
        return self.rng.choice((anybody, anybody, anybody, LARGEST_OWNER))

    def key_words(self) -> Felts:
        """Return a key's index and limbs: keys, no keys, and what is no key."""
        rng = self.rng
        index = rng.choice((0, 0, 0, 1, KEYS_MAX - 1, KEYS_MAX, 255, rng.randrange(256)))
        # Of all limbs about half are the encoding of an element.
        anything = tuple(rng.randrange(P) for _ in range(5))
        sparse = tuple(rng.choice((0, 0, 1, P - 1, limb)) for limb in anything)
        limbs = rng.choice(
            (KEY, KEY, NO_KEY, NO_KEY, NOT_A_KEY, (P - 1,) * 5, anything, anything, sparse)
        )
        return (index, *limbs)


class ContractDoor(Door):
    """Admission as the contract does it (batch.md § 4): one account per sender, counted from 1."""

    def account_and_owner(self) -> tuple[int, Felts]:
        """Return an owner's account, now and then a new one."""
        owner = self.new_sender() if self.rng.randrange(20) == 0 else self.some_sender()
        return self.accounts.get(owner, 0), owner

    def deposit(self, account: int, owner: Felts, amount: int) -> Felts:
        """Take at least 1, and open the account that the sender lacks."""
        account = self.accounts.setdefault(owner, len(self.accounts) + 1)
        return (RequestKind.DEPOSIT, account, *owner, max(amount, 1), *self.key_words())


class WideDoor(Door):
    """Admission as the rules ask for it: any account, whoever owns it, and deposits of nothing."""

    def account_and_owner(self) -> tuple[int, Felts]:
        """Return an account with its owner, with another one's, or one that nobody has."""
        rng = self.rng
        owner = self.some_sender()
        account = self.accounts[owner]
        match rng.randrange(8):
            case 0:
                owner = self.some_sender()
            case 1:
                owner = rng.choice((self.new_sender(), (0, 0, 0)))
            case 2:
                unknown = rng.randrange(1, ACCOUNT_MAX + 1)
                account = rng.choice((len(self.accounts) + 1, unknown, ACCOUNT_MAX))
        return account, owner

    def deposit(self, account: int, owner: Felts, amount: int) -> Felts:
        """Take any amount, and remember an account that this may open."""
        if account not in self.accounts.values():
            self.accounts.setdefault(owner, account)
        return (RequestKind.DEPOSIT, account, *owner, amount, *self.key_words())


class Queues:
    """A seeded stream of queues for a model that is given each request."""

    def __init__(self, profile: Profile, seed: int, model: Model, make: type[Door]) -> None:
        self.model = model
        self.rng = random.Random(f"queues {profile.name} {seed}")
        self.flow = Flow(profile, seed, model)
        self.door = make(self.rng, profile.accounts)
        # Deposits of all that an amount can be fill a venue for good: not in every one.
        self.fills = self.rng.randrange(2) == 0

    def opening(self) -> Iterator[Envelope]:
        """Yield the commands that open accounts, and positions and orders in them."""
        profile = self.flow.profile
        for _ in range(profile.accounts + profile.oracles + len(profile.markets) + 60):
            yield self.flow.next()

    def trade(self) -> Iterator[Envelope]:
        """Yield what happens between queues; now and then time, so that ticks are overdue."""
        if self.rng.randrange(15) == 0:
            yield Envelope(min(self.when_overdue(), TIME_MAX), Command(kind=Kind.TIME))
        for _ in range(self.rng.randrange(8)):
            yield self.flow.next()

    def when_overdue(self) -> int:
        """Return when a market is overdue, or the millisecond before; else when all are."""
        state, market = self.model.state, self.flow.some_market()
        tick_max = state.get(CONFIG, ConfigFelt.TICK_MAX_MS)
        soon = state.get(mark_address(market), MarkFelt.TICK_MS) + tick_max + self.rng.randrange(2)
        late = soon if soon >= self.flow.now else self.flow.now + tick_max + 1
        return min(late, self.flow.due)

    def queue(self) -> Iterator[Command]:
        """Yield a queue's requests, each for the state that the one before it leaves."""
        for _ in range(self.rng.choice((1, 1, 2, 2, 3, 4, 5, 6))):
            yield self.request()

    def request(self) -> Command:
        """Return a request that the door lets in."""
        account, owner = self.door.account_and_owner()
        if self.rng.randrange(4) == 0:
            account = self.flow.richest()
            owner = owner_of(account)
        amount = self.amount(account)
        # The contract knows no account of a sender that has not deposited.
        if account == 0 or self.rng.randrange(5) < 2:
            return request(self.door.deposit(account, owner, amount))
        return request(self.door.withdrawal(account, owner, amount))

    def amount(self, account: int) -> int:
        """Return an amount: any, at an end of the range, or around what may be withdrawn."""
        rng, state = self.rng, self.model.state
        free = sums(state, account).initial
        edge = rng.choice((free, state.get(MONEY, MoneyFelt.CUSTODY)))
        near = edge + rng.choice((-1, 0, 1))
        funds = rng.randint(0, self.flow.profile.funds)
        chosen = rng.choice((0, 1, near, near, near, funds, funds, funds, 2 ** rng.randrange(40)))
        if self.fills and rng.randrange(20) == 0:
            chosen = rng.choice((AMOUNT_MAX, AMOUNT_MAX - 1, 2**57, 2**57 - 1))
        return min(max(chosen, 0), AMOUNT_MAX)

    def at_its_time(self, command: Command) -> Envelope:
        """Return a request's envelope: any time that the sequencer may choose without a step."""
        step = self.rng.choice((0, 0, 0, 1, 20, DELTA_MS_MAX))
        return Envelope(min(self.flow.now + step, self.flow.due, TIME_MAX), command)

    def too_soon_or_late(self, command: Command) -> Envelope:
        """Return it at a time that the rules refuse, whatever the command (commands.md § 3)."""
        step = self.rng.choice((-1, -1000, DELTA_MS_MAX + 1, 60_000))
        return Envelope(self.flow.now + step, command)
