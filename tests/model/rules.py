"""The rule book's front door: apply an envelope, seal a batch (docs/spec/commands.md, batch.md)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tests.model import (
    accounts,
    batch,
    clearing,
    conditional_orders,
    deleveraging,
    firing,
    liquidation,
    messages,
    oracles,
    orders,
    pending,
    quotes,
    requests,
    schnorr,
    ticks,
)
from tests.model.commands import (
    Applied,
    Command,
    Envelope,
    Journal,
    Refused,
    RefusedError,
    is_malformed,
    refuse,
)
from tests.model.genesis import Venue, genesis
from tests.model.messages import Hashes
from tests.model.state import (
    CLOCK,
    LOG,
    SCHEDULE,
    Felts,
    State,
    account_address,
    key_address,
)
from tests.model.tree import Tree
from zkperp._generated.codes import Kind
from zkperp._generated.constants import (
    DELTA_MS_MAX,
    FUND_ACCOUNT,
    NONCE_JUMP_MAX,
    TIME_MAX,
    TREE_DEPTH,
)
from zkperp._generated.events import EventType
from zkperp._generated.leaves import (
    AccountFelt,
    ClockFelt,
    KeyFelt,
    LogFelt,
    ScheduleFelt,
)
from zkperp._generated.refusals import Refusal

# What takes no risk, and runs while accounts may be unsafe (liquidation.md § 3).
AT_ANY_TIME = (
    Kind.CANCEL,
    Kind.CANCEL_NAMED,
    Kind.CANCEL_ALL,
    Kind.CANCEL_CONDITIONAL,
    Kind.SET_DEADLINE,
)
# (public key's five limbs, message hash, signature) -> does it verify?
SignatureRule = Callable[[Felts, Felts, bytes], bool]


def verifies(public_key: Felts, digest: Felts, signature: bytes) -> bool:
    """Say whether a Schnorr signature verifies (signature.md § 3)."""
    key = b"".join(limb.to_bytes(8, "little") for limb in public_key)
    try:
        schnorr.verify(key, digest, signature)
    except schnorr.RefusedError:
        return False
    return True


def check_time(state: State, envelope: Envelope) -> None:
    """Check an envelope's time (commands.md § 3)."""
    delta = envelope.time_ms - state.get(CLOCK, ClockFelt.TIME_MS)
    small = delta <= DELTA_MS_MAX or envelope.command.kind == Kind.TIME
    refuse(Refusal.TIME_BACKWARDS, when=delta < 0)
    refuse(Refusal.TIME_STEP_TOO_LARGE, when=not small)
    refuse(Refusal.MALFORMED, when=envelope.time_ms > TIME_MAX)
    due = state.get(SCHEDULE, ScheduleFelt.FUNDING_DUE_MS)
    refuse(Refusal.FUNDING_DUE, when=envelope.time_ms > due)


@dataclass
class Context:
    """What the rules need to know beside state and command."""

    venue: Venue
    hashes: Hashes
    signature_rule: SignatureRule
    key_rule: requests.KeyRule

    def is_signed(self, state: State, command: Command, public_key: Felts) -> bool:
        """Say whether the command's signature verifies; a proof has said so of proven ones."""
        if command.proven:
            return True
        digest = messages.message_hash(self.hashes, self.venue, state, command)
        return self.signature_rule(public_key, digest, command.signature)


