"""What we build on may be used under Apache-2.0: every licence of Rust, Python and npm packages."""

import importlib.metadata
import json
import re
import subprocess

import pytest

from tests.tidy.sources import ROOT

ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "PSF-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
}

# What `pip install zkperp` brings along. Their metadata names a licence in one of three fields.
PYTHON_PACKAGES = ("rich", "typer")


def is_allowed(expression: str) -> bool:
    """Evaluate an SPDX expression: some alternative must have only allowed terms."""
    flat = expression.replace("/", " OR ")
    while group := re.search(r"\(([^()]*)\)", flat):
        term = "MIT" if is_allowed(group[1]) else "refused"
        flat = flat[: group.start()] + term + flat[group.end() :]
    return any(
        all(term.strip() in ALLOWED for term in alternative.split(" AND "))
        for alternative in flat.split(" OR ")
    )


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("MIT/Apache-2.0", True),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only AND MIT", False),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", True),
        ("(GPL-2.0-only OR MIT) AND BUSL-1.1", False),
        ("", False),
    ],
)
def test_expressions(expression: str, allowed: bool) -> None:  # noqa: FBT001
    assert is_allowed(expression) is allowed


def test_rust_packages() -> None:
    metadata = json.loads(
        subprocess.run(
            ["cargo", "metadata", "--format-version", "1"],
            cwd=ROOT,
            check=True,
            capture_output=True,
        ).stdout
    )
    refused = {
        f"{package['name']} {package['version']}": package["license"]
        for package in metadata["packages"]
        if not is_allowed(package["license"] or "")
    }
    assert len(metadata["packages"]) > 20
    assert not refused


def test_npm_packages() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    licences = {path: package.get("license") for path, package in packages.items()}
    # Its package.json has the list form of old, which the lock file leaves out: MIT.
    assert licences.pop("node_modules/memorystream") is None
    assert not {path: licence for path, licence in licences.items() if not is_allowed(licence)}


@pytest.mark.parametrize("name", PYTHON_PACKAGES)
def test_python_packages(name: str) -> None:
    metadata = importlib.metadata.metadata(name).json
    assert is_allowed(str(metadata.get("license_expression") or metadata.get("license")))
