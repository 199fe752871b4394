"""What each action of a script sends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from zkperp._generated.codes import AccountType, RequestKind
from zkperp._generated.constants import REQUEST_WORDS, SUB_ACCOUNT_FIRST
from zkperp.script import conditional, orders
from zkperp.script.form import Line, micro_of
from zkperp.script.result import Result
from zkperp.script.session import Session

_OWNER_BYTES: Final = (0, 7, 14, 20)
"""Where the limbs of an L1 address begin and end (docs/spec/batch.md § 1)."""

_AMOUNT_WORD: Final = 5
_ACCOUNT_END: Final = 1 << 32


def _micro(line: Line) -> int:
    amount = micro_of(line.fields["usdc"])
    if amount is None:
        message = "Invariant: amounts are read before"
        raise AssertionError(message)
    return amount


def _venue(_session: Session, line: Line) -> Result:
    return Result(line)


def _deposit(session: Session, line: Line) -> Result:
    account = session.names.depositor(line, line.fields["account"])
    if account >= SUB_ACCOUNT_FIRST:
        line.refuse("a sub-account gets its money by transfer, not by a deposit")
    words = session.desk.deposit_words(account, session.owner(account), 0)
    words[_AMOUNT_WORD] = _micro(line)
    return Result(line, [session.request(words)])


def _request_withdrawal(session: Session, line: Line) -> Result:
    account = session.names.account(line, line.fields["account"])
    if not 0 < account < SUB_ACCOUNT_FIRST:
        line.refuse("only accounts of depositors can ask on L1")
    owner = session.owner(account)
    limbs = [int.from_bytes(owner[a:b], "big") for a, b in pairwise(_OWNER_BYTES)]
    words = [RequestKind.FORCED_WITHDRAWAL, account, *limbs, _micro(line)]
    words += [0] * (REQUEST_WORDS - len(words))
    return Result(line, [session.request(words)])


def _entries(session: Session, line: Line) -> list[dict[str, Any]]:
    prices = line.fields["prices"].items()
    named = [(session.names.market(line, _number_or_name(name)), price) for name, price in prices]
    return [{"market": market, "price_ticks": price} for market, price in sorted(named)]


def _number_or_name(name: str) -> str | int:
    return int(name) if name.isascii() and name.isdecimal() and len(name) < 10 else name


def _reports(session: Session, line: Line) -> Iterator[dict[str, Any]]:
    keys = line.fields.get("keys", range(len(session.venue.genesis["oracle_keys"])))
    timestamp_ms = max(0, session.now_ms - line.fields.get("age_ms", 0))
    entries = _entries(session, line)
    for key in keys:
        yield session.send(
            {"kind": "oracle_report", "key": key, "timestamp_ms": timestamp_ms, "entries": entries}
        )


def _report(session: Session, line: Line) -> Result:
    return Result(line, list(_reports(session, line)))


def _tick(session: Session, line: Line) -> Result:
    market = session.names.market(line, line.fields["market"])
    return Result(line, [session.send({"kind": "tick", "market": market})])


def _prices(session: Session, line: Line) -> Result:
    sent = list(_reports(session, line))
    for entry in _entries(session, line):
        sent.append(session.send({"kind": "tick", "market": entry["market"]}))
        # Until it is done with those whom it made due and with its stops, no other market ticks.
        sent += session.reach()
    return Result(line, sent)


def _fund(session: Session, line: Line) -> Result:
    return Result(line, [session.send({"kind": "fund"})])


def _sweep(session: Session, line: Line) -> Result:
    return Result(line, [session.send({"kind": "sweep"})])


def _liquidate(session: Session, line: Line) -> Result:
    return Result(line, [session.send({"kind": "liquidate"})])


def _deleverage(session: Session, line: Line) -> Result:
    account = session.names.account(line, line.fields["account"])
    return Result(line, [session.send({"kind": "deleverage", "account": account})])


def _trigger(session: Session, line: Line) -> Result:
    return Result(line, [session.send({"kind": "trigger"})])


def _time(session: Session, line: Line) -> Result:
    before = session.now_ms
    session.now_ms = max(0, before + line.fields["ms"])
    sent = session.send({"kind": "time"})
    if sent["refusal"] is not None:
        session.now_ms = before
    return Result(line, [sent])


def _liquidate_all(session: Session, line: Line) -> Result:
    return Result(line, session.reach())


def _wait(session: Session, line: Line) -> Result:
    session.now_ms += line.fields["ms"]
    return Result(line, session.reach())


def _withdraw(session: Session, line: Line) -> Result:
    return Result(line, [session.user(line, "withdraw", amount=_micro(line))])


def _burn_nonce(session: Session, line: Line) -> Result:
    return Result(line, [session.user(line, "burn_nonce")])


def _create_account(session: Session, line: Line) -> Result:
    market, kind = 0, AccountType.CROSS
    if "market" in line.fields:
        market = session.names.market(line, line.fields["market"])
        kind = AccountType.ISOLATED
    sent = session.user(line, "create_account", type=kind, market=market)
    if "as" in line.fields and sent["refusal"] is None:
        session.names.accounts[line.fields["as"]] = sent["created"]
    return Result(line, [sent])


def _transfer(session: Session, line: Line) -> Result:
    to = session.names.account(line, line.fields["to"])
    return Result(line, [session.user(line, "transfer", to=to, amount=_micro(line))])


def _set_leverage(session: Session, line: Line) -> Result:
    market = session.names.market(line, line.fields["market"])
    imf_ppm = line.fields["imf_ppm"]
    return Result(line, [session.user(line, "set_leverage", market=market, imf_ppm=imf_ppm)])


def _show(session: Session, line: Line) -> Result:
    number = session.names.account(line, line.fields["account"])
    text = session.desk.account(number) if number < _ACCOUNT_END else None
    if text is None:
        line.refuse(f"no account {number}")
    return Result(line, account=json.loads(text))


def _seal(session: Session, line: Line) -> Result:
    if not session.is_open:
        line.refuse("no command was accepted since the last seal")
    return Result(line, batch=session.seal())


ACTIONS: Final[Mapping[str, Callable[[Session, Line], Result]]] = {
    "venue": _venue,
    "deposit": _deposit,
    "request_withdrawal": _request_withdrawal,
    "report": _report,
    "tick": _tick,
    "prices": _prices,
    "fund": _fund,
    "sweep": _sweep,
    "liquidate": _liquidate,
    "deleverage": _deleverage,
    "trigger": _trigger,
    "liquidate_all": _liquidate_all,
    "time": _time,
    "wait": _wait,
    "place": orders.place,
    "cancel": orders.cancel,
    "amend": orders.amend,
    "cancel_named": orders.cancel_named,
    "cancel_all": orders.cancel_all,
    "set_deadline": orders.set_deadline,
    "quote": orders.quote,
    "place_conditional": conditional.place,
    "cancel_conditional": conditional.cancel,
    "withdraw": _withdraw,
    "burn_nonce": _burn_nonce,
    "create_account": _create_account,
    "transfer": _transfer,
    "set_leverage": _set_leverage,
    "show": _show,
    "seal": _seal,
}
