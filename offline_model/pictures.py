"""Draws a small picture for a prompt: hills under a sky. The same prompt gives the same picture."""

import hashlib
import math
import struct
import zlib
from functools import lru_cache

WIDTH, HEIGHT = 320, 240

_HILLS = 3
_Color = tuple[int, int, int]


@lru_cache(maxsize=16)
def draw(prompt: str) -> bytes:
    """Return a PNG picture; its colors and shapes depend on the prompt alone."""
    chance = hashlib.sha256(prompt.encode()).digest()
    rows = bytearray()
    skylines = [_skyline(chance[4 * n :], n) for n in range(_HILLS)]
    for y in range(HEIGHT):
        rows.append(0)  # this row has no filter
        for x in range(WIDTH):
            rows += bytes(_color(x, y, chance, skylines))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(rows), 9)
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _color(x: int, y: int, chance: bytes, skylines: list[list[int]]) -> _Color:
    """Return the color of a point: the nearest hill that reaches it, the sun, or the sky."""
    for n in reversed(range(_HILLS)):
        if y > skylines[n][x]:
            return _mixed((chance[20] // 3, 60 + chance[21] // 2, chance[22] // 3), n / _HILLS)
    sun_x, sun_y = 40 + chance[23] * (WIDTH - 80) // 255, 30 + chance[24] // 5
    if math.hypot(x - sun_x, y - sun_y) < 22:
        return (255, 236, 170)
    return _mixed((120 + chance[25] // 2, 150 + chance[26] // 4, 235), y // 8 / 60)


def _skyline(chance: bytes, n: int) -> list[int]:
    """Return the height at which a hill begins, for each column."""
    middle, swing, waves, shift = 110 + 40 * n, 12 + chance[0] / 12, 1 + chance[1] / 80, chance[2]
    turn = 2 * math.pi / WIDTH
    return [int(middle + swing * math.sin(waves * turn * (x + shift))) for x in range(WIDTH)]


def _mixed(color: _Color, dark: float) -> _Color:
    red, green, blue = (int(part * (1 - dark)) for part in color)
    return red, green, blue


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check
