"""Oracle reports (docs/spec/prices.md § 1)."""

from collections.abc import Callable

from tests.model.commands import Command, Journal, refuse
from tests.model.index import Report
from tests.model.state import (
    CONFIG,
    Felts,
    State,
    market_address,
    oracle_key_address,
    report_place,
)
from zkperp._generated.constants import ORACLE_KEYS_MAX
from zkperp._generated.events import EventType
from zkperp._generated.leaves import ConfigFelt, MarketFelt, OracleKeyFelt
from zkperp._generated.refusals import Refusal


def last_report(state: State, market: int, key: int) -> Report:
    """Return what an oracle key last said of a market."""
    at, place = report_place(market, key)
    return Report(*state.leaf(at)[place : place + 2])


def registered_reports(state: State, market: int) -> list[Report]:
    """Return the last report of every registered key: none can be left out (§ 2)."""
    bitmap = state.get(CONFIG, ConfigFelt.ORACLES)
    keys = [key for key in range(ORACLE_KEYS_MAX) if bitmap >> key & 1]
    return [last_report(state, market, key) for key in keys]


def oracle_report(
    state: State, journal: Journal, command: Command, now: int, signed_by: Callable[[Felts], bool]
) -> Felts:
    """Note what a registered oracle key says; marks do not change (§ 1).

    `signed_by` says whether the command's signature verifies under a public key.
    """
    timestamp, key = command.timestamp_ms, command.key
    leaf = state.leaf(oracle_key_address(key))
    refuse(Refusal.UNKNOWN_ORACLE_KEY, when=leaf[OracleKeyFelt.LIVE] != 1)
    public_key = leaf[OracleKeyFelt.KEY0 : OracleKeyFelt.KEY4 + 1]
    refuse(Refusal.BAD_SIGNATURE, when=not signed_by(public_key))
    staleness = state.get(CONFIG, ConfigFelt.STALENESS_MS)
    refuse(Refusal.PRICE_FROM_FUTURE, when=timestamp > now)
    refuse(Refusal.PRICE_TOO_OLD, when=now - timestamp > staleness)
    for market, price in command.entries:
        check_entry(state, market, price, timestamp, key)
    for market, price in command.entries:
        at, place = report_place(market, key)
        state.put(at, place, price)
        state.put(at, place + 1, timestamp)
        journal.emit(EventType.ORACLE_REPORT, key, market, price, timestamp)
    return (0, key, timestamp, len(command.entries))


def check_entry(state: State, market: int, price: int, timestamp: int, key: int) -> None:
    """Check a price of a report (§ 1.6)."""
    leaf = state.leaf(market_address(market))
    refuse(Refusal.UNKNOWN_MARKET, when=leaf[MarketFelt.MULTIPLIER] == 0)
    refuse(Refusal.BAD_PRICE, when=not 1 <= price <= leaf[MarketFelt.PRICE_MAX])
    newest = last_report(state, market, key).time_ms
    refuse(Refusal.PRICE_NOT_NEWER, when=timestamp <= newest)
