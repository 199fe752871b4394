"""Names of a script for accounts, orders and markets, and the numbers that stand behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from zkperp._generated.constants import FUND_ACCOUNT
from zkperp.script.form import Line

FUND: Final = "fund"
"""The insurance fund's account, which every venue has from its genesis."""


@dataclass
class Names:
    """What a script has named so far. A number stands for itself, whether there is such a thing.

    Attributes:
        markets: the venue's, numbered from 0.
        accounts: by name, the fund's from the start; those of depositors are numbered from 1, as
            the contract does.
        orders: ids of accepted orders by name.
        depositors: accounts that have deposited.
    """

    markets: Sequence[str]
    accounts: dict[str, int] = field(default_factory=lambda: {FUND: FUND_ACCOUNT})
    orders: dict[str, int] = field(default_factory=dict)
    depositors: int = 0

    def market(self, line: Line, name: str | int) -> int:
        """Return a market's number."""
        if isinstance(name, int):
            return name
        if name not in self.markets:
            line.refuse(f"no market {name!r}: {', '.join(self.markets)}")
        return self.markets.index(name)

    def account(self, line: Line, name: str | int) -> int:
        """Return an account's number."""
        if isinstance(name, int):
            return name
        if name not in self.accounts:
            line.refuse(f"no account {name!r}: it has deposited nothing and nobody made it")
        return self.accounts[name]

    def depositor(self, line: Line, name: str | int) -> int:
        """Return a depositor's number, the next one for a name that is new."""
        if isinstance(name, int):
            if name == 0 or name > self.depositors + 1:
                line.refuse(f"account {name} can't be the next depositor")
            self.depositors = max(self.depositors, name)
            return name
        if name not in self.accounts:
            self.depositors += 1
            self.accounts[name] = self.depositors
        return self.accounts[name]

    def order(self, line: Line, name: str | int) -> int:
        """Return an order's id."""
        if isinstance(name, int):
            return name
        if name not in self.orders:
            line.refuse(f"no order {name!r}: none was accepted under this name")
        return self.orders[name]
