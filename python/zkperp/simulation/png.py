"""The charts of a report as one picture, by matplotlib (the extra `plots`)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zkperp.errors import MissingExtra
from zkperp.simulation.charts import Chart, charts
from zkperp.simulation.run import Numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["write_png"]

_EXTRA = "plots"

_COLORS = ("#1c2128", "#0072b2", "#00875f", "#d55e00", "#a3597f", "#9a7500")
"""Those of the page in light."""


def write_png(numbers: Numbers, path: Path) -> None:
    """Draw the charts into a PNG file.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError:
        raise MissingExtra(_EXTRA) from None
    shown = list(charts(numbers))
    rows = -(-len(shown) // 2)
    figure = Figure(figsize=(13, 3.8 * rows), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(f"zkperp simulate {numbers['scenario']}: {numbers['about']}", wrap=True)
    for number, chart in enumerate(shown, start=1):
        _draw(chart, figure.add_subplot(rows, 2, number))
    # Neither a date nor a version: the same numbers are the same file.
    figure.savefig(path, dpi=110, metadata={"Software": None})


def _draw(chart: Chart, axes: Axes) -> None:
    for curve in chart.curves:
        xs, ys = [x for x, _ in curve.points], [y for _, y in curve.points]
        color = _COLORS[curve.color]
        if curve.form == "dots":
            axes.scatter(xs, ys, s=6, color=color, alpha=0.5, label=curve.name)
        elif curve.form == "steps":
            axes.step(xs, ys, where="post", color=color, label=curve.name)
        else:
            axes.plot(xs, ys, color=color, linewidth=1.4, label=curve.name)
    if chart.from_zero:
        # An axis around a line at 0 would show nothing but noise of its own making.
        low, high = axes.get_ylim()
        axes.set_ylim(min(low, 0), max(high, 0) if max(abs(low), abs(high)) > 0.06 else 1)
    axes.set_title(chart.title, fontsize=11)
    axes.set_xlabel(chart.x)
    axes.set_ylabel(chart.y)
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize=8)
