"""Batches and proofs that were changed with care: nothing but what they say is wrong with them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from zkperp._generated.constants import LOG_HEADER_BYTES
from zkperp._generated.output import OUTPUT_WORDS, Output
from zkperp.chain import BatchSubmission
from zkperp.errors import InvalidBatch
from zkperp.settlement.batches import output_word

_PLACE: Final = 4
_KIND_BITS: Final = 6
_LOTS_WORD: Final = 2
_PREFIX_BYTES: Final = 8
_CASTAGNOLI: Final = 0x82F6_3B78
"""CRC-32C's polynomial, lowest power in the highest bit."""


def crc32c(content: bytes) -> int:
    """Return the checksum of a log's frame."""
    crc = 0xFFFF_FFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (_CASTAGNOLI if crc & 1 else 0)
    return crc ^ 0xFFFF_FFFF


def with_larger_order(directory: Path, copy: Path) -> str:
    """Copy a batch directory and make its first order larger by a lot, checksum and all.

    Returns:
        What was changed.

    Raises:
        InvalidBatch: the batch has no order.
    """
    shutil.copytree(directory, copy)
    log = copy / "commands.log"
    content = bytearray(log.read_bytes())
    for number, (start, end) in enumerate(_frames(content)):
        payload = content[start:end]
        if int.from_bytes(payload[:8], "big") % (1 << _KIND_BITS) != _PLACE:
            continue
        at = start + 8 * _LOTS_WORD
        lots = int.from_bytes(content[at : at + 8], "big")
        content[at : at + 8] = (lots + 1).to_bytes(8, "big")
        content[start - 4 : start] = crc32c(bytes(content[start:end])).to_bytes(4, "big")
        log.write_bytes(content)
        return f"command {number}: {lots} lots became {lots + 1}"
    message = f"{directory}: no order to change"
    raise InvalidBatch(message)


def _frames(log: bytearray) -> Iterator[tuple[int, int]]:
    """Yield where each frame's payload begins and ends."""
    at = LOG_HEADER_BYTES
    while at < len(log):
        start = at + _PREFIX_BYTES
        at = start + int.from_bytes(log[at : at + 4], "big")
        yield start, at


def with_changed_command(batch: BatchSubmission) -> tuple[BatchSubmission, str]:
    """Change the last word of the batch data: a command's."""
    at = len(batch.output) - 8
    word = int.from_bytes(batch.output[at:], "big")
    output = batch.output[:at] + (word ^ 1).to_bytes(8, "big")
    return replace(batch, output=output), f"word {at // 8}: {word} became {word ^ 1}"


def with_larger_withdrawal(batch: BatchSubmission) -> tuple[BatchSubmission, str]:
    """Make the batch's first withdrawal larger by a micro-USDC."""
    if output_word(batch.output, Output.WITHDRAWALS_COUNT) == 0:
        message = "the batch pays no withdrawal"
        raise InvalidBatch(message)
    requests = 12 * output_word(batch.output, Output.REQUESTS_COUNT)
    at = 8 * (OUTPUT_WORDS + requests + 3)
    amount = int.from_bytes(batch.output[at : at + 8], "big")
    output = batch.output[:at] + (amount + 1).to_bytes(8, "big") + batch.output[at + 8 :]
    return replace(batch, output=output), f"{amount} micro-USDC became {amount + 1}"


def with_changed_byte(content: bytes, at: int) -> bytes:
    """Change one bit of one byte."""
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
