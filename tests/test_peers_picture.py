"""The bar charts of the comparison with other systems."""

from pathlib import Path
from xml.etree import ElementTree

from benchmarks.peers.measure import Crash
from benchmarks.peers.picture import COLORS, MARGIN, OTHERS, WIDTH, bar_charts
from benchmarks.peers.report import CHARTS, MARKERS, PICTURE, Results, write_page

SVG = "{http://www.w3.org/2000/svg}"


def bars_in(svg: str) -> list[tuple[str, float]]:
    """Return the color and the width of each bar."""
    _, *found = ElementTree.fromstring(svg).iter(f"{SVG}rect")
    return [(bar.attrib["fill"], float(bar.attrib["width"])) for bar in found]


def test_bars_are_as_long_as_their_values() -> None:
    charts = {
        "Latency": {"Plain Runner": 1.0, "This project, fast": 4.0},
        "Rate": {"R & <D>": 2.0},
    }
    longest = WIDTH - 2 * MARGIN
    svg = bar_charts(charts)
    assert bars_in(svg) == [
        (COLORS["Plain Runner"], longest / 4),
        (COLORS["This project"], longest),
        (OTHERS, longest),
    ]
    texts = [each.text for each in ElementTree.fromstring(svg).iter(f"{SVG}text")]
    assert texts[-1] == "R & <D>: 2.0"


def test_systems_that_were_not_measured_have_no_length(tmp_path: Path) -> None:
    (tmp_path / PICTURE).parent.mkdir()
    (tmp_path / "page.md").write_text("\n".join(MARKERS))
    write_page(tmp_path / "page.md", {"default": Results(crashes=[Crash(1, 0, 0)])})
    svg = (tmp_path / PICTURE).read_text()
    assert bars_in(svg) == [(COLORS["This project"], 0)] * len(CHARTS)
