"""Every exception of ours.

ZkperpError
├── InvalidInput (ValueError)      an argument, file or message is not what its format says
│   ├── InvalidBatch               a batch directory that is damaged or is none
│   ├── InvalidLength              a sequence whose length is fixed has another one
│   ├── InvalidProgram             a file that is no compiled program of ours
│   ├── InvalidProof               a proof that is refused, with the reason
│   └── NonCanonicalFelt           an integer that is not in 0 .. p - 1
├── MissingExtra (ImportError)     a command needs packages that an extra of ours installs
├── ProvingFailed                  a run that can't be proven
└── RunFailed                      a program that doesn't run to its end on its input

Rust raises the same classes (rust/py/src/errors.rs). An exception of another kind is a bug of ours.
"""

__all__ = [
    "InvalidBatch",
    "InvalidInput",
    "InvalidLength",
    "InvalidProgram",
    "InvalidProof",
    "MissingExtra",
    "NonCanonicalFelt",
    "ProvingFailed",
    "RunFailed",
    "ZkperpError",
]


class ZkperpError(Exception):
    """Base of all: catch this one to catch whatever we raise on purpose."""


class InvalidInput(ZkperpError, ValueError):
    """Input that breaks its format. Nothing was changed."""


class InvalidBatch(InvalidInput):
    """A batch directory that is damaged, changed, or none: the message names the file."""


class InvalidLength(InvalidInput):
    """A sequence has the wrong number of elements.

    Args:
        name: the argument.
        expected: its fixed length.
        got: the length it came with.
    """

    def __init__(self, name: str, expected: int, got: int) -> None:
        super().__init__(f"{name} has {got} elements, not {expected}")
        self.name = name
        self.expected = expected
        self.got = got


class InvalidProgram(InvalidInput):
    """A file that is not a compiled Cairo program over Goldilocks, or breaks our rules for one."""


class InvalidProof(InvalidInput):
    """A proof that is refused: damaged, about another statement, or false."""


class NonCanonicalFelt(InvalidInput):
    """An integer outside 0 .. p - 1: a second name for a field element, or for none.

    Args:
        value: the integer.
    """

    def __init__(self, value: int) -> None:
        super().__init__(f"{value} is not a canonical field element: 0 <= x < 2^64 - 2^32 + 1")
        self.value = value


class MissingExtra(ZkperpError, ImportError):
    """Packages of an extra are not installed.

    Args:
        extra: its name in pyproject.toml.
    """

    def __init__(self, extra: str) -> None:
        super().__init__(f"needs the extra '{extra}': pip install 'zkperp[{extra}]'")
        self.extra = extra


class ProvingFailed(ZkperpError):
    """A run that can't be proven with the parameters asked for."""


class RunFailed(ZkperpError):
    """A program that does not run to its end: the message names the place and the calls."""
