"""The tables and the picture of the comparison with other systems."""

import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.peers import systems
from benchmarks.peers.measure import Crash, Round
from benchmarks.peers.report import (
    CHARTS,
    MARKERS,
    PICTURE,
    Results,
    load,
    report,
    save,
    write_page,
)
from benchmarks.peers.run import PAGE, chosen
from benchmarks.peers.systems import NON_VARIANTS, SYSTEMS
from sample_cli.catalog import ROOT

KILLED = [each for each in NON_VARIANTS if each.is_killed]
ROUNDS = ["first", "second", "noisy"]
FIGURES = {
    "plain": Results(
        {id: Round(latency, 100, 8, 0, 0) for id, latency in zip(ROUNDS, (3, 4, 50), strict=True)},
        [Crash(1, lost=25, repeated=-50)],
    ),
    "default": Results(
        {
            id: Round(latency, 25, 32, 20, 1.5)
            for id, latency in zip(reversed(ROUNDS), (700, 61, 45), strict=True)
        },
        [Crash(12.25, 0, 3), Crash(13, 0, 4), Crash(99, 0, 5)],
    ),
    "no-heartbeats": Results({"noisy": Round(630, 30, 24, 10, 1.5)}),
}


def rows(text: str) -> list[list[str]]:
    """Return the cells of each line of a text's tables."""
    return [re.split(r" *\| *", line)[1:-1] for line in text.splitlines() if line.startswith("|")]


def test_tables_show_medians_and_ratios() -> None:
    table = rows(report(FIGURES))
    assert report(FIGURES).startswith("Medians of 1 to 3 rounds on ")
    assert ["Plain Runner, not durable", "4", "100", "8", "0", "0"] in table
    assert ["This project", "61 (15.0x)", "25 (0.25x)", "32 (4.0x)", "20", "1.5"] in table
    assert ["Plain Runner, not durable", "-", "25", "-"] in table
    assert ["This project", "13", "0", "4"] in table
    variants = [row[1:] for row in table if row[0] == "Heartbeats"]
    assert variants == [["0.90", "1.20", "0.75", "0.50"]]
    assert "of 50 runs had all their answers (3x):" in report(FIGURES)


def test_tables_omit_what_was_not_measured() -> None:
    text = report({"default": Results(FIGURES["default"].rounds), "stock": Results()})
    assert ["This project", "61", "25", "32", "20", "1.5"] in rows(text)
    assert ["All of durable_agents (stock plugin)", "-", "-", "-", "-"] in rows(text)
    assert "After `kill -9`" not in text


def test_peer_that_is_not_installed_is_a_row_with_its_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(systems, "find_spec", lambda _name: None)
    monkeypatch.setattr(systems, "find_program", lambda _name: None)
    table = rows(report(FIGURES))
    for name in ("DBOS, SQLite", "DBOS, PostgreSQL", "Restate"):
        hints = [row[1] for row in table if row[0] == name]
        assert len(hints) == 2, table
        assert all(hint.startswith("not installed: `uv sync --group peers") for hint in hints)
    assert "npm install" in hints[0]
    assert chosen("restate")[0].how_to_install


def test_results_are_added_to_those_of_earlier_runs(tmp_path: Path) -> None:
    assert load(tmp_path / "results.json") == {}
    save(tmp_path / "results.json", FIGURES)
    assert load(tmp_path / "results.json") == FIGURES


def test_page_and_picture_are_written(tmp_path: Path) -> None:
    (tmp_path / PICTURE).parent.mkdir()
    page = tmp_path / "performance.md"
    page.write_text("Before\n\n{}\nstale\n{}\n\nAfter\n".format(*MARKERS))
    write_page(page, FIGURES)
    text = page.read_text()
    assert text == f"Before\n\n{MARKERS[0]}\n{report(FIGURES)}\n{MARKERS[1]}\n\nAfter\n"
    picture = ElementTree.parse(tmp_path / PICTURE)
    texts = [each.text for each in picture.iter("{http://www.w3.org/2000/svg}text")]
    values = "Plain Runner, not durable: 4.0", "This project: 61.0"
    rates = "Plain Runner, not durable: 100.0", "This project: 25.0"
    latency, rate = CHARTS
    assert texts == [latency, *values, rate, *rates]
    page.write_text("no markers")
    with pytest.raises(ValueError, match="has no <!-- peers -->"):
        write_page(page, FIGURES)


def test_documentation_shows_every_system() -> None:
    text = PAGE.read_text(encoding="utf-8").partition(MARKERS[0])[2].partition(MARKERS[1])[0]
    measured = [row[0] for row in rows(text) if re.match(r"[\d-]", row[1])]
    variants = [each.name for each in SYSTEMS if each.is_variant]
    names, killed = ([each.name for each in of] for of in (NON_VARIANTS, KILLED))
    assert [name for name in measured if not name.startswith("-")] == names + killed + variants
    picture = (PAGE.parent / PICTURE).read_text(encoding="utf-8")
    assert all(picture.count(f">{name}: ") == 2 for name in names)


def test_every_group_but_the_peers_is_installed_by_default() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = set(project["dependency-groups"]) - {"peers"}
    assert set(project["tool"]["uv"]["default-groups"]) == groups