def admit(state: State, context: Context, command: Command, now: int) -> None:
    """Check a user command's form, key, nonce and signature (commands.md § 4)."""
    refuse(Refusal.MALFORMED, when=is_malformed(command))
    status = state.get(account_address(command.account), AccountFelt.STATUS)
    refuse(Refusal.UNKNOWN_ACCOUNT, when=status != 1)
    at = key_address(command.account, command.key)
    public_key = state.leaf(at)[KeyFelt.KEY0 : KeyFelt.KEY4 + 1]
    nonce = state.get(at, KeyFelt.NONCE)
    refuse(Refusal.UNKNOWN_KEY, when=not any(public_key))
    expired = command.valid_until_ms <= now and not command.proven
    refuse(Refusal.MESSAGE_EXPIRED, when=expired)
    refuse(Refusal.NONCE_USED, when=command.nonce <= nonce)
    too_far = command.nonce > nonce + NONCE_JUMP_MAX and command.kind != Kind.BURN_NONCE
    refuse(Refusal.NONCE_TOO_FAR, when=too_far)
    refuse(Refusal.BAD_SIGNATURE, when=not context.is_signed(state, command, public_key))
    state.put(at, KeyFelt.NONCE, command.nonce)


def burn_nonce(journal: Journal, command: Command) -> Felts:
    """Report a nonce that admission has used (commands.md § 5)."""
    journal.emit(EventType.NONCE_BURNED, command.account, command.key, command.nonce)
    return (0, command.nonce, 0, 0)


def execute(state: State, journal: Journal, context: Context, envelope: Envelope) -> Felts:
    """Check and execute a command; return its outcome (commands.md § 3-8, § 11; prices.md).

    Raises:
        RefusedError: with the first check that fails.
    """
    now, command = envelope.time_ms, envelope.command
    if command.kind == Kind.FUND:
        return ticks.fund(state, journal, now)
    check_time(state, envelope)
    state.put(CLOCK, ClockFelt.TIME_MS, now)
    match command.kind:
        case Kind.TIME:
            return (0, now, 0, 0)
        case Kind.REQUEST:
            return requests.request(state, journal, command, now, context.key_rule)
        case Kind.ORACLE_REPORT:
            refuse(Refusal.MALFORMED, when=is_malformed(command))
            return oracles.oracle_report(
                state, journal, command, now, partial(context.is_signed, state, command)
            )
        case Kind.TICK | Kind.SWEEP | Kind.LIQUIDATE | Kind.DELEVERAGE | Kind.TRIGGER:
            refuse(Refusal.MALFORMED, when=is_malformed(command))
            return execute_duty(state, journal, command, now)
    admit(state, context, command, now)
    return execute_user(state, journal, command, now)


def execute_duty(state: State, journal: Journal, command: Command, now: int) -> Felts:
    """Execute what the sequencer owes: ticks, and care for accounts that are not safe."""
    if command.kind == Kind.TICK:
        return ticks.tick(state, journal, command.market, now)
    if command.kind == Kind.SWEEP:
        return pending.sweep(state, journal)
    if command.kind == Kind.LIQUIDATE:
        return liquidation.liquidate(state, journal, now)
    if command.kind == Kind.TRIGGER:
        return firing.trigger(state, journal, now)
    return deleveraging.deleverage(state, journal, command.account)


def execute_user(state: State, journal: Journal, command: Command, now: int) -> Felts:
    """Execute an admitted user command (commands.md § 5, § 6, § 11; orders.md)."""
    if command.kind == Kind.BURN_NONCE:
        return burn_nonce(journal, command)
    untimed = {
        Kind.CANCEL: orders.cancel,
        Kind.CANCEL_NAMED: orders.cancel_named,
        Kind.CANCEL_CONDITIONAL: conditional_orders.cancel_conditional,
        Kind.CREATE_ACCOUNT: accounts.create_account,
    }
    timed = {
        Kind.PLACE: orders.place,
        Kind.AMEND: orders.amend,
        Kind.WITHDRAW: requests.withdraw,
        Kind.TRANSFER: accounts.transfer,
        Kind.SET_LEVERAGE: accounts.set_leverage,
        Kind.CANCEL_ALL: clearing.cancel_all,
        Kind.SET_DEADLINE: clearing.set_deadline,
        Kind.QUOTE: quotes.quote,
        Kind.PLACE_CONDITIONAL: conditional_orders.place_conditional,
    }
    kind = Kind(command.kind)
    if kind not in AT_ANY_TIME:
        pending.refuse_risk(state)
    takes_out = kind in (Kind.WITHDRAW, Kind.CREATE_ACCOUNT, Kind.TRANSFER)
    refuse(Refusal.FUND_LOCKED, when=takes_out and command.account == FUND_ACCOUNT)
    if kind in untimed:
        return untimed[kind](state, journal, command)
    return timed[kind](state, journal, command, now)


