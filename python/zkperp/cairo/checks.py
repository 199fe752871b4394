"""What is checked of every compiled program, ours or not; needs no compiler."""

from collections.abc import Mapping, Sequence
from typing import NoReturn

from zkperp.cairo import rules
from zkperp.cairo.errors import (
    CompileError,
    ForbiddenImport,
    HeaderMismatch,
    UnknownHint,
    UnsupportedBuiltins,
    WrongPrime,
)

HEADER_WORDS = 6


def check_compiled(program: Mapping[str, object]) -> None:
    """Check a compiled program (the object in its JSON file) against the rules of our dialect.

    Args:
        program: cairo-lang's format, words as hexadecimal strings.

    Raises:
        CompileError: the first rule that it breaks, as a subclass.
    """
    if program.get("prime") != hex(rules.PRIME):
        raise WrongPrime(program.get("prime"))
    builtins = _strings(program, "builtins")
    _check_builtins(builtins)
    _check_words(_words(program), len(builtins))
    _check_hints(_mapping(program, "hints"))
    for name in _mapping(program, "identifiers"):
        if rules.is_forbidden_module(name):
            raise ForbiddenImport(name)


def _check_builtins(builtins: Sequence[str]) -> None:
    ordered = [name for name in rules.BUILTINS if name in builtins]
    if list(builtins) != ordered or "output" not in builtins:
        raise UnsupportedBuiltins(builtins, rules.BUILTINS)


def _check_words(words: Sequence[int], builtins: int) -> None:
    """The header of proof mode; `main` may stand anywhere behind it."""
    if len(words) <= HEADER_WORDS:
        detail = f"it has {len(words)} words"
        raise HeaderMismatch(detail)
    expected = {
        0: rules.AP_ADD_IMMEDIATE,
        1: builtins,
        2: rules.CALL_REL_IMMEDIATE,
        4: rules.JMP_REL_IMMEDIATE,
        5: 0,
    }
    for index, word in expected.items():
        if words[index] != word:
            detail = f"word {index} is {words[index]:#x}, not {word:#x}"
            raise HeaderMismatch(detail)


def _check_hints(hints: Mapping[str, object]) -> None:
    for pc, attached in hints.items():
        if not isinstance(attached, list):
            _refuse("hints")
        for hint in attached:
            code = hint.get("code") if isinstance(hint, dict) else None
            if not isinstance(code, str):
                _refuse("hints")
            if not rules.is_listed_hint(code):
                raise UnknownHint(int(pc), code)


def _words(program: Mapping[str, object]) -> list[int]:
    words = []
    for text in _strings(program, "data"):
        try:
            word = int(text, 16)
        except ValueError:
            _refuse("data")
        if not 0 <= word < rules.PRIME:
            _refuse("data")
        words.append(word)
    return words


def _strings(program: Mapping[str, object], key: str) -> list[str]:
    value = program.get(key)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        _refuse(key)
    return value


def _mapping(program: Mapping[str, object], key: str) -> dict[str, object]:
    value = program.get(key)
    if not isinstance(value, dict):
        _refuse(key)
    return value


def _refuse(key: str) -> NoReturn:
    message = f"not a compiled Cairo program: {key!r} is missing or malformed"
    raise CompileError(message)
