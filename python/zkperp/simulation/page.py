"""The report as one HTML file: no script, nothing from the network, light and dark, any width."""

from collections.abc import Iterable, Sequence
from html import escape

from zkperp.simulation.charts import Chart, charts
from zkperp.simulation.run import Numbers, lines, percent, usd
from zkperp.simulation.svg import drawn

__all__ = ["page"]

_STYLE = """
:root { color-scheme: light dark; --back: #fff; --ink: #1c2128; --soft: #59636e; --rule: #d9dee3;
  --c0: #1c2128; --c1: #0072b2; --c2: #00875f; --c3: #d55e00; --c4: #a3597f; --c5: #9a7500; }
@media (prefers-color-scheme: dark) {
  :root { --back: #14181d; --ink: #e6e9ec; --soft: #9aa4ae; --rule: #333b44;
    --c0: #e6e9ec; --c1: #56b4e9; --c2: #2fc99a; --c3: #ff8f4d; --c4: #dd9cc0; --c5: #e2c04a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 66rem; background: var(--back);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: .5rem 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
.charts { display: grid; gap: 1.5rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); }
figure { margin: 0; } figcaption { font-weight: 600; }
.key { display: flex; flex-wrap: wrap; gap: 0 1rem; font-size: .85rem; color: var(--soft); }
.key span::before { content: ""; display: inline-block; width: .8em; height: .8em;
  margin-right: .35em; border-radius: 2px; background: var(--mark); }
svg { width: 100%; height: auto; display: block; }
svg text { font-size: 13px; fill: var(--soft); }
.end { text-anchor: end; } .middle { text-anchor: middle; }
.grid { stroke: var(--rule); } .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
.dots { fill: none; stroke-width: 3.5; stroke-linecap: round; stroke-opacity: .55; }
.c0 { stroke: var(--c0); } .c1 { stroke: var(--c1); } .c2 { stroke: var(--c2); }
.c3 { stroke: var(--c3); } .c4 { stroke: var(--c4); } .c5 { stroke: var(--c5); }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: .9rem; }
th, td { padding: .25rem .7rem; text-align: right; white-space: nowrap;
  border-bottom: 1px solid var(--rule); }
th:first-child, td:first-child { text-align: left; } .soft { color: var(--soft); font-size: .9rem; }
""".strip()


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    def row(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    body = "".join(row(cells, "td") for cells in rows)
    return f'<div class="wide"><table>{row(heads, "th")}{body}</table></div>'


def _figure(chart: Chart) -> str:
    key = "".join(
        f'<span style="--mark: var(--c{curve.color})">{escape(curve.name)}</span>'
        for curve in chart.curves
    )
    return (
        f"<figure><figcaption>{escape(chart.title)}</figcaption>"
        f'<div class="key">{key}<b>{escape(chart.y)}</b></div>{drawn(chart)}</figure>'
    )


def _cohorts(numbers: Numbers) -> str:
    heads = (
        "accounts", "number", "liquidated", "wholly", "deleveraged", "deposits", "in the end",
    )  # fmt: skip
    return _table(
        heads,
        (
            (
                f"{'long' if cohort['is_long'] else 'short'} {cohort['leverage']}x",
                f"{cohort['accounts']:,}",
                f"{cohort['liquidated']:,}",
                f"{cohort['closed']:,}",
                f"{cohort['deleveraged']:,}",
                usd(cohort["deposits"]),
                usd(cohort["value"]),
            )
            for cohort in numbers["cohorts"]
        ),
    )


def _rules(numbers: Numbers) -> str:
    deleveraging = numbers["deleveraging"]
    if deleveraging["count"] == 0:
        return "<p>Nobody was deleveraged.</p>"
    ours, theirs = deleveraging["pro_rata"], deleveraging["queue"]

    def row(name: str, of: str, *, form: str = "count") -> tuple[str, str, str]:
        shown = {"count": "{:,}".format, "ppm": percent, "usd": usd}[form]
        return name, shown(ours[of]), shown(theirs[of])

    gini = tuple(f"{rule['gini_ppm'] / 1e6:.2f}" for rule in (ours, theirs))
    table = _table(
        ("", "pro rata (ours)", "queue (model)"),
        (
            row("positions that gave lots", "accounts_hit"),
            row("of them wholly closed", "wholly_closed"),
            row("greatest share of a position", "greatest_share_ppm", form="ppm"),
            ("Gini of the shares (0: all alike)", *gini),
            row("given by the 1 % that gave most", "top_percent_ppm", form="ppm"),
            row("most given by one", "greatest_notional", form="usd"),
        ),
    )
    return (
        f"<p>{deleveraging['count']:,} deleveragings closed {usd(deleveraging['notional'])} "
        f"against {deleveraging['counterparties']:,} positions. The queue is a model of the "
        "incumbents, not of this venue: for the same lots at the same moments, the position with "
        "the highest profit times leverage is closed first, and wholly; all else stays as it "
        "happened.</p>" + table
    )


def _commands(numbers: Numbers) -> str:
    rows = (
        (kind, f"{count['accepted']:,}", f"{count['refused']:,}")
        for kind, count in numbers["commands"].items()
    )
    return _table(("command", "accepted", "refused"), rows)


def page(numbers: Numbers) -> str:
    """Return the report as HTML."""
    said = "".join(f"<li>{escape(line.strip())}</li>" for line in list(lines(numbers))[1:])
    parameters = numbers["parameters"]
    title = f"zkperp simulate {numbers['scenario']}"
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
            f"<h1>{escape(title)}</h1><p>{escape(numbers['about'])}</p><ul>{said}</ul>",
            f'<p class="soft">{parameters["accounts"]:,} accounts with positions of '
            f"{usd(parameters['notional'])} on deposits of {usd(parameters['deposits'])}, seed "
            f"{parameters['seed']}; each side of each book has {percent(parameters['depth_ppm'])} "
            f"of the opening lots in a step of {parameters['step_ms'] / 1000:g} s. The "
            f"root in the end is {escape(' '.join(numbers['end']['root']))}.</p>",
            '<div class="charts">',
            *(_figure(chart) for chart in charts(numbers)),
            "</div><h2>Who lost what</h2>",
            _cohorts(numbers),
            "<h2>Deleveraging, ours and the incumbents'</h2>",
            _rules(numbers),
            "<h2>Commands</h2>",
            _commands(numbers),
            "</body></html>\n",
        ]
    )
