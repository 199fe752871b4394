"""`zkperp deposit`, `withdraw`, `claim`, `account`: an owner's money, on a chain or in a batch."""

import json
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from eth_account.signers.local import LocalAccount

from zkperp import _native
from zkperp._generated.constants import ACCOUNT_MAX, KEYS_MAX, SUB_ACCOUNT_END, P
from zkperp.chain import NO_KEY, Receipt, Rollup
from zkperp.cli.account_report import account_lines
from zkperp.cli.options import (
    DEFAULT_SEED,
    KeyFile,
    RollupAddress,
    Rpc,
    Seed,
    VenueFile,
    micro_usdc,
    open_rollup,
    usdc,
    venue_of,
)
from zkperp.cli.terminal import Json, report
from zkperp.errors import InvalidInput, InvalidKey
from zkperp.settlement.deposits import fund_and_approve
from zkperp.settlement.keys import TRADER_VARIABLE, key_from, trader_account

Trader = Annotated[
    int | None,
    typer.Option(
        "--trader",
        min=1,
        max=ACCOUNT_MAX,
        help="A development trader, by its number, for the key.",
    ),
]
OptionalRpc = Annotated[str | None, typer.Option("--rpc", help="The node's JSON-RPC address.")]

_KEY_LIMBS: Final = 5
_LIMB_DIGITS: Final = 40


def deposit(
    amount: Annotated[str, typer.Argument(help="USDC, at most 6 decimals.")],
    rpc: Rpc,
    rollup_address: RollupAddress = None,
    venue_file: VenueFile = None,
    trader: Trader = None,
    seed: Seed = DEFAULT_SEED,
    key_file: KeyFile = None,
    mint: Annotated[
        bool, typer.Option("--mint", help="Make what is missing (development token only).")
    ] = False,
    public_key: Annotated[
        str | None,
        typer.Option(help="Trading key to set: its 5 limbs, decimal, with commas between."),
    ] = None,
    key_index: Annotated[int, typer.Option(min=0, max=KEYS_MAX - 1, help="Index of that key.")] = 0,
    as_json: Json = False,
) -> None:
    """Deposit USDC: approve, then queue the deposit. A later batch credits it.

    The owner's key is that of --trader, or in --key-file, or in ZKPERP_TRADER_KEY.

    Example: zkperp deposit 100 --rpc http://127.0.0.1:8545 --trader 3 --mint
    """
    micro = micro_usdc(amount)
    rollup = open_rollup(rpc, venue_file, rollup_address)
    owner = _owner(trader, _seed(venue_file, seed), key_file)
    fund_and_approve(rollup, owner if mint else None, owner, micro)
    receipt = rollup.deposit(owner, micro, key=key_index, public_key=_limbs(public_key))
    _report_request(rollup, owner, receipt, f"deposit of {usdc(micro)} queued", as_json=as_json)


def withdraw(
    amount: Annotated[str, typer.Argument(help="USDC; 0: all that is free then.")],
    rpc: Rpc,
    rollup_address: RollupAddress = None,
    venue_file: VenueFile = None,
    trader: Trader = None,
    seed: Seed = DEFAULT_SEED,
    key_file: KeyFile = None,
    as_json: Json = False,
) -> None:
    """Request a withdrawal on the chain: a later batch pays it or proves that it can't be paid.

    A withdrawal that the account's trading key signs needs no transaction: zkperp replay
    --withdraw. Either way `zkperp claim` takes the money.

    Example: zkperp withdraw 100 --rpc http://127.0.0.1:8545 --trader 3
    """
    micro = micro_usdc(amount)
    rollup = open_rollup(rpc, venue_file, rollup_address)
    owner = _owner(trader, _seed(venue_file, seed), key_file)
    receipt = rollup.request_withdrawal(owner, micro)
    wanted = usdc(micro) if micro else "all that is free"
    _report_request(rollup, owner, receipt, f"withdrawal of {wanted} queued", as_json=as_json)


def claim(
    rpc: Rpc,
    rollup_address: RollupAddress = None,
    venue_file: VenueFile = None,
    trader: Trader = None,
    seed: Seed = DEFAULT_SEED,
    key_file: KeyFile = None,
    as_json: Json = False,
) -> None:
    """Take what accepted batches credited to an owner.

    Example: zkperp claim --rpc http://127.0.0.1:8545 --trader 3
    """
    rollup = open_rollup(rpc, venue_file, rollup_address)
    owner = _owner(trader, _seed(venue_file, seed), key_file)
    credit = rollup.credit_of(owner.address)
    receipt = rollup.claim(owner)
    balance = rollup.token().balance(owner.address)
    result: dict[str, Any] = {
        "owner": owner.address,
        "claimed": credit,
        "token_balance": balance,
        "transaction": receipt.transaction,
        "gas": receipt.gas_used,
    }
    lines = [f"{owner.address} took {usdc(credit)} and now has {usdc(balance)}"]
    report(result, lines, as_json=as_json)


