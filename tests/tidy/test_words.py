"""Words that may not stand in product code, by folder, each with its reason."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.tidy.sources import product_code, sources


class Rule(NamedTuple):
    """A pattern that no product code may contain below some folders."""

    name: str
    folders: tuple[str, ...]
    suffix: str
    pattern: str
    why: str
    allowed: tuple[str, ...] = ()


# Crates whose result may depend on their arguments alone, and not on the machine or the moment.
PURE = (
    "rust/engine/",
    "rust/field/",
    "rust/schema/",
    "rust/signature/",
    "rust/simulate/",
    "rust/tree/",
    "rust/vm/",
)

RULES = (
    Rule(
        "unwrap",
        ("rust/",),
        ".rs",
        r"\.unwrap\(\)|\.unwrap_err\(\)",
        "input never panics: return a typed error, or expect an `Invariant:`",
    ),
    Rule(
        "expect",
        ("rust/",),
        ".rs",
        r"""\.expect\((?!\s*"Invariant: )""",
        "a panic is our own bug and says so: `Invariant: ...`",
    ),
    Rule(
        "unfinished",
        ("rust/", "python/", "contracts/", "circuits/"),
        "",
        r"\btodo!|\bunimplemented!|\bNotImplementedError\b|\bTODO\b|\bFIXME\b",
        "what is not done is not in the tree",
    ),
    Rule(
        "rust float",
        PURE,
        ".rs",
        r"\bf(?:32|64)\b",
        "money and proofs are integers",
    ),
    Rule(
        "rust clock",
        PURE,
        ".rs",
        r"\b(?:Instant|SystemTime)\b",
        "time comes in as a command",
    ),
    Rule(
        "rust randomness",
        ("rust/engine/", "rust/tree/", "rust/vm/"),
        ".rs",
        r"\brand::|\bRandomState\b",
        "the same commands give the same state on every machine",
    ),
    Rule(
        "python clock",
        ("python/",),
        ".py",
        r"\btime\.time\(|\bdatetime\.now\(|\butcnow\(",
        "one source of time: clock.py",
        allowed=("clock.py",),
    ),
    Rule(
        "python float",
        ("python/zkperp/chain/", "python/zkperp/replay/", "python/zkperp/witness/"),
        ".py",
        r"\bfloat\b",
        "money is an int",
    ),
    Rule(
        "cairo.common",
        ("circuits/",),
        ".cairo",
        r"starkware\.(?:cairo\.common|starknet)",
        "it assumes p > 2^250, 128-bit range checks and Python hints (soundness § 2)",
    ),
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_words(rule: Rule) -> None:
    pattern = re.compile(rule.pattern)
    found = [
        f"{path}:{number}: {line.strip()}"
        for path in sources()
        if path.as_posix().startswith(rule.folders)
        and path.name.endswith(rule.suffix)
        and path.name not in rule.allowed
        for number, line in enumerate(product_code(path).splitlines(), 1)
        if pattern.search(line) and not _is_comment(line, path)
    ]
    assert not found, f"{rule.why}\n" + "\n".join(found)


def _is_comment(line: str, path: Path) -> bool:
    return line.lstrip().startswith("#" if path.suffix == ".py" else "//")
