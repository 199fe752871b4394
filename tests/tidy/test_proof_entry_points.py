"""Plonky3 proves and verifies only where the security report is asked for (soundness § 4).

`prove` and `verify` of p3-multi-stark take any parameters; their `*_with_security` forms refuse
those whose proven bound is below the target. So the plain forms are named nowhere, and the checked
ones in one module each; tests that forge proofs may call them too.
"""

import re
from pathlib import Path

from tests.tidy.sources import sources, text

ALLOWED = {
    "prove_with_security": "rust/stark/src/prove.rs",
    "verify_with_security": "rust/stark/src/verify.rs",
}

_ENTRY = r"(?:prove|verify)(?:_with_backend|_with_security|_segment)?"
# A path from the crate to an entry point, straight or through one of its modules.
_PATH = re.compile(rf"\bp3_multi_stark(?:::\w+)*::({_ENTRY})\b")
# A `use` of the crate, with everything between its braces.
_USE = re.compile(r"\buse\s+p3_multi_stark\b([^;]*);")


def entry_points(rust: str) -> set[str]:
    """Return the names of p3-multi-stark's entry points that Rust source can call."""
    names = {match[1] for match in _PATH.finditer(rust)}
    for use in _USE.finditer(rust):
        names |= set(re.findall(rf"\b{_ENTRY}\b", use[1]))
        if re.search(r"\bas\b|\*|\bself\b", use[1]):
            # Under another name the calls could not be found: refuse the name itself.
            names.add(f"use p3_multi_stark{use[1]}")
    return names


def rust_files() -> list[Path]:
    return [path for path in sources() if path.suffix == ".rs"]


def test_only_the_checked_entry_points_are_called() -> None:
    found = [
        f"{path}: {name}"
        for path in rust_files()
        for name in sorted(entry_points(text(path)))
        if not (name in ALLOWED and ("tests" in path.parts or ALLOWED[name] == path.as_posix()))
    ]
    assert not found


def test_the_search_sees_every_way_to_call() -> None:
    assert entry_points("let p = p3_multi_stark::prove(&c);") == {"prove"}
    assert entry_points("p3_multi_stark::prover::prove_with_backend::<C>(x)") == {
        "prove_with_backend"
    }
    assert entry_points("use p3_multi_stark::{\n    Key,\n    verify,\n};") == {"verify"}
    assert entry_points("use p3_multi_stark as ms;") == {"use p3_multi_stark as ms"}
    assert entry_points("use p3_multi_stark::*;") == {"use p3_multi_stark::*"}
    assert entry_points("use p3_multi_stark::verifier::verify_with_security;") == {
        "verify_with_security"
    }
    assert entry_points("use p3_multi_stark::{MultiStarkProof, VerifierInstances};") == set()
