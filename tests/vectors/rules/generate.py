"""Writes the scenarios from the tables scenario_01.py to scenario_05.py; see README.md.

python -m tests.vectors.rules.generate
"""

import json
from pathlib import Path
from typing import Any, Protocol

from tests.model import forms, invariants, poseidon2, schnorr
from tests.model.commands import Refused
from tests.model.margin import collateral_of
from tests.model.rules import Model
from tests.model.tree import Tree
from tests.vectors.rules import scenario_01 as table
from tests.vectors.rules import scenario_02, scenario_03, scenario_04, scenario_05
from tests.vectors.rules.scenario_01 import Step
from zkperp._generated.codes import Kind, RequestKind
from zkperp._generated.constants import (
    ACCOUNT_BASE,
    ACCOUNT_STRIDE,
    DOMAIN_LOG,
    DOMAIN_MESSAGE,
    DOMAIN_ORACLE,
    DOMAIN_QUOTE,
    DOMAIN_REQUEST,
    FORMAT_VERSION,
    LEVEL_BASE,
    MARKET_BASE,
    MARKET_STRIDE,
    ORDER_BASE,
    TREE_DEPTH,
)
from zkperp._generated.events import EVENT_FIELDS, EventType

HERE = Path(__file__).parent
P = poseidon2.P
Felts = tuple[int, ...]
Markets = tuple[dict[str, Any], ...]

# The first oracle, alone in scenario 1, has the name without a number.
ORACLES = ("oracle", "oracle 1", "oracle 2")
SECRETS = {name: schnorr.secret_of_seed(name.encode().ljust(32)) for name in (*"1234", *ORACLES)}
KEYS = {name: schnorr.public_key(secret) for name, secret in SECRETS.items()}
SYSTEM = {
    "clock": 0,
    "money": 1,
    "log": 2,
    "config": 3,
    "schedule": 4,
    "conditionals": 7,
    "oracle_key 0": 16,
}
# Leaf 0 is the account, 1 its owner, 2 its key 0, 64 its position in market 0, 65 what is by it.
IN_ACCOUNT = {"account": 0, "owner": 1, "key": 2, "position": 64, "standing": 65}
NO_KEY: Felts = (0,) * 5
# "report m g" is group g of oracle keys, "margin m t" a tier.
IN_MARKET = {
    "market": 0,
    "interest": 1,
    "mark": 2,
    "funding": 3,
    "pricing": 4,
    "report": 8,
    "margin": 16,
    "triggers": 24,
}
# The further words of a command, in the order they are signed.
FIELDS = {
    "cancel": ("order_id",),
    "amend": ("order_id", "price_ticks", "lots"),
    "withdraw": ("amount",),
    "burn_nonce": (),
    "create_account": (),
    "transfer": ("to", "amount"),
    "set_leverage": ("imf_ppm",),
    "cancel_named": ("client_id",),
    "cancel_all": (),
    "set_deadline": ("deadline_ms",),
    "cancel_conditional": ("order_id",),
}


def limbs(key: bytes) -> Felts:
    """Return a key's five coefficients."""
    return tuple(int.from_bytes(key[at : at + 8], "little") for at in range(0, 40, 8))


def address_words(address: bytes) -> Felts:
    """Return an L1 address as three felts."""
    return tuple(int.from_bytes(part) for part in (address[:7], address[7:14], address[14:]))


def leaf_address(name: str) -> int:
    """Return where a leaf of the table lives."""
    if name in SYSTEM:
        return SYSTEM[name]
    kind, *indices = name.split(" ")
    number, within = (int(index) for index in [*indices, "0"][:2])
    if kind in IN_ACCOUNT:
        return ACCOUNT_BASE + ACCOUNT_STRIDE * number + IN_ACCOUNT[kind]
    if kind in IN_MARKET:
        return MARKET_BASE + MARKET_STRIDE * number + IN_MARKET[kind] + within
    return {"level": LEVEL_BASE, "order": ORDER_BASE}[kind] + number


def full(name: str, felts: Felts) -> Felts:
    """Return the eight felts of a leaf of the table."""
    kind, _, index = name.partition(" ")
    if kind == "owner":
        felts = address_words(table.OWNERS[int(index)])
    elif kind == "key":
        felts = (*limbs(KEYS[index]), *felts)
    return tuple(felt % P for felt in (*felts, *[0] * 8)[:8])


