"""CPU time and bytes written by processes and their children, from Linux's /proc."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """What processes have used since their start.

    Attributes:
        cpu: Seconds, of finished children too.
        written: Bytes sent to storage (`write_bytes`), not those written to sockets.
    """

    cpu: float = 0
    written: int = 0

    def __sub__(self, earlier: "Usage") -> "Usage":
        """Return what was used since then."""
        return Usage(self.cpu - earlier.cpu, self.written - earlier.written)


def usage(root: int | None) -> Usage:
    """Return the usage of a process and its children; none if there is no process."""
    cpu, written = 0, 0
    for pid in tree(root) if root else ():
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended
            process = Path(f"/proc/{pid}")
            # User and system time, and both of the children that it has waited for.
            fields = (process / "stat").read_text().rpartition(")")[2].split()[11:15]
            lines = (process / "io").read_text().splitlines()
            cpu += sum(map(int, fields))
            written += next(
                int(line.split()[1]) for line in lines if line.startswith("write_bytes")
            )
    return Usage(cpu / TICKS, written)


def tree(pid: int) -> Iterator[int]:
    """Yield the ids of a process and of its children, and of theirs."""
    yield pid
    with suppress(FileNotFoundError, ProcessLookupError):
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in children.read_text().split():
                yield from tree(int(child))
