"""What `zkperp replay` says of what it did."""

from collections.abc import Mapping
from typing import Any

from zkperp._generated.refusals import Refusal
from zkperp.cli.options import usdc
from zkperp.settlement.devnet import built_in_shape

__all__ = ["lines", "shape_warnings"]

_WORD_BYTES = 8


def shape_warnings(result: Mapping[str, Any]) -> list[str]:
    """Return what makes batches too large for the proofs that a venue's contract takes.

    Args:
        result: batches and the signatures in each, as `_native.replay_flow` has them.
    """
    _, program = built_in_shape()
    # The signatures' table is the last in the batch program's order.
    signatures_max, words_max = program.capacities[-1], program.output_capacity
    warnings = []
    for batch, signatures in zip(result["batches"], result["signatures"], strict=True):
        words = batch["data_bytes"] // _WORD_BYTES
        too_much = [
            f"{count:,} {what} of at most {most:,}"
            for what, count, most in (
                ("signatures", signatures, signatures_max),
                ("output words", words, words_max),
            )
            if count > most
        ]
        if too_much:
            warnings.append(
                f"batch {batch['batch_number']} is too large for an on-chain proof: "
                f"{', '.join(too_much)}; make smaller batches (--batch-orders)"
            )
    return warnings


def lines(result: Mapping[str, Any]) -> list[str]:
    """Return the report for people."""
    refused = ", ".join(
        f"{code} {Refusal(int(code)).name.lower()}: {count}"
        for code, count in result["refused"].items()
    )
    shown = [
        f"{result['flow']}: {result['rows']} rows, {result['accepted']} user commands accepted",
        f"{result['batch_count']} batches, {result['commands']} commands, "
        f"{result['orders']} orders, {result['trades']} trades, {result['ticks']} ticks, "
        f"{result['fundings']} fundings",
        f"{result['due']} accounts due for liquidation: {result['sweeps']} sweeps, "
        f"{result['liquidations']} liquidation steps, {result['deleveragings']} deleveragings, "
        f"{result['triggers']} triggered orders",
        f"rows left out: {_left_out(result)}",
        f"refused, by code: {refused or 'none'}",
    ]
    for path, batch in zip(result["directories"], result["batches"], strict=True):
        shown += [
            f"{path}: {batch['commands']} commands, {batch['data_bytes']} bytes of data",
            f"  root {_root(batch['old_root'])}",
            f"    -> {_root(batch['new_root'])}",
        ]
    shown += [f"warning: {warning}" for warning in result["warnings"]]
    if result["of_earlier_replays"]:
        shown.append(f"of an earlier replay: {', '.join(result['of_earlier_replays'])}")
    shown.append(
        f"collateral {usdc(result['collateral_before'])} before, "
        f"{usdc(result['collateral_after'])} after, {usdc(result['fees'])} fees, "
        f"{usdc(result['clearing'])} funding not yet passed on, "
        f"{usdc(result['withdrawn'])} withdrawn"
    )
    return shown


def _left_out(result: Mapping[str, Any]) -> str:
    counts = [(f"malformed {name}", name, rows) for name, rows in result["malformed"].items()]
    if result["rounds_to_zero"]:
        counts.append(("rounded to zero", "rounds_to_zero", result["rounds_to_zero"]))
    first = result["first_lines"]
    shown = [f"{label}: {rows} (first on line {first[name]})" for label, name, rows in counts]
    return ", ".join(shown) or "none"


def _root(felts: list[str]) -> str:
    return "".join(f"{int(felt):016x}" for felt in felts)
