"""Writes the vectors of single formulas from cases.py and book_cases.py; see README.md.

python -m tests.vectors.formulas.generate

Outputs that the tables have worked by hand are compared with the model's formulas; the others, at
the greatest values, are the model's.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.model import funding, impact, index, prices
from tests.model.margin import fee_of
from tests.model.position_sums import (
    Position,
    Sums,
    Tier,
    health_of,
    is_not_worse,
    sums_of,
    tier_of,
)
from tests.vectors.formulas import book_cases, cases
from zkperp._generated.codes import Side
from zkperp._generated.refusals import Refusal

HERE = Path(__file__).parent
Json = dict[str, Any]
# Name, input, output, the output by hand as far as it was worked.
Case = tuple[str, Json, Json, Json]


def by_hand(**values: int | None) -> Json:
    """Return the outputs that were worked by hand."""
    return {name: value for name, value in values.items() if value is not None}


def premium() -> Iterator[Case]:
    """prices.md § 4.3."""
    for name, (at, bid, ask), expected in cases.PREMIUM:
        out = {"premium_ppm": prices.premium_of(at, bid, ask)}
        yield name, {"index": at, "bid": bid, "ask": ask}, out, by_hand(premium_ppm=expected)


def sample() -> Iterator[Case]:
    """prices.md § 4.1."""
    for name, (before, ppm, since, now, longest), expected in cases.SAMPLES:
        given = {
            "premium_sum": before,
            "premium_ppm": ppm,
            "sampled_ms": since,
            "now": now,
            "tick_max_ms": longest,
        }
        out = {"premium_sum": prices.sampled(before, ppm, now - since, longest)}
        yield name, given, out, by_hand(premium_sum=expected)


def funding_rate() -> Iterator[Case]:
    """prices.md § 5.2 to § 5.4."""
    names = ("premium_sum", "interest_ppm", "clamp_ppm", "rate_max_ppm")
    for name, given, (average, of_8_hours, hourly), increment in cases.RATES:
        market = {"index_ticks": 500_000, "multiplier": 1, "price_max": 2**24 - 1, "bias": 2**27}
        expected = by_hand(avg=average, rate=of_8_hours, hourly=hourly, increment=increment)
        yield funding_case(name, dict(zip(names, given, strict=True)) | market, 0, expected)
    for name, given, before, expected in cases.FUNDINGS:
        yield funding_case(name, given, before, expected)


def funding_case(name: str, given: Json, before: int, expected: Json) -> Case:
    """Return a case of an hour's funding."""
    terms = {key: given[key] for key in ("interest_ppm", "clamp_ppm", "rate_max_ppm")}
    rate = funding.rate_of(given["premium_sum"], **terms)
    bound = funding.funding_max(given["bias"], given["price_max"], given["multiplier"])
    tick_value = given["index_ticks"] * given["multiplier"]
    out = {
        "avg": rate.average,
        "rate": rate.of_8_hours,
        "hourly": rate.hourly,
        "increment": rate.hourly * tick_value,
        "funding_max": bound,
        "funding": funding.funding_after(before, rate.hourly, tick_value, bound),
    }
    return name, given | {"funding": before}, out, expected


def basis() -> Iterator[Case]:
    """prices.md § 4.4."""
    names = ("basis_ppm", "premium_ppm", "elapsed_ms", "basis_cap_ppm", "basis_window_ms")
    for name, given, expected in cases.BASIS:
        before, ppm, elapsed, cap, window = given
        out = prices.basis_after(before, ppm, elapsed, cap_ppm=cap, window_ms=window)
        given_json = dict(zip(names, given, strict=True))
        yield name, given_json, {"basis_ppm": out}, by_hand(basis_ppm=expected)


def mark() -> Iterator[Case]:
    """prices.md § 4.5."""
    names = ("index", "basis_ppm", "bid", "ask", "price_max")
    for name, given, expected in cases.MARK:
        at, ppm, bid, ask, price_max = given
        out = {"mark": prices.mark_of(at, ppm, bid, ask, price_max)}
        yield name, dict(zip(names, given, strict=True)), out, by_hand(mark=expected)


def bands() -> Iterator[Case]:
    """prices.md § 4.6."""
    for name, (at, ppm, price_max), expected in cases.BANDS:
        low, high = prices.bands_of(at, ppm, price_max)
        worked = by_hand(price_low=expected[0], price_high=expected[1]) if expected else {}
        given = {"mark": at, "band_ppm": ppm, "price_max": price_max}
        yield name, given, {"price_low": low, "price_high": high}, worked


