"""The formulas of ticks, funding and margin: their vectors, and what holds for any numbers."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model.funding import funding_max, paid_of
from tests.model.index import lower_median
from tests.model.position_sums import Position, Sums, Tier, is_not_worse, sums_of
from tests.vectors.formulas import generate
from zkperp._generated.constants import PPM, SIGNED_BOUND

VECTORS = Path(__file__).parents[2] / "vectors/formulas"


@pytest.mark.parametrize("name", generate.FILES)
def test_the_vectors_are_the_model_s(name: str) -> None:
    assert json.loads((VECTORS / f"{name}.json").read_text()) == generate.build(name)


def test_no_vector_file_is_left_over() -> None:
    assert {path.stem for path in VECTORS.glob("*.json")} == set(generate.FILES)


# A market at the bounds of state.md § 11: 2^26 lots of at most 2^26.
BIAS, TOP, MOST = 2**29, 2**26, 2**26
F_MAX = funding_max(BIAS, TOP, 1)
fractions = st.integers(1, PPM)
fundings = st.integers(-F_MAX, F_MAX)
sizes = st.integers(-MOST, MOST)


@given(size=sizes, entry=fundings, funding=fundings, value=st.integers(0, TOP), imf=fractions)
def test_one_muldiv_shows_a_position_s_sum(
    size: int, entry: int, funding: int, value: int, imf: int
) -> None:
    per_lot = (1 if size >= 0 else -1) * (PPM * value - funding + entry) - imf * value
    shifted = per_lot + PPM * BIAS
    assert 0 <= shifted < SIGNED_BOUND
    shown = abs(size) * shifted // PPM - abs(size) * BIAS
    found = sums_of(Position(size, entry), Tier(MOST, imf, imf, imf), value, funding)
    assert found.initial == shown


@given(size=sizes, entry=fundings, funding=fundings)
def test_paying_funding_never_makes_an_account_worth_more(
    size: int, entry: int, funding: int
) -> None:
    tier = Tier(MOST, 1, 1, 1)
    owing = sums_of(Position(size, entry), tier, TOP, funding).tav
    paid = sums_of(Position(size, funding), tier, TOP, funding).tav - paid_of(size, funding, entry)
    assert owing == paid


@given(sizes=st.lists(sizes), funding=fundings)
def test_what_all_pay_together_is_dust_and_never_missing(sizes: list[int], funding: int) -> None:
    closed = [*sizes, -sum(sizes)]
    assert 0 <= sum(paid_of(size, funding, 0) for size in closed) < len(closed)


@given(st.lists(st.integers(1, 20), min_size=1, max_size=8))
def test_the_median_is_the_one_number_that_the_text_names(prices: list[int]) -> None:
    named = [
        p
        for p in range(22)
        if 2 * sum(price < p for price in prices)
        < len(prices)
        <= 2 * sum(price <= p for price in prices)
    ]
    assert lower_median(prices) in named
    assert len(named) == 1


parts = st.integers(-(2**61) + 1, 2**61 - 1)
needs = st.integers(0, 2**61 - 1)


@given(tav=parts, mmr=needs, then=parts, then_mmr=needs)
def test_the_ratio_is_compared_by_quotients_and_remainders(
    tav: int, mmr: int, then: int, then_mmr: int
) -> None:
    left, right = divmod(tav * then_mmr, 2**61), divmod(then * mmr, 2**61)
    expected = left <= right and then >= min(0, tav) and then >= then_mmr
    before, after = Sums(tav, 0, tav - mmr, 0), Sums(then, 0, then - then_mmr, 0)
    assert is_not_worse(before, after) == expected