class Model:
    """A venue: its state, its tree, and the batch in progress."""

    def __init__(
        self,
        state: State,
        venue: Venue,
        *,
        hashes: Hashes | None = None,
        signature_rule: SignatureRule = verifies,
        key_rule: requests.KeyRule = requests.is_public_key,
    ) -> None:
        self.state = state
        self.context = Context(venue, hashes or Hashes(), signature_rule, key_rule)
        self.tree = Tree(TREE_DEPTH, self.context.hashes.compress)
        self.tree.update(state.leaves)
        self.unsealed: set[int] = set()
        self.open = batch.OpenBatch.start(state)

    @classmethod
    def genesis(
        cls,
        venue: Venue,
        *,
        hashes: Hashes | None = None,
        signature_rule: SignatureRule = verifies,
        key_rule: requests.KeyRule = requests.is_public_key,
    ) -> "Model":
        """Return a venue in its first state (state.md § 9)."""
        return cls(
            genesis(venue),
            venue,
            hashes=hashes,
            signature_rule=signature_rule,
            key_rule=key_rule,
        )

    @property
    def root(self) -> Felts:
        """The root of the last sealed state."""
        return self.tree.root

    def apply(self, envelope: Envelope) -> Applied | Refused:
        """Apply a command, or refuse it and change nothing (commands.md)."""
        state, command = self.state, envelope.command
        journal = Journal()
        time_before = state.get(CLOCK, ClockFelt.TIME_MS)
        nonce_before = state.get(key_address(command.account, command.key), KeyFelt.NONCE)
        try:
            outcome = execute(state, journal, self.context, envelope)
        except RefusedError as refused:
            state.rollback()
            return Refused(refused.code)
        record = batch.encode(
            envelope, time_before=time_before, nonce_before=nonce_before, outcome=outcome
        )
        self.log(command, outcome)
        touched = tuple(state.commit())
        self.unsealed |= {leaf.address for leaf in touched}
        applied = Applied(
            tuple(journal.events), outcome, touched, record, tuple(journal.withdrawals)
        )
        self.open.add(command, applied)
        return applied

    def log(self, command: Command, outcome: Felts) -> None:
        """Extend the log (commands.md § 9).

        Of a proven command the hash is not known: the chain's end is published (batch.md § 1).
        """
        if command.proven:
            commands = self.state.get(LOG, LogFelt.COMMANDS)
            self.state.put(LOG, LogFelt.COMMANDS, commands + 1)
        else:
            context = self.context
            digest = messages.message_hash(context.hashes, context.venue, self.state, command)
            messages.extend_log(context.hashes, self.state, digest, outcome)

    def seal(self) -> batch.Sealed:
        """Close the batch: count it, hash the tree, return its public words (batch.md § 1, § 3).

        Raises:
            ValueError: the batch has no command.
        """
        if self.open.commands == 0:
            message = "a batch has at least one command"
            raise ValueError(message)
        state, old_root = self.state, self.root
        number = state.get(CLOCK, ClockFelt.BATCH_NUMBER)
        state.put(CLOCK, ClockFelt.BATCH_NUMBER, number + 1)
        changed = self.unsealed | {leaf.address for leaf in state.commit()}
        self.tree.update({address: state.leaf(address) for address in changed})
        sealed = batch.Sealed(old_root, self.root, self.open.output(self.context.venue, state))
        self.unsealed.clear()
        self.open = batch.OpenBatch.start(state)
        return sealed
