"""The one file that touches cairo-lang, which has no types.

Its compiler takes any prime; only `encode_instruction` insists on one above 2^64, to leave room for
a 16th flag that is never set. An instruction is below 2^63, so Goldilocks is large enough: the
original encoder runs with StarkWare's prime, where its assertion holds, and the immediate is
reduced here.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from zkperp.cairo import rules
from zkperp.cairo.errors import CompileError, SourceError
from zkperp.errors import MissingExtra


@contextmanager
def _quiet() -> Iterator[None]:
    """What cairo-lang calls is deprecated in parts; that is not the business of who calls us."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


try:
    with _quiet():
        from starkware.cairo.lang.cairo_constants import DEFAULT_PRIME
        from starkware.cairo.lang.compiler import assembler
        from starkware.cairo.lang.compiler.cairo_compile import check_main_args, get_start_code
        from starkware.cairo.lang.compiler.constants import MAIN_SCOPE, START_FILE_NAME
        from starkware.cairo.lang.compiler.encode import encode_instruction
        from starkware.cairo.lang.compiler.error_handling import LocationError
        from starkware.cairo.lang.compiler.import_loader import UsingCycleError
        from starkware.cairo.lang.compiler.instruction import BytecodeData
        from starkware.cairo.lang.compiler.module_reader import ModuleReader
        from starkware.cairo.lang.compiler.preprocessor.default_pass_manager import (
            default_pass_manager,
        )
        from starkware.cairo.lang.compiler.preprocessor.preprocess_codes import preprocess_codes
except ImportError as error:
    extra = "cairo"
    raise MissingExtra(extra) from error

LIBRARY_ROOT = Path(assembler.__file__).parents[4]
"""Where cairo-lang's own Cairo modules lie."""


def compile_for_goldilocks(
    source: Path, *, roots: Sequence[Path], check_module: Callable[[str], None]
) -> dict[str, object]:
    """Run the compiler in proof mode.

    Args:
        source: the file with `main`.
        roots: folders that modules are looked for in.
        check_module: called with the name of every module before it is read; may raise.

    Returns:
        The compiled program as its JSON file holds it.

    Raises:
        CompileError: what `check_module` raised.
        SourceError: the compiler's message.
    """
    paths = [str(path.resolve()) for path in (*roots, LIBRARY_ROOT)]
    reader = ModuleReader(paths=paths, cairo_suffix=".cairo")

    def read_module(name: str) -> tuple[str, str]:
        check_module(name)
        code, filename = reader.read(name)
        return str(code), str(filename)

    code = source.read_text(encoding="utf-8")
    try:
        with _quiet(), _goldilocks_encoder():
            preprocessed = preprocess_codes(
                codes=[(code, str(source))],
                pass_manager=default_pass_manager(prime=rules.PRIME, read_module=read_module),
                main_scope=MAIN_SCOPE,
                start_codes=[(get_start_code(), START_FILE_NAME)],
            )
            program = assembler.assemble(preprocessed, main_scope=MAIN_SCOPE)
            # An assertion: main's arguments are the builtins' pointers, in their order.
            check_main_args(program)
    except (LocationError, UsingCycleError, AssertionError) as error:
        raise _refusal_behind(error) or SourceError(str(error)) from error
    dumped: dict[str, object] = program.Schema().dump(program)
    # Keys of `hints` are integers here and strings in the file.
    return {**dumped, "hints": {str(pc): hints for pc, hints in dumped["hints"].items()}}  # type: ignore[attr-defined]


def _refusal_behind(error: BaseException) -> CompileError | None:
    """Our own error, where the compiler wrapped it in one of its."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, CompileError):
        cause = cause.__context__
    return cause


def _encode(element: Any, prime: int) -> list[int]:  # noqa: ANN401
    """`encode_instruction` for any prime above 2^63.

    Raises:
        CompileError: the word would not be below 2^63.
    """
    if isinstance(element, BytecodeData):
        return [element.data % prime]
    word, *_ = encode_instruction(element, DEFAULT_PRIME)
    if not 0 <= word < rules.INSTRUCTION_BOUND:
        message = f"instruction {word:#x} is not below 2^63"
        raise CompileError(message)
    return [word] if element.imm is None else [word, element.imm % prime]


@contextmanager
def _goldilocks_encoder() -> Iterator[None]:
    """Within it, the assembler encodes for any prime above 2^63."""
    original = assembler.encode_instruction
    assembler.encode_instruction = _encode
    try:
        yield
    finally:
        assembler.encode_instruction = original
