"""Draw a chart as SVG: colors and text sizes are the page's, by class."""

import math
from collections.abc import Sequence
from html import escape
from itertools import pairwise

from zkperp.simulation.charts import Chart, Curve, Point

__all__ = ["drawn", "ticks"]

_WIDTH, _HEIGHT = 480, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 10, 12, 42
_STEPS = (1, 2, 2.5, 5, 10)


def ticks(least: float, greatest: float, count: int = 5) -> list[float]:
    """Return about so many round numbers from the greatest below `least` to above `greatest`."""
    span = greatest - least
    if span <= 0:
        span = abs(greatest) or 1.0
    rough = span / count
    size = 10 ** math.floor(math.log10(rough))
    step = size * next(factor for factor in _STEPS if factor * size >= rough * 0.999)
    first, last = math.floor(least / step), math.ceil(max(greatest, least + span * 0.5) / step)
    return [round(at * step, 12) for at in range(first, last + 1)]


def _label(value: float, step: float) -> str:
    digits = max(0, -math.floor(math.log10(step) + 1e-9)) if step < 1 else 0
    if step == 2.5:
        digits = 1
    return f"{value:,.{digits}f}"


class _Axes:
    """Where a point of a chart is on its picture."""

    def __init__(self, chart: Chart) -> None:
        points = [point for curve in chart.curves for point in curve.points]
        xs, ys = [x for x, _ in points], [y for _, y in points]
        if chart.from_zero:
            ys.append(0.0)
        self.x, self.y = ticks(min(xs), max(xs)), ticks(min(ys), max(ys))
        # Time ends where the run does.
        self.x = [at for at in self.x if at <= max(xs)] or self.x
        self._x_end = max(*xs, self.x[-1])

    def across(self, x: float) -> float:
        span = self._x_end - self.x[0] or 1.0
        return _LEFT + (x - self.x[0]) / span * (_WIDTH - _LEFT - _RIGHT)

    def down(self, y: float) -> float:
        span = self.y[-1] - self.y[0]
        return _TOP + (self.y[-1] - y) / span * (_HEIGHT - _TOP - _BOTTOM)

    def at(self, point: Point) -> str:
        return f"{self.across(point[0]):.1f} {self.down(point[1]):.1f}"


def _grid(chart: Chart, axes: _Axes) -> list[str]:
    parts = []
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    step = axes.y[1] - axes.y[0]
    for value in axes.y:
        y = axes.down(value)
        parts.append(f'<path class="grid" d="M{_LEFT} {y:.1f}H{right}"/>')
        text = _label(value, step)
        parts.append(f'<text class="end" x="{_LEFT - 5}" y="{y + 4:.1f}">{text}</text>')
    step = axes.x[1] - axes.x[0] if len(axes.x) > 1 else 1.0
    for value in axes.x:
        x = axes.across(value)
        text = _label(value, step)
        parts.append(f'<text class="middle" x="{x:.1f}" y="{bottom + 16}">{text}</text>')
    middle = (_LEFT + right) / 2
    parts.append(f'<text class="middle" x="{middle}" y="{_HEIGHT - 6}">{escape(chart.x)}</text>')
    return parts


def _curve(curve: Curve, axes: _Axes) -> str:
    name = f"c{curve.color}"
    if curve.form == "dots":
        dots = "".join(f"M{axes.at(point)}h0" for point in curve.points)
        return f'<path class="dots {name}" d="{dots}"/>'
    points: Sequence[Point] = curve.points
    if curve.form == "steps":
        pairs = pairwise(points)
        corners = [corner for (x, y), (after, _) in pairs for corner in ((x, y), (after, y))]
        points = [*corners, *points[-1:]]
    path = "L".join(axes.at(point) for point in points)
    return f'<path class="line {name}" d="M{path}"/>'


def drawn(chart: Chart) -> str:
    """Return the chart as an SVG element."""
    axes = _Axes(chart)
    parts = _grid(chart, axes) + [_curve(curve, axes) for curve in chart.curves]
    label = escape(f"{chart.title}; {chart.y} over {chart.x}", quote=True)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">'
        + "".join(parts)
        + "</svg>"
    )
