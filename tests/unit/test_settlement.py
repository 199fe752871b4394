"""A venue's file, its keys, and what refers to them without a chain."""

import json
from pathlib import Path

import pytest
from eth_utils.crypto import keccak

from zkperp import _native
from zkperp.bench_gas import bench_gas
from zkperp.chain import NotOurContract, Reverted
from zkperp.chain.devnet import devnet_account
from zkperp.demo.flow import find_flow
from zkperp.demo.tamper import crc32c
from zkperp.errors import InvalidInput, InvalidKey, InvalidVenue, ZkperpError
from zkperp.settlement.devnet import START_TIME_MS, built_in_shape, built_in_venue
from zkperp.settlement.errors import BatchRefused
from zkperp.settlement.keys import OPERATOR_VARIABLE, key_from, operator_account, trader_account
from zkperp.settlement.venue import Venue, accounts_of


@pytest.fixture(scope="module")
def venue() -> Venue:
    return built_in_venue(traders=4, deposit_micro=10**12, seed=9)


def test_the_built_in_devnet_is_the_same_each_time(venue: Venue) -> None:
    assert venue == built_in_venue(traders=4, deposit_micro=10**12, seed=9)
    assert len(venue.requests) == accounts_of(4) == 6
    assert venue.token == "0x5FbDB2315678afecb367f032d93F642f64180aa3"
    assert venue.genesis_time_ms == venue.first_flow_time_ms == START_TIME_MS
    other = built_in_venue(traders=4, deposit_micro=10**12, seed=8)
    # Addresses do not follow from the seed, roots and owners do.
    assert other.rollup == venue.rollup
    assert other.genesis_root != venue.genesis_root
    assert other.requests[0][2:5] != venue.requests[0][2:5]


def test_deposits_are_of_the_traders_own_addresses(venue: Venue) -> None:
    for number, words in enumerate(venue.requests, 1):
        owner = bytes.fromhex(trader_account(9, number).address[2:])
        parts = (owner[:7], owner[7:14], owner[14:])
        assert words[:6] == (1, number, *(int.from_bytes(p, "big") for p in parts), 10**12)
        assert words[6] == 0
        assert any(words[7:])
    key = keccak(b"zkperp devnet trader" + (9).to_bytes(8, "big") + (1).to_bytes(4, "big"))
    assert trader_account(9, 1).key == key


def test_the_shape_fits_the_program() -> None:
    shape, program = built_in_shape()
    assert len(shape.digest) == len(program.digest) == 32
    hashes = keccak(shape.data) + b"".join(map(keccak, shape.programs))
    assert keccak(hashes) == shape.digest
    assert program.has_state
    assert program.output_capacity > 1000


def test_a_venue_file_gives_the_venue_back(venue: Venue, tmp_path: Path) -> None:
    path = tmp_path / "venue.json"
    for kept in (venue, venue.with_request_times([7, 8])):
        kept.save(path)
        assert Venue.load(path) == kept
    assert [found.name for found in tmp_path.iterdir()] == ["venue.json"]
    with pytest.raises(InvalidVenue, match="venue"):
        venue.save(tmp_path / "nowhere" / "venue.json")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("format",), "other", "no zkperp-venue file"),
        (("version",), 1, "no zkperp-venue file"),
        (("chain_id",), "x", "chain_id: 'x' is not a number"),
        (("chain_id",), 2**64, "chain_id"),
        (("block",), -1, "block"),
        (("traders",), 1.5, "traders"),
        (("contracts",), None, "contracts: not a JSON object"),
        (("contracts", "rollup"), "0x12", "rollup: '0x12' is not an address"),
        (("genesis", "staleness_ms"), 1, "genesis_root"),
        (("genesis", "staleness_ms"), 0, "staleness_ms"),
        (("genesis", "quorum"), 4, "quorum"),
        (("genesis", "markets"), None, "genesis"),
        (
            ("genesis", "markets"),
            [{"name": "BTC-USD"}],
            r"markets\[0\]: missing field `multiplier`",
        ),
        (("genesis", "oracle_keys"), [["a"] * 5], r"oracle_keys\[0\]"),
        (("genesis", "oracle_key"), ["1"] * 5, "unknown field `oracle_key`"),
        (("requests",), [["1"]], "12 words"),
        (("requests",), [1], "requests: not a list"),
        (("requests",), [["x"] * 12], "requests: 'x'"),
        (("seed",), None, "seed"),
    ],
)
def test_a_damaged_venue_file_is_refused(
    venue: Venue, tmp_path: Path, path: tuple[str, ...], value: object, message: str
) -> None:
    file = tmp_path / "venue.json"
    venue.save(file)
    content = json.loads(file.read_text())
    parent = content
    for name in path[:-1]:
        parent = parent[name]
    parent[path[-1]] = value
    file.write_text(json.dumps(content))
    with pytest.raises(InvalidVenue, match=message) as refused:
        Venue.load(file)
    assert str(file) in str(refused.value)


