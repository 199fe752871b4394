"""Packaged contracts, and what their refusals say."""

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from zkperp.chain.artifacts import PACKAGED, artifact, refusal
from zkperp.chain.deploy import CODE_BYTES_MAX, code_holder
from zkperp.errors import InvalidInput


@pytest.mark.parametrize("name", PACKAGED)
def test_every_contract_fits_its_code_limit(name: str) -> None:
    assert 0 < artifact(name).code_bytes <= CODE_BYTES_MAX


def test_a_selector_is_the_hash_of_the_signature() -> None:
    assert artifact("DevToken").selector("transfer").hex() == "a9059cbb"
    assert artifact("DevToken").types("transfer") == ["address", "uint256"]


def test_a_refusal_is_named_with_its_arguments() -> None:
    data = keccak(text="WrongOldRoot(bytes32,bytes32)")[:4] + b"\1" * 32 + b"\2" * 32
    found = refusal(data)
    assert found.name == "WrongOldRoot"
    assert found.arguments == {"got": "0x" + "01" * 32, "expected": "0x" + "02" * 32}
    assert str(found).startswith("the contract refuses: WrongOldRoot (got = 0x0101")


def test_refusals_of_the_verifiers_and_the_language_are_known() -> None:
    names = ["NonCanonical()", "ConstraintIdentity()", "FinalQuery()", "WrongShapeData()"]
    for name in names:
        assert refusal(keccak(text=name)[:4]).name == name[:-2]
    text = refusal(keccak(text="Error(string)")[:4] + encode(["string"], ["why"]))
    assert (text.name, text.arguments) == ("Error", {"message": "why"})
    panic = refusal(keccak(text="Panic(uint256)")[:4] + encode(["uint256"], [17]))
    assert (panic.name, panic.arguments) == ("Panic", {"code": 17})


@pytest.mark.parametrize("data", [b"", b"\1\2\3\4", b"\1\2", keccak(text="NotDirect(uint8)")])
def test_an_unknown_refusal_keeps_its_bytes(data: bytes) -> None:
    assert refusal(data).data == data
    assert refusal(data).arguments == {"data": "0x" + data.hex()}


def test_a_refusal_cut_short_keeps_its_name() -> None:
    data = keccak(text="NotOperator(address)")[:4] + b"\0"
    assert refusal(data).name == "NotOperator"
    assert refusal(data).arguments == {"data": "0x" + data.hex()}


def test_a_contract_of_too_many_bytes_is_refused() -> None:
    code_holder(bytes(CODE_BYTES_MAX))
    with pytest.raises(InvalidInput, match="at most 24576"):
        code_holder(bytes(CODE_BYTES_MAX + 1))
