"""Cairo 0 programs for Goldilocks: StarkWare's compiler behind our rules.

`compile_program` needs the extra `cairo`; `check_compiled` reads compiled programs without it.
"""

from zkperp.cairo.checks import check_compiled
from zkperp.cairo.compiler import compile_program, to_json
from zkperp.cairo.errors import (
    CompileError,
    ForbiddenImport,
    HeaderMismatch,
    SourceError,
    UnknownHint,
    UnsupportedBuiltins,
    WrongPrime,
)

__all__ = [
    "CompileError",
    "ForbiddenImport",
    "HeaderMismatch",
    "SourceError",
    "UnknownHint",
    "UnsupportedBuiltins",
    "WrongPrime",
    "check_compiled",
    "compile_program",
    "to_json",
]
