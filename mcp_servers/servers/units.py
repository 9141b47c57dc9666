"""An MCP server on streamable HTTP: converts units, where a model would guess the digits."""

import math
from decimal import Decimal
from typing import Literal

import typer
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from mcp_servers.serving import serve_http

Unit = Literal["m", "km", "mi", "ft", "g", "kg", "lb", "oz", "C", "F"]

# The kind of each unit, and its size in the base unit of that kind.
FACTORS: dict[str, tuple[str, Decimal]] = {
    "m": ("length", Decimal(1)),
    "km": ("length", Decimal(1000)),
    "mi": ("length", Decimal("1609.344")),
    "ft": ("length", Decimal("0.3048")),
    "g": ("mass", Decimal(1)),
    "kg": ("mass", Decimal(1000)),
    "lb": ("mass", Decimal("453.59237")),
    "oz": ("mass", Decimal("28.349523125")),
    "C": ("temperature", Decimal(1)),
    "F": ("temperature", Decimal(5) / 9),
}
ZERO = {"F": Decimal(32)}  # offset of a scale from the zero of its base unit

server = MCPServer("units", log_level="WARNING")


@server.tool()
def convert(value: float, unit: Unit, to: Unit) -> str:
    """Convert a value from one unit to another."""
    kind, factor = FACTORS[unit]
    other_kind, other_factor = FACTORS[to]
    if kind != other_kind:
        raise ToolError(f"{unit} is a unit of {kind}, but {to} is a unit of {other_kind}")
    if not math.isfinite(value):
        raise ToolError(f"{value} is not a finite number")
    base = (Decimal(str(value)) - ZERO.get(unit, 0)) * factor
    result = base / other_factor + ZERO.get(to, 0)
    return f"{value:g} {unit} = {float(result):.6g} {to}"


def main(port: int = 0, *, exit_with_parent: bool = False) -> None:
    """Serve on PORT of this machine, by default a free one, until Ctrl-C."""
    serve_http(server.streamable_http_app(), "/mcp", port, exit_with_parent=exit_with_parent)


if __name__ == "__main__":
    typer.run(main)
