"""`python -m zkperp.cairo`: compile one program, or every program of a folder."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from zkperp.cairo import compile_program, to_json
from zkperp.errors import ZkperpError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 1 when a program is refused."""
    options = _parser().parse_args(arguments)
    program: Path = options.program
    output: Path = options.output
    try:
        if program.is_dir():
            compile_folder(program, output, roots=options.root)
        else:
            _write(program, output, options.root)
    except (ZkperpError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def compile_folder(sources: Path, output: Path, *, roots: Sequence[Path]) -> list[Path]:
    """Compile every program below a folder into a folder of the same shape.

    Compiled programs there whose source is gone are removed.

    Args:
        sources: its `.cairo` files are programs, each with a `main`.
        output: where `a/b.cairo` becomes `a/b.json`.
        roots: folders that modules are looked for in.

    Returns:
        The files written, in order.

    Raises:
        CompileError: a program that does not compile, or breaks a rule of our dialect.
    """
    written = []
    for source in sorted(sources.rglob("*.cairo")):
        target = output / source.relative_to(sources).with_suffix(".json")
        _write(source, target, roots)
        written.append(target)
    for stale in set(output.rglob("*.json")) - set(written):
        stale.unlink()
    return written


def _write(source: Path, target: Path, roots: Sequence[Path]) -> None:
    text = to_json(compile_program(source, roots=roots))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m zkperp.cairo",
        description="Compile Cairo 0 for Goldilocks, in proof mode, within the rules of zkperp.",
    )
    parser.add_argument(
        "program", type=Path, help="a .cairo file with main, or a folder of such files"
    )
    parser.add_argument(
        "--output", type=Path, required=True, help="the compiled file, or the folder for them"
    )
    parser.add_argument(
        "--root",
        type=Path,
        action="append",
        default=[],
        help="folder to look for modules in (repeatable); the program's own is always searched",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
