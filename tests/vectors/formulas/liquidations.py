"""The cases of liquidation, with the model's formulas; see generate.py."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from tests.model.liquidation_formulas import (
    Lots,
    Offer,
    Progress,
    Standing,
    loss_at,
    sale_of,
    stands_before,
    surrender_of,
    takeover_of,
    zero_loss,
)
from tests.model.trigger_formulas import Exposure, ratio_of, trigger_of, use_of, value_of
from tests.vectors.formulas import liquidation_cases as cases

Json = dict[str, Any]
Case = tuple[str, Json, Json, Json]
TRIGGER = ("value", "trigger", "use")
STEP = ("visited", "closed", "paid", "lots", "pay")


def named(names: tuple[str, ...], values: tuple[int, ...]) -> Json:
    """Return numbers with their names."""
    return dict(zip(names, values, strict=True))


def key() -> Iterator[Case]:
    """liquidation.md § 1, § 2."""
    for name, slack, positions, ratio_by_hand, by_hand in cases.KEY:
        exposures = [Exposure(*position) for position in positions]
        ratio = ratio_of(slack, exposures)
        triggers = []
        for one in exposures:
            value, trigger = value_of(one), trigger_of(one, ratio)
            triggers.append((value, trigger, use_of(one.lots, value, trigger)))
        if sum(use for *_, use in triggers) > slack:
            message = f"{name}: more is used than there is"
            raise ValueError(message)
        given = {"maintenance": slack, "positions": [one._asdict() for one in exposures]}
        out = {"ratio": ratio, "triggers": [named(TRIGGER, one) for one in triggers]}
        expected: Json = {} if ratio_by_hand is None else {"ratio": ratio_by_hand}
        if by_hand is not None:
            expected["triggers"] = [named(TRIGGER, one) for one in by_hand]
        yield name, given, out, expected


def due() -> Iterator[Case]:
    """liquidation.md § 4."""
    names = ("account", "tav", "mmr")
    for name, one, other, expected in cases.DUE:
        before = stands_before((*one[1:], one[0]), (*other[1:], other[0]))
        given = {"a": named(names, one), "b": named(names, other)}
        yield name, given, {"before": int(before)}, {"before": expected}


def liquidation() -> Iterator[Case]:
    """liquidation.md § 5.3."""
    for name, given, expected in cases.LIQUIDATION:
        of = Standing(given["tav"], given["mmr"])
        position = Lots(given["size"], given["mark_value"], given["mmf_ppm"])
        offer = Offer(
            given["price"],
            given["multiplier"],
            given["maker_lots"],
            given["liquidation_ppm"],
            given["bonus_ppm"],
        )
        zero, loss = zero_loss(of, position), loss_at(position, offer)
        out = {"zero": zero, "loss": loss, "meets": int(loss <= zero)}
        if loss <= zero:
            out |= sale_of(of, position, offer)._asdict()
        yield name, given, out, expected


def takeover() -> Iterator[Case]:
    """liquidation.md § 5.4."""
    for name, given, expected in cases.TAKEOVER:
        of = Standing(given["tav"], given["mmr"], given["closeout"])
        fractions = (given["mmf_ppm"], given["cmf_ppm"])
        position = Lots(given["size"], given["mark_value"], *fractions)
        out = takeover_of(of, position, given["position_mmr"])
        worked = {} if expected is None else dict(zip(out._fields, expected, strict=True))
        yield name, given, out._asdict(), worked


def fund_closing() -> Iterator[Case]:
    """liquidation.md § 5.5."""
    for name, given, expected in cases.FUND_CLOSING:
        of = Standing(given["tav"], given["mmr"])
        position = Lots(given["size"], given["mark_value"], 0)
        out = surrender_of(of, position, given["position_mmr"])
        worked = {} if expected is None else dict(zip(out._fields, expected, strict=True))
        yield name, given, out._asdict(), worked


def deleverage() -> Iterator[Case]:
    """liquidation.md § 7."""
    for name, lots, quote, total, sizes, by_hand in cases.DELEVERAGE:
        states = [Progress(lots, quote, total)]
        for size in sizes:
            states.append(states[-1].after(size))
        if states[-1][3:] != (total, lots, quote):
            message = f"{name}: something is left over"
            raise ValueError(message)
        steps = [
            (new.visited, new.closed, new.paid, new.closed - old.closed, new.paid - old.paid)
            for old, new in pairwise(states)
        ]
        given = {"lots": lots, "quote": quote, "total": total, "sizes": sizes}
        expected: Json = {} if by_hand is None else {"steps": [named(STEP, one) for one in by_hand]}
        yield name, given, {"steps": [named(STEP, one) for one in steps]}, expected
