"""Every exception of ours.

ZkperpError
├── InvalidInput (ValueError)      an argument, file or message is not what its format says
│   ├── InvalidBatch               a batch directory that is damaged or is none
│   ├── InvalidKey                 a private key that is none, or not there
│   ├── InvalidLength              a sequence whose length is fixed has another one
│   ├── InvalidProgram             a file that is no compiled program of ours
│   ├── InvalidProof               a proof that is refused, with the reason
│   ├── InvalidVenue               a venue file that is damaged, or parameters that no venue has
│   └── NonCanonicalFelt           an integer that is not in 0 .. p - 1
├── BatchMismatch                  a batch that does not lead from one root to the other
├── MissingExtra (ImportError)     a command needs packages that an extra of ours installs
├── ProvingFailed                  a run that can't be proven
├── UnexpectedOutcome              a script's command whose outcome is not what its line expects
└── RunFailed                      a program that doesn't run to its end on its input

What goes wrong with a chain is in zkperp.chain.errors, what goes wrong with a venue on one in
zkperp.settlement.errors. Rust raises the same classes (rust/py/src/errors.rs). An exception of
another kind is a bug of ours.
"""

from typing import ClassVar

__all__ = [
    "BatchMismatch",
    "InvalidBatch",
    "InvalidInput",
    "InvalidKey",
    "InvalidLength",
    "InvalidProgram",
    "InvalidProof",
    "InvalidVenue",
    "MissingExtra",
    "NonCanonicalFelt",
    "ProvingFailed",
    "RunFailed",
    "UnexpectedOutcome",
    "ZkperpError",
]


class ZkperpError(Exception):
    """Base of all: catch this one to catch whatever we raise on purpose.

    Attributes:
        error_code: what a program may go by; it stays when the message changes.
    """

    error_code: ClassVar[str] = "error"


class InvalidInput(ZkperpError, ValueError):
    """Input that breaks its format. Nothing was changed."""

    error_code = "invalid-input"


class InvalidBatch(InvalidInput):
    """A batch directory that is damaged, changed, or none: the message names the file."""

    error_code = "invalid-batch"


class InvalidKey(InvalidInput):
    """A private key that is none, or that is not where it should be. The message never holds it."""

    error_code = "invalid-key"


class InvalidLength(InvalidInput):
    """A sequence has the wrong number of elements.

    Args:
        name: the argument.
        expected: its fixed length.
        got: the length it came with.
    """

    error_code = "invalid-length"

    def __init__(self, name: str, expected: int, got: int) -> None:
        super().__init__(f"{name} has {got} elements, not {expected}")
        self.name = name
        self.expected = expected
        self.got = got


class InvalidProgram(InvalidInput):
    """A file that is not a compiled Cairo program over Goldilocks, or breaks our rules for one."""

    error_code = "invalid-program"


class InvalidProof(InvalidInput):
    """A proof that is refused: damaged, about another statement, or false."""

    error_code = "invalid-proof"


class InvalidVenue(InvalidInput):
    """A venue file that is damaged or none, or parameters that no venue can have."""

    error_code = "invalid-venue"


class NonCanonicalFelt(InvalidInput):
    """An integer outside 0 .. p - 1: a second name for a field element, or for none.

    Args:
        value: the integer.
    """

    error_code = "non-canonical-felt"

    def __init__(self, value: int) -> None:
        super().__init__(f"{value} is not a canonical field element: 0 <= x < 2^64 - 2^32 + 1")
        self.value = value


class BatchMismatch(ZkperpError):
    """Batch data that do not lead from their old root to their new one. Nothing was applied."""

    error_code = "batch-mismatch"


class MissingExtra(ZkperpError, ImportError):
    """Packages of an extra are not installed.

    Args:
        extra: its name in pyproject.toml.
    """

    error_code = "missing-extra"

    def __init__(self, extra: str) -> None:
        super().__init__(f"needs the extra '{extra}': pip install 'zkperp[{extra}]'")
        self.extra = extra


class ProvingFailed(ZkperpError):
    """A run that can't be proven with the parameters asked for."""

    error_code = "proving-failed"


class RunFailed(ZkperpError):
    """A program that does not run to its end: the message names the place and the calls."""

    error_code = "run-failed"


class UnexpectedOutcome(ZkperpError):
    """A command of a script was accepted or refused otherwise than its line expects.

    Args:
        line: the line's number.
        expected: `accepted`, or the refusal's name.
        found: likewise.
    """

    error_code = "unexpected-outcome"

    def __init__(self, line: int, expected: str, found: str) -> None:
        super().__init__(f"line {line}: expected {expected}, found {found}")
        self.line = line
        self.expected = expected
        self.found = found
