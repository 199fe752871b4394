"""`zkperp bench`: measure this machine."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from zkperp import bench as benchmarks
from zkperp.bench import Figure
from zkperp.bench_batches import bench_prove_batch
from zkperp.bench_commands import bench_commands
from zkperp.bench_gas import bench_gas
from zkperp.cli.bench_costs import cost_lines
from zkperp.cli.options import BatchOrders
from zkperp.cli.prove_program import parse_values
from zkperp.cli.terminal import Json, report, working

FIBONACCI = Path("circuits/compiled/fibonacci.json")
HASHES = Path("circuits/compiled/hashes.json")

app = typer.Typer(
    help="Measure this machine: each figure with its input, cold run and median.",
    no_args_is_help=True,
)

Program = Annotated[Path | None, typer.Argument(help="Compiled program (python -m zkperp.cairo).")]
Flow = Annotated[
    Path | None, typer.Option(help="Feed (csv or csv.gz). Default: the seeded generator.")
]
Values = Annotated[list[str] | None, typer.Option("--set", help="NAME=FELT for its hints.")]
Runs = Annotated[
    int, typer.Option(min=1, max=1_000, help="Counted runs, after one that is counted apart.")
]


def _shown(value: float) -> str:
    """Return a figure for people: never rounded up to the next bit of security."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:,.2f}"


def _show(figures: list[Figure], *, as_json: bool) -> None:
    machine = benchmarks.machine()
    result: dict[str, Any] = {
        "machine": machine,
        "results": [figure.as_dict() for figure in figures],
    }
    lines = [f"machine: {machine}"]
    for figure in figures:
        lines.append(
            f"{figure.metric}: {_shown(figure.median)} {figure.unit} "
            f"(median of {len(figure.runs)}; first run {_shown(figure.cold)})"
        )
        lines.append(f"  {figure.input}")
    report(result, lines, as_json=as_json)


@app.command()
def match(
    rows: Annotated[
        int, typer.Option(min=1, max=10_000_000, help="Rows of generated flow for the engine.")
    ] = 200_000,
    profile: Annotated[
        Literal["moves", "places", "both"],
        typer.Option(help="The book's workload: mostly moves, or mostly placements and cancels."),
    ] = "moves",
    runs: Runs = 5,
    as_json: Json = False,
) -> None:
    """Commands matched per second: the book alone, and the whole engine.

    The book's workload (exchange-core's kind, 3,000,000 commands) is made from its seed and checked
    by the hashes of its commands, trades and final book. The figure of mostly placements has a name
    of its own.

    Example: zkperp bench match
    """
    with working("matching"):
        figures = benchmarks.bench_match(
            rows=rows,
            runs=runs,
            profiles=("moves", "places") if profile == "both" else (profile,),
        )
    _show(figures, as_json=as_json)


@app.command()
def tree(
    leaves: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="Leaves of one update.")
    ] = 100_000,
    runs: Runs = 5,
    as_json: Json = False,
) -> None:
    """Leaves written per second in one update of the state tree, root included.

    Example: zkperp bench tree
    """
    with working("updating the tree"):
        figures = benchmarks.bench_tree(leaves=leaves, runs=runs)
    _show(figures, as_json=as_json)


@app.command()
def vm(
    program: Program = None, values: Values = None, runs: Runs = 5, as_json: Json = False
) -> None:
    """Cairo steps executed per second.

    Without a program: a million steps of circuits/compiled/fibonacci.json.

    Example: zkperp bench vm circuits/compiled/fibonacci.json --set n=170000
    """
    given = parse_values(values or [])
    if program is None:
        benchmarks.check_program(FIBONACCI, "run in the checkout, or name a program")
        program, given = FIBONACCI, given or {"n": 170_000}
    with working(f"running {program.name}"):
        figures = benchmarks.bench_vm(program, given, runs=runs)
    _show(figures, as_json=as_json)


@app.command()
def prove(
    program: Program = None,
    values: Values = None,
    runs: Runs = 3,
    venue: Annotated[
        Literal["off-chain", "on-chain"],
        typer.Option("--for", help="Which parameters, for a program."),
    ] = "off-chain",
    security_bits: Annotated[
        int, typer.Option("--security-bits", min=100, max=120, help="100 or 120, for a program.")
    ] = 100,
    flow: Flow = None,
    batch_orders: BatchOrders = 500,
    hashes: Annotated[Path, typer.Option(help="The compiled chain of hashes.")] = HASHES,
    hash_count: Annotated[int, typer.Option(min=1, max=1 << 24, help="Its length.")] = 1 << 16,
    as_json: Json = False,
) -> None:
    """Cairo steps proven per second, and the proof's size.

    Without a program: a batch of order flow with both parameter sets, a chain of Poseidon2
    permutations, and the most memory that it took.

    Example: zkperp bench prove
    Example: zkperp bench prove circuits/compiled/fibonacci.json --set n=170000
    """
    if program is None:
        with working("proving batches and hashes"):
            figures = bench_prove_batch(
                flow, hashes, batch_orders=batch_orders, hash_count=hash_count, runs=runs
            )
    else:
        with working(f"proving {program.name}"):
            figures = benchmarks.bench_prove(
                program,
                parse_values(values or []),
                on_chain=venue == "on-chain",
                security_bits=security_bits,
                runs=runs,
            )
    _show(figures, as_json=as_json)


@app.command()
def gas(
    flow: Annotated[
        Path | None, typer.Argument(help="Feed (csv or csv.gz). Default: the seeded generator.")
    ] = None,
    batch_orders: BatchOrders = 500,
    runs: Annotated[
        int, typer.Option(min=1, max=1_000, help="Counted batches, after one counted apart.")
    ] = 1,
    as_json: Json = False,
) -> None:
    """What a batch costs on a chain: gas of the whole transaction, calldata, data, proof.

    Example: zkperp bench gas btcusd_l3.csv.gz
    """
    with working("proving and settling"):
        figures = bench_gas(flow, batch_orders=batch_orders, runs=runs)
    _show(figures, as_json=as_json)


@app.command()
def commands(
    flow: Annotated[
        Path | None, typer.Argument(help="Feed (csv or csv.gz). Default: the seeded generator.")
    ] = None,
    batch_orders: BatchOrders = 500,
    batches: Annotated[
        int, typer.Option(min=1, max=1_000, help="Batches of the flow, after one with deposits.")
    ] = 4,
    functions: Annotated[
        int, typer.Option(min=0, max=1_000, help="Show so many functions of each kind.")
    ] = 0,
    as_json: Json = False,
) -> None:
    """What each kind of command costs to prove: steps, state accesses, cells, share of the proof.

    Every step and cell is counted for the command in whose execution it falls. Kinds that the flow
    has not are measured beside it.

    Example: zkperp bench commands btcusd_l3.csv.gz --functions 5
    """
    with working("running batches"):
        costs = bench_commands(flow, batch_orders=batch_orders, batches=batches)
    machine = benchmarks.machine()
    result = {"machine": machine, **costs.as_dict()}
    lines = [f"machine: {machine}", *cost_lines(costs, functions=functions)]
    report(result, lines, as_json=as_json)
