"""Private keys of L1 accounts: from files and the environment, never from the command line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from zkperp.chain.devnet import devnet_account
from zkperp.errors import InvalidKey
from zkperp.files import why

OPERATOR_VARIABLE: Final = "ZKPERP_OPERATOR_KEY"
"""Holds the operator's key where no file does."""

TRADER_VARIABLE: Final = "ZKPERP_TRADER_KEY"
"""Holds a trader's key where no file does."""

_TRADER_DOMAIN: Final = b"zkperp devnet trader"


def trader_account(seed: int, number: int) -> LocalAccount:
    """Return the L1 key of a development venue's trader: anyone can compute it.

    Args:
        seed: the venue's seed, below 2^64.
        number: the trader's account, from 1.
    """
    material = _TRADER_DOMAIN + seed.to_bytes(8, "big") + number.to_bytes(4, "big")
    account: LocalAccount = Account.from_key(keccak(material))
    return account


def operator_account(key_file: Path | None = None) -> LocalAccount:
    """Return the operator: of the file, the environment, or the local chain's first account."""
    return key_from(key_file, OPERATOR_VARIABLE) or devnet_account(0)


def key_from(key_file: Path | None, variable: str) -> LocalAccount | None:
    """Return the key that a file holds, or an environment variable; None where there is neither.

    Raises:
        InvalidKey: no key can be read there.
    """
    if key_file is not None:
        where = str(key_file)
        try:
            text = key_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            message = f"{key_file}: {why(error)}"
            raise InvalidKey(message) from error
    elif named := os.environ.get(variable):
        where, text = variable, named
    else:
        return None
    try:
        account: LocalAccount = Account.from_key(text.strip())
    except Exception:
        # Whatever it is, it may quote the key.
        message = f"{where}: not a private key of 32 bytes in hexadecimal"
        raise InvalidKey(message) from None
    return account
