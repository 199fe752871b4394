"""Scenarios from Python: the same numbers each time, and what is written and drawn from them."""

import importlib.util
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from typer.testing import CliRunner

from zkperp.cli.main import app
from zkperp.errors import InvalidInput, MissingExtra
from zkperp.simulation import SCENARIOS, Numbers, Scenario, run, summary, write
from zkperp.simulation.charts import charts
from zkperp.simulation.svg import drawn, ticks


@pytest.fixture(scope="module")
def gap() -> str:
    return run("gap", accounts=100)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_ends_healthy(scenario: Scenario, tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    text = run(scenario, accounts=60, progress=lambda done, total: heard.append((done, total)))
    numbers, paths = write(text, tmp_path)
    assert numbers["end"]["is_healthy"]
    assert numbers["end"]["bad_debt"] == 0
    steps = numbers["parameters"]["steps"]
    assert heard == [(done, steps) for done in range(1, steps + 1)]
    assert [path.name for path in paths] == [f"{scenario}.json", f"{scenario}.html"]
    assert json.loads(paths[0].read_text()) == numbers


def test_a_seed_is_a_report(gap: str) -> None:
    assert run("gap", accounts=100) == gap
    assert run("gap", accounts=100, seed=2) != gap


def test_wrong_numbers_are_refused() -> None:
    with pytest.raises(InvalidInput, match="from 10 to 50000"):
        run("gap", accounts=9)
    with pytest.raises(InvalidInput, match="depth"):
        run("gap", depth_ppm=1_000_001)


def test_what_the_listener_raises_ends_the_run() -> None:
    def listener(done: int, _total: int) -> None:
        if done == 3:
            msg = "enough"
            raise ValueError(msg)

    with pytest.raises(ValueError, match="enough"):
        run("gap", accounts=10, progress=listener)


def test_the_page_says_it_all_and_needs_nothing(gap: str, tmp_path: Path) -> None:
    numbers, (_, page) = write(gap, tmp_path)
    html = page.read_text()
    for said in (
        numbers["about"],
        "bad debt 0.00 USDC",
        "prefers-color-scheme: dark",
        'name="viewport"',
        "incumbents' queue (model)".replace("'", "&#x27;"),
        "long 10x",
        "deleverage",
        *numbers["end"]["root"],
    ):
        assert said in html
    assert not re.search(r"https?://|<script|<link|<img|url\(", html)
    pictures = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert len(pictures) == len(list(charts(numbers)))
    for picture in pictures:
        assert ET.fromstring(picture).tag == "svg"


def test_every_chart_stays_in_its_frame(gap: str) -> None:
    for chart in charts(json.loads(gap)):
        numbers = re.findall(r'<path class="(?:line|dots) c\d" d="([^"]+)"', drawn(chart))
        assert len(numbers) == len(chart.curves)
        for path in numbers:
            for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path):
                assert 0 <= float(x) <= 480
                assert 0 <= float(y) <= 300


def test_ticks_are_round_and_cover() -> None:
    assert ticks(0, 9) == [0, 2, 4, 6, 8, 10]
    assert ticks(0, 0)[0] == 0
    assert ticks(420, 600)[0] <= 420
    assert ticks(420, 600)[-1] >= 600


def test_a_picture_needs_its_extra(gap: str, tmp_path: Path) -> None:
    if importlib.util.find_spec("matplotlib") is None:
        with pytest.raises(MissingExtra, match="plots"):
            write(gap, tmp_path, with_png=True)
        assert (tmp_path / "gap.html").exists()
        return
    _, paths = write(gap, tmp_path, with_png=True)
    first = paths[2].read_bytes()
    assert first.startswith(b"\x89PNG")
    write(gap, tmp_path, with_png=True)
    assert paths[2].read_bytes() == first


def test_the_command_writes_and_prints_one_object(tmp_path: Path) -> None:
    arguments = ["simulate", "adl", "--accounts", "30", "--out", str(tmp_path), "--json"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    printed: Numbers = json.loads(result.stdout)
    assert printed["files"] == [str(tmp_path / "adl.json"), str(tmp_path / "adl.html")]
    numbers = json.loads((tmp_path / "adl.json").read_text())
    assert {name: printed[name] for name in printed if name != "files"} == summary(numbers)


def test_the_command_says_what_matters(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        app, ["simulate", "gap", "--accounts", "30", "--out", str(tmp_path)]
    )
    assert result.exit_code == 0
    assert "everybody healthy: yes" in result.stdout
    assert "of 30 accounts were liquidated" in result.stdout
