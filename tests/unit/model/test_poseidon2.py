import json
from pathlib import Path

import pytest

from tests.model.poseidon2 import P, compress, permute, sponge

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors/poseidon2/known_answers.json").read_text()
)


def felts(words: list[str]) -> list[int]:
    return [int(word) for word in words]


@pytest.mark.parametrize("case", VECTORS["permute"])
def test_permutation_and_compression(case: dict[str, list[str]]) -> None:
    state = felts(case["input"])
    assert permute(state) == felts(case["output"])
    assert compress(state) == felts(case["compressed"])


@pytest.mark.parametrize("case", VECTORS["sponge"])
def test_sponge(case: dict[str, list[str] | str]) -> None:
    message, digest, domain = case["message"], case["digest"], case["domain"]
    assert isinstance(message, list)
    assert isinstance(digest, list)
    assert isinstance(domain, str)
    assert sponge(int(domain), felts(message)) == felts(digest)


def test_states_of_different_kinds_never_meet() -> None:
    digests = [sponge(1, []), sponge(2, []), sponge(1, [0]), sponge(1, [0] * 4), sponge(1, [0] * 5)]
    assert len({tuple(digest) for digest in digests}) == len(digests)
    assert all(felt < P for digest in digests for felt in digest)
