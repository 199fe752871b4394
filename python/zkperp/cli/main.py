"""Entry of `zkperp`: the list of its commands, and how errors reach the terminal."""

import json
import sys
from typing import Annotated, NoReturn

import typer

from zkperp import __version__
from zkperp.cli import bench
from zkperp.cli.account import account, claim, deposit, withdraw
from zkperp.cli.demo import demo
from zkperp.cli.deploy import deploy
from zkperp.cli.inspect import inspect
from zkperp.cli.prove_batch import prove_batch
from zkperp.cli.prove_program import prove_program
from zkperp.cli.rebuild import rebuild
from zkperp.cli.replay import replay
from zkperp.cli.script import script
from zkperp.cli.settle import settle
from zkperp.cli.simulate import simulate
from zkperp.cli.verify import verify
from zkperp.errors import InvalidInput, ZkperpError
from zkperp.files import why

app = typer.Typer(
    name="zkperp",
    help="A perpetual futures exchange whose every batch is proven.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


def _show_version(requested: bool) -> None:
    if requested:
        typer.echo(f"zkperp {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """A perpetual futures exchange whose every batch is proven."""


app.command("demo")(demo)
app.command("deploy")(deploy)
app.command("replay")(replay)
app.command("inspect")(inspect)
app.command("prove-batch")(prove_batch)
app.command("prove-program")(prove_program)
app.command("verify")(verify)
app.command("settle")(settle)
app.command("rebuild")(rebuild)
app.command("script")(script)
app.command("simulate")(simulate)
app.command("deposit")(deposit)
app.command("withdraw")(withdraw)
app.command("claim")(claim)
app.command("account")(account)
app.add_typer(bench.app, name="bench")


def main() -> None:
    """Run the command line. Exit code 1 and one line on stderr where we refuse something.

    Where the command line itself is wrong, the usage is above that line. With --json, stdout has
    one object then too: the error, with its code.
    """
    try:
        code = app(standalone_mode=False)
    except ZkperpError as error:
        _refuse(error)
    except typer.TyperException as error:
        _show_usage(error)
        # No command at all: its help was shown, and there is no message.
        _refuse(InvalidInput(error.format_message() or "name a command"))
    except typer.Abort:
        _refuse(InvalidInput("broken off"))
    except OverflowError:
        # A number that an option lets through and a 64-bit word does not hold.
        _refuse(InvalidInput("a number is too large, or negative"))
    except OSError as error:
        name = "" if error.filename is None else f"{error.filename}: "
        _refuse(InvalidInput(f"{name}{why(error)}"))
    else:
        # Typer returns the code where a command, or --help, has ended early: 130 after Ctrl-C.
        if isinstance(code, int) and code != 0:
            sys.exit(code)


def _refuse(error: ZkperpError) -> NoReturn:
    if "--json" in sys.argv[1:]:
        typer.echo(json.dumps({"error": {"code": error.error_code, "message": str(error)}}))
    typer.echo(f"zkperp: {error}", err=True)
    sys.exit(1)


def _show_usage(error: typer.TyperException) -> None:
    """Show how the command is used whose line is wrong."""
    context: typer.Context | None = getattr(error, "ctx", None)
    if context is not None and error.format_message():
        typer.echo(context.get_usage(), err=True)
        typer.echo(f"Try '{context.command_path} --help' for help.", err=True)
