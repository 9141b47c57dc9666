"""A computer for a computer tool, which workflows reject."""

from typing import Literal

from agents import Computer


class NoComputer(Computer):
    """Implements the interface of a computer tool, and does nothing."""

    def screenshot(self) -> str:
        return ""

    def click(self, x: int, y: int, button: str) -> None: ...

    def double_click(self, x: int, y: int) -> None: ...

    def scroll(self, x: int, y: int, scroll_x: int, scroll_y: int) -> None: ...

    def type(self, text: str) -> None: ...

    def wait(self) -> None: ...

    def move(self, x: int, y: int) -> None: ...

    def keypress(self, keys: list[str]) -> None: ...

    def drag(self, path: list[tuple[int, int]]) -> None: ...

    @property
    def environment(self) -> Literal["mac", "windows", "ubuntu", "browser"]:
        return "browser"

    @property
    def dimensions(self) -> tuple[int, int]:
        return 1, 1
