"""The on-chain verifier accepts a proof at full security and refuses every change of it."""

from collections.abc import Iterator

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


def test_shape_data_of_another_digest_are_refused_at_deployment() -> None:
    other = Vector(VECTOR.public_values, VECTOR.proof, VECTOR.data[:-1], VECTOR.digest, [])
    with Chain() as chain, pytest.raises(AssertionError, match="0x0"):
        StarkVerifier(chain, other)
