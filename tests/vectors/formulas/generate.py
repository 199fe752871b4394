"""Writes the vectors of single formulas from cases.py and book_cases.py; see README.md.

python -m tests.vectors.formulas.generate

The cases of liquidation are put together in liquidations.py. Outputs that the tables have worked by
hand are compared with the model's formulas; the others, at the greatest values, are the model's.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.model import funding, impact, index, prices
from tests.model.genesis import bias_of
from tests.model.margin import fee_of
from tests.model.position_sums import (
    Position,
    Sums,
    Tier,
    health_of,
    imf_of,
    is_not_worse,
    sums_of,
    tier_of,
)
from tests.vectors.formulas import book_cases, cases, liquidations
from zkperp._generated.codes import Side
from zkperp._generated.refusals import Refusal

HERE = Path(__file__).parent
Json = dict[str, Any]
FRACTIONS = ("imf_ppm", "mmf_ppm", "cmf_ppm")
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
        market = {"index": 500_000, "multiplier": 1, "funding_max": 50 * 10**12}
        expected = by_hand(
            average_ppm=average, of_8_hours_ppm=of_8_hours, rate_ppm=hourly, increment=increment
        )
        yield funding_case(name, dict(zip(names, given, strict=True)) | market, 0, expected)
    for name, given_json, before, expected in cases.FUNDINGS:
        yield funding_case(name, given_json, before, expected)


def funding_case(name: str, given: Json, before: int, expected: Json) -> Case:
    """Return a case of an hour's funding."""
    terms = {key: given[key] for key in ("interest_ppm", "clamp_ppm", "rate_max_ppm")}
    rate = funding.rate_of(given["premium_sum"], **terms)
    tick_value = given["index"] * given["multiplier"]
    out = {
        "average_ppm": rate.average,
        "of_8_hours_ppm": rate.of_8_hours,
        "rate_ppm": rate.hourly,
        "increment": rate.hourly * tick_value,
        "funding": funding.funding_after(before, rate.hourly, tick_value, given["funding_max"]),
    }
    return name, given | {"funding": before}, out, expected


def funding_max() -> Iterator[Case]:
    """prices.md § 5, state.md § 3."""
    for name, (limit, price_max, multiplier), expected in cases.BOUNDS:
        bias = bias_of(limit)
        out = {"bias": bias, "funding_max": funding.funding_max(bias, price_max, multiplier)}
        given = {"position_limit": limit, "price_max": price_max, "multiplier": multiplier}
        yield name, given, out, dict(zip(out, expected, strict=True))


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
    for name, staleness, deviation, quorum, reports, expected in cases.INDEX:
        listed = [index.Report(price, cases.NOW - age) for price, age in reports]
        given = {
            "now": cases.NOW,
            "staleness_ms": staleness,
            "quorum": quorum,
            "deviation_ppm": deviation,
            "reports": [{"price": report.price, "time": report.time_ms} for report in listed],
        }
        found = index.index_of(
            listed, now=cases.NOW, staleness_ms=staleness, deviation_ppm=deviation
        )
        out = {
            "index": found.price if found.agreeing >= quorum else 0,
            "median": found.price,
            "fresh": found.fresh,
            "agreeing": found.agreeing,
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


def tiers() -> Iterator[Case]:
    """margin.md § 1."""
    for name, lots, own, which in book_cases.TIER_OF:
        listed = [Tier(*tier) for tier in book_cases.TIERS]
        given = {"lots": lots, "own_imf_ppm": own, "tiers": [tier._asdict() for tier in listed]}
        tier = tier_of(listed, lots)
        out: Json = {"code": int(Refusal.POSITION_LIMIT)}
        if tier is not None:
            fractions = (imf_of(tier, own), tier.mmf_ppm, tier.cmf_ppm)
            out = {"code": 0, "tier": listed.index(tier)}
            out |= dict(zip(FRACTIONS, fractions, strict=True))
        expected = {"code": int(Refusal.POSITION_LIMIT)} if which is None else {"tier": which}
        yield name, given, out, expected


def position_sums() -> Iterator[Case]:
    """margin.md § 2."""
    for name, size, entry, market, expected in book_cases.SUMS:
        tier = Tier(0, *market["fractions"])
        given = {
            "size": size,
            "mark_value": market["mark_value"],
            "funding": market["funding"],
            "entry": entry,
            **dict(zip(FRACTIONS, market["fractions"], strict=True)),
            "bias": market["bias"],
        }
        sums = sums_of(Position(size, entry), tier, market["mark_value"], market["funding"])
        yield name, given, sums._asdict(), Sums(*expected)._asdict() if expected else {}


def paid() -> Iterator[Case]:
    """prices.md § 6."""
    for name, (size, now, entry), expected in book_cases.PAID:
        given = {"size": size, "funding": now, "entry": entry}
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
    "funding_max": funding_max,
    "basis": basis,
    "mark": mark,
    "bands": bands,
    "index": oracles,
    "impact": impact_prices,
    "tier": tiers,
    "position_sums": position_sums,
    "paid": paid,
    "health": health,
    "ratio": ratio,
    "fee": fees,
    "key": liquidations.key,
    "due": liquidations.due,
    "liquidation": liquidations.liquidation,
    "takeover": liquidations.takeover,
    "fund_closing": liquidations.fund_closing,
    "deleverage": liquidations.deleverage,
}


def strings(value: Json | list[Any] | int) -> Json | list[Any] | str:
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
