"""The scratchpad session processes of this test process's workers."""

import os
import signal
import subprocess


def session_processes() -> list[int]:
    """Return their process ids, oldest first."""
    columns = ["-o", "pid=", "-o", "ppid=", "-o", "command="]
    listed = subprocess.run(["ps", "-Aww", *columns], capture_output=True, text=True, check=True)
    rows = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
    ours = [row for row in rows if row[1] == str(os.getpid()) and "scratchpad.py" in row[2]]
    return sorted(int(pid) for pid, _, _ in ours)


def kill_session() -> None:
    """Kill the only session process."""
    [pid] = session_processes()
    os.kill(pid, signal.SIGKILL)