def account(
    directory: Annotated[
        Path | None, typer.Argument(help="Batch directory: the account as it is after it.")
    ] = None,
    number: Annotated[
        int | None,
        typer.Option(
            "--account", min=1, max=SUB_ACCOUNT_END, help="Its number, in a batch directory."
        ),
    ] = None,
    rpc: OptionalRpc = None,
    rollup_address: RollupAddress = None,
    venue_file: VenueFile = None,
    trader: Trader = None,
    owner: Annotated[str | None, typer.Option(help="Its L1 address, on a chain.")] = None,
    seed: Seed = DEFAULT_SEED,
    as_json: Json = False,
) -> None:
    """Show an account: on a chain by its owner, in a batch directory by its number.

    With --rpc it is the chain's side only: number, credit to claim, tokens. What the account is
    worth, its margins, health, positions with their liquidation marks, orders and sub-accounts are
    in the state after a batch: name its directory. Account 2147483648 is the insurance fund's.

    Example: zkperp account batches/batch-000002 --account 3

    Example: zkperp account --rpc http://127.0.0.1:8545 --trader 3
    """
    if (directory is None) == (rpc is None):
        message = "name a batch directory or --rpc"
        raise InvalidInput(message)
    if directory is not None:
        wanted = number if number is not None else trader
        if wanted is None:
            message = "--account: which one?"
            raise InvalidInput(message)
        _show_in_batch(directory, wanted, as_json=as_json)
        return
    address = owner
    if address is None:
        if trader is None:
            message = "name the owner: --owner or --trader"
            raise InvalidInput(message)
        address = trader_account(_seed(venue_file, seed), trader).address
    rollup = open_rollup(rpc or "", venue_file, rollup_address)
    _show_on_chain(rollup, address, as_json=as_json)


def _show_in_batch(directory: Path, number: int, *, as_json: bool) -> None:
    text = _native.batch_account(directory, number)
    if text is None:
        message = f"{directory}: no account {number}"
        raise InvalidInput(message)
    found: dict[str, Any] = json.loads(text)
    report(found, account_lines(found), as_json=as_json)


def _show_on_chain(rollup: Rollup, owner: str, *, as_json: bool) -> None:
    number, credit = rollup.account_of(owner), rollup.credit_of(owner)
    balance = rollup.token().balance(owner)
    result: dict[str, Any] = {
        "owner": owner,
        "account": number,
        "credit": credit,
        "token_balance": balance,
    }
    lines = [
        f"{owner}: account {number}" if number else f"{owner} has no account",
        f"credit to claim {usdc(credit)}, tokens {usdc(balance)}",
    ]
    report(result, lines, as_json=as_json)


def _report_request(
    rollup: Rollup, owner: LocalAccount, receipt: Receipt, done: str, *, as_json: bool
) -> None:
    state = rollup.state()
    number = rollup.account_of(owner.address)
    result: dict[str, Any] = {
        "owner": owner.address,
        "account": number,
        "requests_queued": state.requests_queued,
        "requests_done": state.requests_done,
        "transaction": receipt.transaction,
        "gas": receipt.gas_used,
    }
    waiting = state.requests_queued - state.requests_done
    lines = [
        f"{done} for account {number} of {owner.address}",
        f"{waiting} requests wait for a batch",
    ]
    report(result, lines, as_json=as_json)


def _seed(venue_file: Path | None, seed: int) -> int:
    """Return the seed of the traders' keys: the venue's own, where there is a file."""
    return seed if venue_file is None else venue_of(venue_file).seed


def _owner(trader: int | None, seed: int, key_file: Path | None) -> LocalAccount:
    if trader is not None:
        if key_file is not None:
            message = "--trader and --key-file name the owner twice"
            raise InvalidInput(message)
        return trader_account(seed, trader)
    found = key_from(key_file, TRADER_VARIABLE)
    if found is None:
        message = f"whose key? --trader, --key-file or {TRADER_VARIABLE}"
        raise InvalidKey(message)
    return found


def _limbs(text: str | None) -> tuple[int, ...]:
    if text is None:
        return NO_KEY
    limbs = text.split(",")
    if len(limbs) != _KEY_LIMBS or not all(limb.strip().isdecimal() for limb in limbs):
        message = f"--public-key: expected {_KEY_LIMBS} decimal limbs with commas between"
        raise InvalidInput(message)
    # A felt has 20 digits; Python itself refuses to read thousands.
    felts = tuple(int(limb) if len(limb.strip()) <= _LIMB_DIGITS else P for limb in limbs)
    if max(felts) >= P:
        message = f"--public-key: a limb is out of range: 0 <= x < {P}"
        raise InvalidInput(message)
    return felts