def genesis() -> dict[str, Felts]:
    """Return the leaves of the first state."""
    leaves: dict[str, Felts] = {**table.GENESIS, "oracle_key 0": (*limbs(KEYS["oracle"]), 1)}
    for market in range(len(table.MARKETS)):
        for side in (0, 1):
            head, book = 4 * market + 2 * side, 1 + 2 * market + side
            leaves[f"level {head}"] = (book, 0, 0, head + 1)
            leaves[f"level {head + 1}"] = (book, table.TAIL, head, 0)
    return {name: full(name, felts) for name, felts in leaves.items()}


def head_word(command: dict[str, Any]) -> int:
    """Return a command's head."""
    shifts = {"key": 6, "market": 10, "side": 15, "type": 16, "account": 19}
    words = [int(command.get(name, 0)) << shift for name, shift in shifts.items()]
    return int(Kind[command["kind"].upper()]) + sum(words)


def request_words(command: dict[str, Any]) -> Felts:
    """Return a request's twelve words."""
    key = command.get("public_key", "none")
    public = {"none": (0,) * 5, "bad": table.BAD_KEY}.get(key) or limbs(KEYS[key[-1]])
    return (
        int(RequestKind[command["request"].upper()]),
        command["account"],
        *address_words(table.OWNERS[command["account"]]),
        command["amount"],
        command.get("key", 0),
        *public,
    )


def report_words(venue: Felts, command: dict[str, Any], markets: Markets) -> Felts:
    """Return what an oracle signs."""
    entries = [
        entry["price_ticks"]
        + (entry["market"] << 32)
        + (markets[entry["market"]]["multiplier"] << 37)
        for entry in command["entries"]
    ]
    count = len(entries)
    start = (*venue, head_word(command), command["timestamp_ms"], count, 0)
    return (*start, *entries, *[0] * (-count % 4))


def message(command: dict[str, Any], markets: Markets) -> tuple[int, Felts]:
    """Return what is hashed for a command, with its domain; (0, ()) for what nobody signs."""
    venue = (table.CHAIN_ID, *address_words(table.ROLLUP))
    match command["kind"]:
        case "time" | "tick" | "fund" | "sweep" | "liquidate" | "deleverage" | "trigger":
            return 0, ()
        case "request":
            return DOMAIN_REQUEST, request_words(command)
        case "oracle_report":
            return DOMAIN_ORACLE, report_words(venue, command, markets)
    fields, entries = further_words(command), quote_words(command)
    words = (*venue, head_word(command), command["nonce"], command["valid_until_ms"], *fields)
    domain = DOMAIN_QUOTE if command["kind"] == "quote" else DOMAIN_MESSAGE
    return domain, (*words, *[0] * (12 - len(words)), *entries, *[0] * (-len(entries) % 4))


def further_words(command: dict[str, Any]) -> list[int]:
    """Return what a user's message says beside head, nonce and time."""
    if command["kind"] == "place":
        lots = command["lots"] + (command.get("options", 0) << 40)
        return [command["price_ticks"], lots, command["expiry_ms"], command.get("client_id", 0)]
    if command["kind"] == "place_conditional":
        lots = command["lots"] + (command["options"] << 40)
        trigger = command["trigger_ticks"] + (command["condition"] << 32)
        expiry, partner = command["expiry_ms"], command["partner"]
        return [command["price_ticks"], lots, expiry, trigger, partner]
    if command["kind"] == "quote":
        return [command["expiry_ms"], len(command["entries"])]
    return [command[name] for name in FIELDS[command["kind"]]]


def quote_words(command: dict[str, Any]) -> list[int]:
    """Return three words for each entry of a mass quote."""
    if command["kind"] != "quote":
        return []
    return [
        word
        for entry in command["entries"]
        for word in (
            entry["client_id"] + (entry["side"] << 48),
            entry["price_ticks"],
            entry["lots"] + (entry["options"] << 40),
        )
    ]


def words(values: Felts | list[int]) -> list[str]:
    """Return integers the way the vectors hold them."""
    return [str(value) for value in values]


