from collections.abc import Callable
from itertools import zip_longest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkperp import _native
from zkperp.errors import InvalidLength, NonCanonicalFelt

P = 2**64 - 2**32 + 1

felts = st.one_of(st.integers(0, P - 1), st.sampled_from([0, 1, 2**32 - 1, 2**32, 2**63, P - 1]))
states = st.lists(felts, min_size=8, max_size=8)


def test_field_modulus_is_goldilocks() -> None:
    assert _native.FIELD_MODULUS == P


def test_permutation_of_the_published_vector() -> None:
    # Source: p3-goldilocks 0.8.0, test_default_goldilocks_poseidon2_width_8.
    assert _native.poseidon2_permute(range(8)) == [
        0x020CF04A1B214D14,
        0x84E14AAAEACAED25,
        0x1AE0F640E81C7457,
        0xA4D204CBAEB0D8A5,
        0x0CF637B627B3A7FF,
        0x788D304D948B486B,
        0x7327133EA1949AF4,
        0xF415ABB924DA395B,
    ]


@given(states)
def test_compression_adds_the_input_to_the_permutation(state: list[int]) -> None:
    permuted = _native.poseidon2_permute(state)
    forward = [(x + y) % P for x, y in zip(state, permuted, strict=True)]
    assert _native.poseidon2_compress(state) == forward[:4]


@given(felts, st.lists(felts, max_size=20))
def test_sponge_adds_blocks_of_four_to_a_capacity_of_domain_and_length(
    domain: int, message: list[int]
) -> None:
    state = [0, 0, 0, 0, domain, len(message), 0, 0]
    for at in range(0, max(len(message), 1), 4):
        block = message[at : at + 4]
        rate = [(x + y) % P for x, y in zip_longest(state[:4], block, fillvalue=0)]
        state = _native.poseidon2_permute(rate + state[4:])
    assert _native.poseidon2_sponge(domain, message) == state[:4]


@pytest.mark.parametrize("value", [P, 2**64 - 1, 2**64, -1, 10**40])
def test_non_canonical_integers_are_refused(value: int) -> None:
    state = [0, 0, 0, value, 0, 0, 0, 0]
    calls: list[Callable[[], object]] = [
        lambda: _native.poseidon2_permute(state),
        lambda: _native.poseidon2_compress(state),
        lambda: _native.poseidon2_sponge(0, state),
        lambda: _native.poseidon2_sponge(value, []),
    ]
    for call in calls:
        with pytest.raises(NonCanonicalFelt) as caught:
            call()
        assert caught.value.value == value


@pytest.mark.parametrize("length", [0, 7, 9])
def test_a_state_has_eight_elements(length: int) -> None:
    for call in (_native.poseidon2_permute, _native.poseidon2_compress):
        with pytest.raises(InvalidLength) as caught:
            call([0] * length)
        assert (caught.value.name, caught.value.expected, caught.value.got) == ("state", 8, length)


def test_other_types_are_a_type_error() -> None:
    with pytest.raises(TypeError):
        _native.poseidon2_sponge(0, [0.0])  # type: ignore[list-item]
    with pytest.raises(TypeError):
        _native.poseidon2_sponge(0, "00000000")  # type: ignore[arg-type]
