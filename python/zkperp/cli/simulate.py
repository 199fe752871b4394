"""`zkperp simulate`: falling markets on the real engine."""

from pathlib import Path
from typing import Annotated

import typer

from zkperp.cli.terminal import Json, counting, report
from zkperp.simulation import Scenario, run, summary, write
from zkperp.simulation.run import lines

STEPS = 1_000
"""Steps of the progress bar."""


def simulate(
    scenario: Annotated[Scenario, typer.Argument(help="What happens to the market.")],
    accounts: Annotated[
        int, typer.Option(min=10, max=50_000, help="Leveraged accounts. Deleveraging visits all.")
    ] = 1_000,
    seed: Annotated[
        int, typer.Option(min=0, max=2**64 - 1, help="Of everything drawn: same seed, same report.")
    ] = 1,
    depth_ppm: Annotated[
        int | None,
        typer.Option(
            min=0, max=1_000_000, help="Each side of each book in a step, ppm of the opening lots."
        ),
    ] = None,
    fund_ppm: Annotated[
        int | None,
        typer.Option(min=0, max=1_000_000, help="The fund at first, ppm of the opening notional."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the report's files.")] = Path("simulation"),
    png: Annotated[
        bool, typer.Option("--png", help="Draw a PNG too: pip install 'zkperp[plots]'.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Let a market fall on the real engine and show who is liquidated, when and at what price.

    Every step of a scenario goes through the engine as commands, signatures taken as verified;
    conservation is checked after each command, all invariants after each step. The numbers go to
    OUT/SCENARIO.json, and from them the charts to OUT/SCENARIO.html: one file, no network.

    crash: 30 % in twenty minutes, thin books.
    cascade: forced sales push the price further.
    gap: 30 % from one tick to the next.
    funding: three days of nearly the greatest rate.
    adl: no book and no fund: pro rata against the incumbents' queue.

    Example: zkperp simulate crash --accounts 10000
    Example: zkperp simulate gap --fund-ppm 0 --out /tmp/gap --png
    """
    with counting(f"simulating {scenario}", STEPS) as show:
        text = run(
            scenario,
            accounts=accounts,
            seed=seed,
            depth_ppm=depth_ppm,
            fund_ppm=fund_ppm,
            progress=lambda done, total: show(done * STEPS // total),
        )
    numbers, paths = write(text, out, with_png=png)
    result = summary(numbers) | {"files": [str(path) for path in paths]}
    said = [*lines(numbers), *(f"wrote {path}" for path in paths)]
    report(result, said, as_json=as_json)