def command_json(
    command: dict[str, Any], markets: Markets, masters: dict[int, int] | None = None
) -> tuple[dict[str, Any], Felts]:
    """Return a command the way the vectors hold it, and its message hash."""
    domain, felts = message(command, markets)
    digest = tuple(poseidon2.sponge(domain, felts)) if felts else (0,) * 4
    out: dict[str, Any] = strings(command)
    if command["kind"] == "request":
        out = {"kind": "request", "words": words(felts)}
    elif domain != 0:
        out["signature"] = schnorr.sign(SECRETS[signer_of(command, masters or {})], digest).hex()
    return out | {"message": words(felts), "message_hash": words(digest)}, digest


def signer_of(command: dict[str, Any], masters: dict[int, int]) -> str:
    """Return who signs a command: an oracle, an account, or a sub-account's master."""
    if "account" not in command:
        return ORACLES[command["key"]]
    return str(masters.get(command["account"], command["account"]))


def strings(value: Any) -> Any:  # noqa: ANN401
    """Return integers within lists and objects the way the vectors hold them."""
    if isinstance(value, dict):
        return {name: strings(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [strings(inner) for inner in value]
    return str(value)


def leaves_json(leaves: dict[str, Felts]) -> list[dict[str, Any]]:
    """Return leaves by ascending address."""
    order = sorted(leaves, key=leaf_address)
    return [
        {"name": name, "addr": str(leaf_address(name)), "leaf": words(leaves[name])}
        for name in order
    ]


def event_json(name: str, values: Felts) -> dict[str, str]:
    """Return an event; signed fields keep their sign."""
    fields = EVENT_FIELDS[EventType[name.upper()]]
    return {"type": name} | dict(zip(fields, words(values), strict=True))


class Scenario:
    """The table, unrolled."""

    def __init__(self) -> None:
        self.state = genesis()
        self.tree = Tree(TREE_DEPTH)
        self.tree.update({leaf_address(name): leaf for name, leaf in self.state.items()})
        self.first_root = self.tree.root
        self.chain: Felts = (0,) * 4
        self.commands = 0
        self.steps: list[dict[str, Any]] = []
        self.sections: dict[str, list[int]] = {"R": [], "W": [], "C": []}

    def write(self, changed: dict[str, Felts]) -> dict[str, Felts]:
        """Write leaves of the table; each must change."""
        leaves = {name: full(name, felts) for name, felts in changed.items()}
        for name, leaf in leaves.items():
            assert self.state.get(name, (0,) * 8) != leaf, name
        self.state |= leaves
        self.tree.update({leaf_address(name): leaf for name, leaf in leaves.items()})
        return leaves

    def add(self, step: Step) -> None:
        """Append a step."""
        command, digest = command_json(step.command, table.MARKETS)
        out = {"name": step.name, "time_ms": str(step.time_ms), "command": command}
        if step.code:
            self.steps.append(out | {"code": str(step.code)})
            return
        self.chain = tuple(poseidon2.sponge(DOMAIN_LOG, (*digest, *step.outcome, *self.chain)))
        self.commands += 1
        changed = self.write(step.changed | {"log": (*self.chain, self.commands)})
        data = [sum(value << shift for value, shift in word) for word in step.data]
        paid = [
            word
            for account, amount in step.withdrawals
            for word in (*address_words(table.OWNERS[account]), amount)
        ]
        if step.command["kind"] == "request":
            self.sections["R"] += request_words(dict(step.command))
        self.sections["W"] += paid
        self.sections["C"] += data
        post = {
            "events": [event_json(name, values) for name, values in step.events],
            "outcome": words(step.outcome),
            "changed": leaves_json(changed),
            "data": words(data),
            "withdrawals": words(paid),
        }
        self.steps.append(out | {"post": post})

    def conserved(self) -> bool:
        """Whether cash, clearing accounts and fees are what is held, and sizes add up to zero."""
        signed = {
            name: [felt - P if felt > P // 2 else felt for felt in leaf]
            for name, leaf in self.state.items()
        }
        cash = sum(leaf[1] for name, leaf in signed.items() if name.startswith("account"))
        sizes = sum(leaf[0] for name, leaf in signed.items() if name.startswith("position"))
        clearing = sum(leaf[2] for name, leaf in signed.items() if name.startswith("interest"))
        custody, fees, *_ = signed.get("money", [0, 0])
        return cash + clearing + fees == custody and sizes == 0

    def seal(self) -> dict[str, Any]:
        """Seal the batch: its public words and the state after it."""
        clock = self.state["clock"]
        self.write({"clock": (clock[0] + 1, *clock[1:])})
        sections = self.sections
        output = [FORMAT_VERSION, table.CHAIN_ID, *address_words(table.ROLLUP), TREE_DEPTH]
        output += [clock[0] + 1, 0, len(sections["R"]) // 12, len(sections["W"]) // 4]
        output += [self.commands, len(sections["C"]), 0, 0, 0, 0, *self.chain, table.T0, clock[1]]
        return {
            "old_root": words(self.first_root),
            "new_root": words(self.tree.root),
            "output": words([*output, *sections["R"], *sections["W"], *sections["C"]]),
            "leaves": leaves_json({name: leaf for name, leaf in self.state.items() if any(leaf)}),
        }


def build() -> dict[str, Any]:
    """Return the whole file."""
    scenario = Scenario()
    first = leaves_json(scenario.state)
    for step in table.STEPS:
        scenario.add(step)
        assert scenario.conserved(), step.name
    venue = {
        "chain_id": str(table.CHAIN_ID),
        "rollup": "0x" + table.ROLLUP.hex(),
        "start_time_ms": str(table.T0),
        **strings(table.VENUE),
        "oracle_keys": [words(limbs(KEYS["oracle"]))],
        "fund_key": words(NO_KEY),
        "markets": strings(list(table.MARKETS)),
    }
    pre = {"venue": venue, "leaves": first, "root": words(scenario.first_root)}
    return {"format": 1, "pre": pre, "steps": scenario.steps, "seal": scenario.seal()}


class Table(Protocol):
    """The table of a scenario that the model plays."""

    CHAIN_ID: int
    ROLLUP: bytes
    T0: int
    VENUE: dict[str, int]
    MARKETS: tuple[dict[str, Any], ...]
    MASTERS: dict[int, int]
    ORACLES: int
    STEPS: list[scenario_02.Step]


def play(model: Model, of: Table, step: scenario_02.Step) -> dict[str, Any]:
    """Return a step with what the model says to it.

    Raises:
        ValueError: that is not what was worked by hand.
    """
    command, _ = command_json(step.command, of.MARKETS, of.MASTERS)
    out = {"name": step.name, "time_ms": str(step.time_ms), "command": command}
    result = model.apply(forms.envelope_of(out))
    invariants.check(model.state)
    json_form = forms.result_json(result)
    if isinstance(result, Refused):
        agrees = result.code == step.code
    else:
        happened = json_form["post"]["events"]
        agrees = step.code == 0 and step.outcome in (None, result.outcome)
        agrees &= all(event_json(*event) in happened for event in step.events)
        agrees &= all(
            collateral_of(model.state, account) == cash for account, cash in step.cash.items()
        )
    if not agrees:
        message = f"{step.name}: {json_form}"
        raise ValueError(message)
    return out | json_form


def build_played(of: Table) -> dict[str, Any]:
    """Return the whole file of a scenario that the model plays."""
    venue = {
        "chain_id": str(of.CHAIN_ID),
        "rollup": "0x" + of.ROLLUP.hex(),
        "start_time_ms": str(of.T0),
        **strings(of.VENUE),
        "oracle_keys": [words(limbs(KEYS[name])) for name in ORACLES[: of.ORACLES]],
        "fund_key": words(NO_KEY),
        "markets": strings(list(of.MARKETS)),
    }
    model = Model.genesis(forms.venue_of(venue))
    pre = {
        "venue": venue,
        "leaves": forms.state_json(model.state.leaves),
        "root": words(model.root),
    }
    steps = [play(model, of, step) for step in of.STEPS]
    sealed = model.seal()
    seal = {name: words(felts) for name, felts in sealed._asdict().items()}
    seal_json = seal | {"leaves": forms.state_json(model.state.leaves)}
    return {"format": 1, "pre": pre, "steps": steps, "seal": seal_json}


def main() -> None:
    """Write the files."""
    tables: dict[str, Table] = {
        "02": scenario_02,
        "03": scenario_03,
        "04": scenario_04,
        "05": scenario_05,
    }
    played = {name: build_played(of) for name, of in tables.items()}
    for name, content in ({"01": build()} | played).items():
        (HERE / f"scenario-{name}.json").write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
