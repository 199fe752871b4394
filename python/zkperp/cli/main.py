"""Entry of `zkperp`: the list of its commands, and how errors reach the terminal."""

import json
import sys
from typing import Annotated

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
from zkperp.cli.settle import settle
from zkperp.cli.verify import verify
from zkperp.errors import ZkperpError

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
app.command("deposit")(deposit)
app.command("withdraw")(withdraw)
app.command("claim")(claim)
app.command("account")(account)
app.add_typer(bench.app, name="bench")


def main() -> None:
    """Run the command line. Exit code 1 and one line on stderr where we refuse something.

    With --json, stdout has one object then too: the error, with its code.
    """
    try:
        app()
    except ZkperpError as error:
        if "--json" in sys.argv[1:]:
            shown = {"error": {"code": error.error_code, "message": str(error)}}
            typer.echo(json.dumps(shown))
        typer.echo(f"zkperp: {error}", err=True)
        sys.exit(1)
