"""A private PostgreSQL server, run with the programs of Debian's package."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import pytest

MISSING = "PostgreSQL is missing: apt-get install postgresql"


def programs() -> Path:
    """Return the folder of the newest version's programs; skip the test if there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if found:
        return found[-1].parent
    if os.environ.get("CI"):
        pytest.fail(MISSING)
    pytest.skip(MISSING)


class PostgreSQL:
    """A server with its data and its socket in a temporary folder; it uses no port.

    Tests need no `fsync`, which makes commits survive a crash of the machine.
    """

    def __init__(self, *, fsync: bool = False) -> None:
        self._options = [] if fsync else ["-F"]
        self._programs = programs()
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres")
        self._run("initdb", "-D", "data", "-U", "postgres", "-A", "trust", "--no-sync")

    def start(self) -> None:
        """Start the server, unless it runs, and wait until it accepts connections."""
        if (self._folder / "data" / "postmaster.pid").exists():
            return
        options = [*self._options, "-k", str(self._folder), "-c", "listen_addresses="]
        self._run("pg_ctl", "-D", "data", "-l", "log", "-w", "-o", " ".join(options), "start")

    @property
    def pid(self) -> int:
        """The process that has started all others of the running server."""
        return int((self._folder / "data" / "postmaster.pid").read_text().split()[0])

    def stop(self) -> None:
        """Stop the server immediately; its clients lose their connections."""
        self._run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")

    def new_database(self, encoding: str = "UTF8") -> str:
        """Return the URL of an empty database."""
        name = f"test_{uuid4().hex}"
        kind = ["-T", "template0", "-E", encoding, "--locale", "C"]
        self._run("createdb", "-h", str(self._folder), "-U", "postgres", *kind, name)
        return f"postgresql://postgres@/{name}?host={self._folder}"

    def __enter__(self) -> Self:
        """Return the server, started."""
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop it, and remove its data."""
        self.stop()
        shutil.rmtree(self._folder)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        # It refuses to run as root; Debian's package creates the user.
        user = "postgres" if os.geteuid() == 0 else None
        # Output goes to a file: the server would keep a pipe open.
        with (self._folder / "programs.log").open("ab") as log:
            subprocess.run(
                command,
                cwd=self._folder,
                stdout=log,
                stderr=log,
                check=True,
                timeout=30,
                user=user,
                group=user,
                extra_groups=[] if user else None,
            )
