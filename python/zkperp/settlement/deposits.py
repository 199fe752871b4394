"""The deposits with which a development venue starts, queued on its chain in their order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from zkperp.chain import Rollup
from zkperp.settlement.errors import RequestsDiffer, TokensMissing
from zkperp.settlement.keys import trader_account

_GAS_MONEY_WEI: Final = 10**17
"""What a trader gets for gas: 0.1 ether."""

_GAS_MONEY_MIN_WEI: Final = 10**16

_AMOUNT_WORD: Final = 5
_KEY_WORD: Final = 6


def request_bytes(words: Sequence[int]) -> bytes:
    """Return a request's words as the contract hashes them."""
    return b"".join(word.to_bytes(8, "big") for word in words)


def chain_of(requests: Sequence[Sequence[int]]) -> bytes:
    """Return the queue's chain behind its first requests."""
    chain = bytes(32)
    for words in requests:
        chain = keccak(chain + request_bytes(words))
    return chain


def check_queue(rollup: Rollup, requests: Sequence[Sequence[int]]) -> int:
    """Return how many of the requests are queued.

    Raises:
        RequestsDiffer: what is queued is something else.
    """
    queued = min(rollup.state().requests_queued, len(requests))
    if queued and rollup.request_of(queued - 1)[0] != chain_of(requests[:queued]):
        message = f"the first {queued} requests at {rollup.address} are not this venue's"
        raise RequestsDiffer(message)
    return queued


def queue_deposits(
    rollup: Rollup,
    funder: LocalAccount,
    seed: int,
    requests: Sequence[Sequence[int]],
    *,
    progress: Callable[[int], object] = lambda _: None,
) -> list[int]:
    """Queue the deposits that are not queued yet: account n + 1 makes request n.

    Each trader gets ether for gas and development tokens from `funder`, then approves and deposits
    with its own key. What a broken run has done is not done again.

    Args:
        rollup: the venue's contract; its token is the development token.
        funder: who pays for it.
        seed: of the traders' keys.
        requests: the deposits' words.
        progress: hears how many are queued.

    Returns:
        The time of each request's block, in seconds.

    Raises:
        RequestsDiffer: the queue holds other requests.
    """
    for number in range(check_queue(rollup, requests), len(requests)):
        progress(number)
        _deposit(rollup, funder, trader_account(seed, number + 1), requests[number])
    check_queue(rollup, requests)
    return [rollup.request_of(number)[1] for number in range(len(requests))]


def _deposit(
    rollup: Rollup, funder: LocalAccount, owner: LocalAccount, words: Sequence[int]
) -> None:
    amount = words[_AMOUNT_WORD]
    give_gas_money(rollup, funder, owner)
    fund_and_approve(rollup, funder, owner, amount)
    rollup.deposit(owner, amount, key=words[_KEY_WORD], public_key=words[_KEY_WORD + 1 :])


def give_gas_money(rollup: Rollup, funder: LocalAccount, owner: LocalAccount) -> None:
    """Send an owner ether if it has next to none."""
    chain = rollup.chain
    if owner.address != funder.address and chain.balance_wei(owner.address) < _GAS_MONEY_MIN_WEI:
        chain.send(funder, b"", to=owner.address, value_wei=_GAS_MONEY_WEI)


def fund_and_approve(
    rollup: Rollup, minter: LocalAccount | None, owner: LocalAccount, amount: int
) -> None:
    """Mint what the owner lacks, if there is a minter, and let the contract take the amount.

    Raises:
        TokensMissing: the owner lacks something, and there is no minter.
    """
    token = rollup.token()
    balance = token.balance(owner.address)
    if balance < amount:
        if minter is None:
            advice = "--mint makes the rest, on a development chain"
            raise TokensMissing(owner.address, balance, amount, advice)
        token.mint(minter, owner.address, amount - balance)
    if token.allowance(owner.address, rollup.address) < amount:
        token.approve(owner, rollup.address, amount)
