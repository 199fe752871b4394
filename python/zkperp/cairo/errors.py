"""What can be wrong with a Cairo program.

InvalidInput
└── CompileError
    ├── SourceError           cairo-lang's own message, with file and line
    ├── ForbiddenImport       a module of StarkWare's library
    ├── UnknownHint           a hint outside the closed list
    ├── UnsupportedBuiltins   builtins we have not got, or not in canonical order
    ├── HeaderMismatch        not compiled in proof mode
    └── WrongPrime            compiled for another field
"""

from collections.abc import Sequence

from zkperp.errors import InvalidInput


class CompileError(InvalidInput):
    """A program that we do not compile, or do not accept as compiled."""


class SourceError(CompileError):
    """The source is not a Cairo program; the message is the compiler's."""


class ForbiddenImport(CompileError):
    """A module of StarkWare's library, which assumes a prime above 2^250 and Python hints.

    Args:
        module: its name.
    """

    def __init__(self, module: str) -> None:
        super().__init__(f"{module} may not be used: it assumes a prime above 2^250")
        self.module = module


class UnknownHint(CompileError):
    """A hint that is not on the closed list.

    Args:
        pc: offset of the instruction it is attached to.
        code: its text.
    """

    def __init__(self, pc: int, code: str) -> None:
        super().__init__(f"the hint at word {pc} is not on the closed list: {code!r}")
        self.pc = pc
        self.code = code


class UnsupportedBuiltins(CompileError):
    """Builtins that are unknown, repeated or out of order, or `output` is missing.

    Args:
        got: the program's builtins.
        canonical: ours, in the order they must come in.
    """

    def __init__(self, got: Sequence[str], canonical: Sequence[str]) -> None:
        super().__init__(
            f"builtins [{' '.join(got)}] are not 'output' and then some of "
            f"[{' '.join(canonical[1:])}] in this order"
        )
        self.got = tuple(got)


class HeaderMismatch(CompileError):
    """The first words are not `ap += n; call main; jmp rel 0`.

    Args:
        detail: what differs.
    """

    def __init__(self, detail: str) -> None:
        super().__init__(f"not a proof-mode program: {detail}")


class WrongPrime(CompileError):
    """Compiled for another field.

    Args:
        prime: its prime, as the compiled program has it.
    """

    def __init__(self, prime: object) -> None:
        super().__init__(f"compiled for the prime {prime}, not for Goldilocks")
