"""The constants of our Cairo dialect; rust/vm holds the same ones."""

import re
from typing import Final

PRIME: Final = 2**64 - 2**32 + 1

BUILTINS: Final = ("output", "range_check", "poseidon2", "muldiv", "state", "schnorr")
"""Canonical order (rust/vm/src/builtins)."""

HINT: Final = re.compile(
    r"memory\[(?:ap|fp)(?: [+-] (?P<offset>[1-9][0-9]*))?\] = "
    r"(?:program_input\[\"[A-Za-z_][A-Za-z0-9_]*\"\]|advice)"
)
"""The closed list of hints (rust/vm/src/hints.rs says what they do)."""

HINT_OFFSET_MAX: Final = 2**15 - 1

COMPILER_LIBRARY: Final = "starkware.cairo.lang.compiler.lib.registers"
"""The one module of StarkWare's that may be used: the compiler itself calls its `get_fp_and_pc` and
`get_ap`, which have no hints and no arithmetic beyond `fp - 2`."""

FORBIDDEN_ROOT: Final = "starkware"

INSTRUCTION_BOUND: Final = 2**63
"""An instruction has 48 bits of offsets and 15 flags (soundness § 3)."""

AP_ADD_IMMEDIATE: Final = 0x040780017FFF7FFF
CALL_REL_IMMEDIATE: Final = 0x1104800180018000
JMP_REL_IMMEDIATE: Final = 0x010780017FFF7FFF


def is_listed_hint(code: str) -> bool:
    """Whether a hint's text is on the closed list, to the letter."""
    match = HINT.fullmatch(code)
    return match is not None and int(match["offset"] or 0) <= HINT_OFFSET_MAX


def is_forbidden_module(name: str) -> bool:
    """Whether a module, or an identifier by its full name, is of StarkWare's library."""
    root = name.split(".", 1)[0]
    allowed = name == COMPILER_LIBRARY or name.startswith(f"{COMPILER_LIBRARY}.")
    return root == FORBIDDEN_ROOT and not allowed
