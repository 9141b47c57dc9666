"""Bar charts as SVG, with labels that can be read on a phone."""

from collections.abc import Mapping
from html import escape

WIDTH, MARGIN = 480, 16
LINE, BAR = 20, 14  # heights
COLORS = {"This project": "#2563eb", "Plain Runner": "#6b7280"}
OTHERS = "#d97706"


def bar_charts(charts: Mapping[str, Mapping[str, float]]) -> str:
    """Return charts, one below the other: by their titles, values by their names."""
    shapes, y = [], MARGIN
    for title, values in charts.items():
        y += LINE
        shapes.append(_text(y, title, "bold"))
        longest = max(values.values(), default=0) or 1
        for name, value in values.items():
            y += LINE + BAR // 2
            shapes.append(_text(y, f"{name}: {value:,.1f}"))
            width = (WIDTH - 2 * MARGIN) * value / longest
            shapes.append(_bar(y + BAR // 2, width, name))
            y += BAR
        y += LINE
    box = f'width="{WIDTH}" viewBox="0 0 {WIDTH} {y}"'
    font = 'font-family="system-ui, sans-serif" font-size="16"'
    background = f'<rect width="{WIDTH}" height="{y}" fill="#ffffff"/>'
    body = "\n".join([background, *shapes])
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box} {font}>\n{body}\n</svg>\n'


def _text(y: int, text: str, weight: str = "normal") -> str:
    return f'<text x="{MARGIN}" y="{y}" fill="#111827" font-weight="{weight}">{escape(text)}</text>'


def _bar(y: int, width: float, name: str) -> str:
    color = next((it for start, it in COLORS.items() if name.startswith(start)), OTHERS)
    return f'<rect x="{MARGIN}" y="{y}" width="{width:.0f}" height="{BAR}" fill="{color}"/>'
