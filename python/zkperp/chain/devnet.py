"""A local chain: anvil of npm's foundry packages, with the rules of a real one.

Chain id 31337, fork osaka, the gas cap of EIP-7825 on, ten accounts of a public mnemonic: addresses
of contracts that are deployed in the same order are the same every time.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Final, Self

from eth_account import Account
from eth_account.signers.local import LocalAccount

from zkperp.chain.client import Chain
from zkperp.chain.errors import ChainError, DevnetFailed
from zkperp.files import why

CHAIN_ID: Final = 31_337
ACCOUNTS: Final = 10
ANVIL_VARIABLE: Final = "ZKPERP_ANVIL"
"""Names the program where the argument does not."""

_MNEMONIC: Final = "test test test test test test test test test test test junk"
_BLOCK_GAS: Final = 60_000_000
_START_SECONDS_MAX: Final = 20


class Devnet:
    """One anvil process; ends with the `with` block.

    Args:
        anvil: the program; None: ZKPERP_ANVIL, then node_modules/.bin here, then PATH.
        port: where it listens; None: any free one.
        timestamp_s: time of its first block; None: now.

    Raises:
        DevnetFailed: no such program, or it does not start.
    """

    def __init__(
        self,
        *,
        anvil: Path | None = None,
        port: int | None = None,
        timestamp_s: int | None = None,
    ) -> None:
        self.port: Final = _free_port() if port is None else port
        self.url: Final = f"http://127.0.0.1:{self.port}"
        command = [str(_find(anvil)), "--hardfork", "osaka", "--enable-tx-gas-limit", "--silent"]
        command += ["--port", str(self.port), "--chain-id", str(CHAIN_ID)]
        command += ["--mnemonic", _MNEMONIC, "--accounts", str(ACCOUNTS)]
        command += ["--gas-limit", str(_BLOCK_GAS)]
        if timestamp_s is not None:
            command += ["--timestamp", str(timestamp_s)]
        try:
            self._process = subprocess.Popen(command)
        except OSError as error:
            message = f"{command[0]}: {why(error)}"
            raise DevnetFailed(message) from error
        try:
            self.chain: Final = self._connect()
        except BaseException:
            self.close()
            raise

    def _connect(self) -> Chain:
        end = time.monotonic() + _START_SECONDS_MAX
        while self._process.poll() is None and time.monotonic() < end:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    pass
                return Chain(self.url)
            except (OSError, ChainError):
                time.sleep(0.05)
        message = f"anvil does not answer on port {self.port}"
        raise DevnetFailed(message)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait()

    def account(self, index: int) -> LocalAccount:
        """Return one of the accounts, 0 .. 9, each with 10,000 ether."""
        return devnet_account(index)

    def set_next_time(self, timestamp_s: int) -> None:
        """Fix the time of the next block."""
        self.chain.rpc("evm_setNextBlockTimestamp", timestamp_s)

    def mine(self) -> None:
        """Make an empty block."""
        self.chain.rpc("evm_mine")

    def reorganise(self, depth: int) -> None:
        """Replace the latest blocks by as many empty ones: what they did is undone."""
        self.chain.rpc("anvil_reorg", depth, [])


def devnet_account(index: int) -> LocalAccount:
    """Return the account of the local chains' mnemonic: its key is public."""
    if not 0 <= index < ACCOUNTS:
        message = f"a local chain has accounts 0 .. {ACCOUNTS - 1}, not {index}"
        raise DevnetFailed(message)
    Account.enable_unaudited_hdwallet_features()
    account: LocalAccount = Account.from_mnemonic(_MNEMONIC, account_path=f"m/44'/60'/0'/0/{index}")
    return account


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _find(anvil: Path | None) -> Path:
    """Return the program's path."""
    if anvil is not None:
        return anvil
    if named := os.environ.get(ANVIL_VARIABLE):
        return Path(named)
    local = Path("node_modules/.bin/anvil")
    if local.exists():
        return local.absolute()
    found = shutil.which("anvil")
    if found is None:
        message = (
            f"no anvil: set {ANVIL_VARIABLE}, run where `npm install` was run, or install Foundry"
        )
        raise DevnetFailed(message)
    return Path(found)
