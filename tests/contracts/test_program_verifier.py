"""A run of the Fibonacci program, settled on a chain: stage 3's statement, with the gas cap on."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.contracts.chain import ROOT, TRANSACTION_GAS_MAX, Chain
from tests.contracts.program_verifier import HEADER_FELTS, ProgramVerifier, Run, program_digest
from tests.contracts.stark_verifier import StarkVerifier, Vector

VECTOR = Vector.load(ROOT / "tests/vectors/proof/fibonacci.json")
RUN = Run.of(VECTOR)
OUTPUTS = 64 - HEADER_FELTS
P = 2**64 - 2**32 + 1


@pytest.fixture(scope="module")
def chain() -> Iterator[Chain]:
    with Chain() as running:
        yield running


@pytest.fixture(scope="module")
def verifier(chain: Chain) -> ProgramVerifier:
    return ProgramVerifier(chain, VECTOR, digest=program_digest(VECTOR), outputs=OUTPUTS)


def test_the_run_is_accepted_in_one_transaction_under_the_gas_cap(
    verifier: ProgramVerifier,
) -> None:
    assert verifier.refusal(RUN) is None
    assert verifier.gas(RUN) < TRANSACTION_GAS_MAX


def test_the_output_is_the_fibonacci_number() -> None:
    count, number = (int.from_bytes(RUN.output[i : i + 8], "big") for i in (0, 8))
    a, b = 0, 1
    for _ in range(count):
        a, b = b, (a + b) % P
    assert number == a


def test_every_mutation_is_refused(chain: Chain) -> None:
    stark = StarkVerifier(chain, VECTOR)
    assert stark.accepts(VECTOR.public_values, VECTOR.proof)
    assert len(VECTOR.mutations) >= 200
    accepted = [m for m in VECTOR.mutations if stark.accepts(*VECTOR.mutated(m))]
    assert not accepted


@pytest.mark.parametrize(
    "forged",
    [
        replace(RUN, final_ap=RUN.final_ap + 1),
        replace(RUN, output=RUN.output[:-1] + bytes([RUN.output[-1] ^ 1])),
        replace(RUN, output=RUN.output + bytes(8)),
        replace(RUN, output=RUN.output[:8]),
        replace(RUN, output=RUN.output[:-1]),
        replace(RUN, output=RUN.output + bytes(8 * OUTPUTS)),
        replace(RUN, output=RUN.output[:8] + P.to_bytes(8, "big")),
        replace(RUN, roots=bytes(64)),
        replace(RUN, used=(1,)),
        replace(RUN, proof=RUN.proof + b"\0"),
        replace(RUN, proof=RUN.proof[:-1]),
        replace(RUN, proof=b""),
    ],
)
def test_another_claim_is_refused(verifier: ProgramVerifier, forged: Run) -> None:
    assert verifier.refusal(forged) is not None


def test_another_program_is_refused(chain: Chain) -> None:
    digest = program_digest(VECTOR)
    other = bytes([*digest[:-1], digest[-1] ^ 1])
    assert ProgramVerifier(chain, VECTOR, digest=other, outputs=OUTPUTS).refusal(RUN) is not None