def test_a_missing_or_torn_venue_file_is_refused(venue: Venue, tmp_path: Path) -> None:
    file = tmp_path / "venue.json"
    with pytest.raises(InvalidVenue, match=r"venue\.json"):
        Venue.load(file)
    file.write_text("[]")
    with pytest.raises(InvalidVenue, match="not a JSON object"):
        Venue.load(file)
    venue.save(file)
    file.write_text(file.read_text()[:-40])
    with pytest.raises(InvalidVenue, match=r"venue\.json"):
        Venue.load(file)
    file.write_text("{}")
    with pytest.raises(InvalidVenue, match=r"venue\.json: format is missing$"):
        Venue.load(file)


def test_keys_come_from_a_file_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(OPERATOR_VARIABLE, raising=False)
    assert operator_account().address == devnet_account(0).address
    account = trader_account(1, 1)
    file = tmp_path / "key"
    file.write_text(f"0x{account.key.hex().removeprefix('0x')}\n")
    assert operator_account(file).address == account.address
    monkeypatch.setenv(OPERATOR_VARIABLE, trader_account(1, 2).key.hex())
    assert operator_account().address == trader_account(1, 2).address
    assert operator_account(file).address == account.address
    secret = "11" * 31
    file.write_text(secret)
    with pytest.raises(InvalidKey) as refused:
        operator_account(file)
    assert secret not in str(refused.value)
    with pytest.raises(InvalidKey, match="nowhere"):
        key_from(tmp_path / "nowhere", "NONE")
    assert key_from(None, "ZKPERP_NO_SUCH_VARIABLE") is None


def test_a_flow_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLOW", raising=False)
    monkeypatch.chdir(tmp_path)
    assert find_flow(None) is None
    feed = tmp_path / "feed.csv"
    with pytest.raises(InvalidInput, match="no such feed"):
        find_flow(feed)
    feed.touch()
    assert find_flow(feed) == feed
    monkeypatch.setenv("FLOW", str(feed))
    assert find_flow(None) == feed


def test_a_benchmark_of_no_batch_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at least one run"):
        bench_gas(None, batch_orders=1, runs=0)


def test_the_checksum_is_the_known_one() -> None:
    # RFC 3720, B.4.
    assert crc32c(b"123456789") == 0xE306_9283
    assert crc32c(bytes(32)) == 0x8A91_36AA


def classes(base: type[ZkperpError]) -> list[type[ZkperpError]]:
    return [base, *(found for below in base.__subclasses__() for found in classes(below))]


def test_errors_have_codes_that_stay() -> None:
    assert NotOurContract("x").error_code == "not-our-contract"
    refused = BatchRefused(3, Reverted("NotProven", {}, b""))
    assert (refused.error_code, refused.reason) == ("batch-refused", "NotProven")
    assert str(refused) == "batch 3: the contract refuses: NotProven"
    own: dict[str, str] = {}
    for found in set(classes(ZkperpError)):
        if "error_code" in vars(found):
            assert own.setdefault(found.error_code, found.__name__) == found.__name__
    assert len(own) > 25


def test_a_genesis_is_read_strictly() -> None:
    good = json.loads(_native.devnet_genesis(1, 5))
    assert len(_native.genesis_root(json.dumps(good))) == 32
    with pytest.raises(InvalidVenue, match="unknown field"):
        _native.genesis_root(json.dumps({**good, "more": 1}))
    good["markets"][1]["tiers"][0]["imf_pm"] = 1
    with pytest.raises(InvalidVenue, match=r"markets\[1\]\.tiers\[0\]: unknown field `imf_pm`"):
        _native.genesis_root(json.dumps(good))
    del good["markets"][1]["tiers"][0]["imf_pm"]
    del good["markets"][1]["oi_max"]
    with pytest.raises(InvalidVenue, match=r"markets\[1\]: missing field `oi_max`"):
        _native.genesis_root(json.dumps(good))
    good["markets"][1]["oi_max"] = 5
    with pytest.raises(InvalidVenue):
        _native.Rebuild(json.dumps(good), 2**60, bytes(20))
