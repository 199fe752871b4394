"""Files of a user's: written whole or not at all, and what is wrong with one in plain words."""

import json
import os
from contextlib import suppress
from pathlib import Path

from zkperp.errors import InvalidInput

__all__ = ["check_target", "why", "write_whole"]


def why(error: Exception) -> str:
    """Return what is wrong with a file, for a message that begins with its name.

    The system's and the parser's own texts repeat the name, or name a draft of ours.
    """
    match error:
        case json.JSONDecodeError():
            return f"not JSON: {error.msg} in line {error.lineno}, column {error.colno}"
        case UnicodeDecodeError():
            return "not text in UTF-8"
        case KeyError():
            return f"{error.args[0]} is missing"
        case OSError(strerror=str(text)):
            return text
        case _:
            return str(error)


def check_target(target: Path) -> None:
    """Refuse a file that can't be written, before the work that makes it.

    Raises:
        InvalidInput: it is a folder, its folder is not there, or may not be written to.
    """
    folder = target.parent
    if target.is_dir():
        message = f"{target}: is a folder"
    elif not folder.is_dir():
        message = f"{target}: there is no folder {folder}"
    elif not os.access(folder, os.W_OK | os.X_OK):
        message = f"{target}: the folder {folder} can't be written to"
    else:
        return
    raise InvalidInput(message)


def write_whole(target: Path, content: bytes) -> None:
    """Write a file, whole or not at all.

    Raises:
        InvalidInput: it can't be written.
    """
    draft = target.with_name(f".{target.name}.draft")
    try:
        draft.write_bytes(content)
        draft.replace(target)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        message = f"{target}: {why(error)}"
        raise InvalidInput(message) from error