def oracles() -> Iterator[Case]:
    """prices.md § 2."""
    for name, staleness, deviation, quorum, bitmap, reports, expected in cases.INDEX:
        listed = [index.Report(price, cases.NOW - age) for price, age in reports]
        given = {
            "now": cases.NOW,
            "staleness_ms": staleness,
            "deviation_ppm": deviation,
            "quorum": quorum,
            "oracles": bitmap,
            "reports": [{"price": report.price, "time_ms": report.time_ms} for report in listed],
        }
        registered = [report for key, report in enumerate(listed) if bitmap >> key & 1]
        found = index.index_of(
            registered, now=cases.NOW, staleness_ms=staleness, deviation_ppm=deviation
        )
        out = {
            "index": found.price,
            "fresh": found.fresh,
            "agreeing": found.agreeing,
            "code": 0 if found.agreeing >= quorum else int(Refusal.NO_QUORUM),
        }
        yield name, given, out, dict(zip(out, expected, strict=True))


def impact_prices() -> Iterator[Case]:
    """prices.md § 3."""
    for name, side, quote, orders, expected in book_cases.IMPACT:
        resting = [impact.Resting(*order) for order in orders]
        given = {
            "now": cases.NOW,
            "side": side,
            "impact_quote": quote,
            "orders": [order._asdict() for order in resting],
        }
        out = {"price": impact.impact_price(resting, Side(side), quote, cases.NOW)}
        yield name, given, out, by_hand(price=expected)


def position_sums() -> Iterator[Case]:
    """margin.md § 1, § 2."""
    for name, size, entry, own, market, expected in book_cases.SUMS:
        tiers = [Tier(*tier) for tier in market["tiers"]]
        given = {
            "size": size,
            "funding_entry": entry,
            "own_imf_ppm": own,
            **{key: market[key] for key in ("mark_value", "funding", "bias")},
            "tiers": [tier._asdict() for tier in tiers],
        }
        tier = tier_of(tiers, abs(size))
        out: Json = {"code": int(Refusal.POSITION_LIMIT)}
        if tier is not None:
            position = Position(size, entry, own)
            sums = sums_of(position, tier, market["mark_value"], market["funding"])
            out = {"code": 0, "tier": tiers.index(tier), **sums._asdict()}
        worked: Json = {}
        if expected is not None:
            which, by_hand_sums = expected
            worked = {"code": int(Refusal.POSITION_LIMIT)} if which < 0 else {"tier": which}
            worked |= Sums(*by_hand_sums)._asdict() if by_hand_sums else {}
        yield name, given, out, worked


def paid() -> Iterator[Case]:
    """prices.md § 6."""
    for name, (size, now, entry), expected in book_cases.PAID:
        given = {"size": size, "funding": now, "funding_entry": entry}
        yield name, given, {"paid": funding.paid_of(size, now, entry)}, by_hand(paid=expected)


def health() -> Iterator[Case]:
    """margin.md § 2."""
    for name, given, expected in book_cases.HEALTH:
        sums = Sums(*given)
        yield name, sums._asdict(), {"health": health_of(sums)}, by_hand(health=expected)


def ratio() -> Iterator[Case]:
    """margin.md § 5.2."""
    names = ("tav_before", "mmr_before", "tav_after", "mmr_after")
    for name, given, expected in book_cases.RATIO:
        tav, mmr, tav_after, mmr_after = given
        before = Sums(tav, 0, tav - mmr, 0)
        after = Sums(tav_after, 0, tav_after - mmr_after, 0)
        out = {"passes": int(is_not_worse(before, after))}
        yield name, dict(zip(names, given, strict=True)), out, by_hand(passes=expected)


def fees() -> Iterator[Case]:
    """matching.md § 2."""
    for name, (notional, ppm), expected in book_cases.FEES:
        out = {"fee": fee_of(notional, ppm)}
        yield name, {"notional": notional, "ppm": ppm}, out, by_hand(fee=expected)


FILES = {
    "premium": premium,
    "sample": sample,
    "funding_rate": funding_rate,
    "basis": basis,
    "mark": mark,
    "bands": bands,
    "index": oracles,
    "impact": impact_prices,
    "position_sums": position_sums,
    "paid": paid,
    "health": health,
    "ratio": ratio,
    "fee": fees,
}


def strings(value: Any) -> Any:
    """Return integers as the vectors hold them."""
    if isinstance(value, dict):
        return {name: strings(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [strings(inner) for inner in value]
    return str(int(value))


def build(name: str) -> Json:
    """Return a whole file.

    Raises:
        ValueError: a formula does not give what was worked by hand.
    """
    out = []
    for case, given, output, expected in FILES[name]():
        if output | expected != output:
            message = f"{name}, {case}: {output} where by hand it is {expected}"
            raise ValueError(message)
        out.append({"name": case, "input": strings(given), "output": strings(output)})
    return {"cases": out}


def main() -> None:
    """Write the files."""
    for name in FILES:
        (HERE / f"{name}.json").write_text(json.dumps(build(name), indent=1) + "\n")


if __name__ == "__main__":
    main()
