"""The on-chain verifier accepts a proof at full security and refuses every change of it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.contracts.chain import CODE_BYTES_MAX, TRANSACTION_GAS_MAX, Chain, code_bytes
from tests.contracts.stark_verifier import TEST_MACHINE, StarkVerifier, Vector

VECTOR = Vector.load(TEST_MACHINE)


@pytest.fixture(scope="module")
def verifier() -> Iterator[StarkVerifier]:
    with Chain() as chain:
        yield StarkVerifier(chain, VECTOR)


def test_a_proof_is_accepted_in_one_transaction_under_the_gas_cap(verifier: StarkVerifier) -> None:
    assert verifier.accepts(VECTOR.public_values, VECTOR.proof)
    assert verifier.gas(VECTOR.public_values, VECTOR.proof) < TRANSACTION_GAS_MAX


def test_every_contract_fits_its_code_limit() -> None:
    for name in ("StarkVerifier", "FractionTree"):
        assert code_bytes(name) <= CODE_BYTES_MAX


def test_every_mutation_is_refused(verifier: StarkVerifier) -> None:
    assert len(VECTOR.mutations) >= 200
    accepted = [m for m in VECTOR.mutations if verifier.accepts(*VECTOR.mutated(m))]
    assert not accepted


@pytest.mark.parametrize("part", ["data", "programs"])
def test_a_shape_of_another_digest_is_refused_at_deployment(part: str) -> None:
    data, programs = VECTOR.data, VECTOR.programs
    if part == "data":
        data = data[:-1] + bytes([data[-1] ^ 1])
    else:
        programs = (programs[0][:-1], *programs[1:])
    other = replace(VECTOR, data=data, programs=programs)
    with Chain() as chain, pytest.raises(AssertionError, match="0x0"):
        StarkVerifier(chain, other)
