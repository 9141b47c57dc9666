"""Signals are handled at once, even if they do not interrupt the wait of an idle event loop."""

import asyncio
import signal
from pathlib import Path

import pytest

from sample_cli.processes import until
from tests.harness.command import needs_proc
from tests.harness.processes import ForkedScript
from tests.harness.workers import promptly

SCRIPT = Path(__file__).parent / "durable_agents" / "idle.py"
SIGINT, SIGTERM = signal.SIGINT, signal.SIGTERM


@needs_proc
@pytest.mark.parametrize(
    ("kind", "number", "code"),
    [
        ("command", SIGINT, 130),
        ("command", SIGTERM, 143),
        ("starter", SIGINT, 130),
        ("worker", SIGINT, 0),
        ("worker", SIGTERM, 0),
    ],
)
async def test_signal_ends_an_idle_process(
    kind: str, number: signal.Signals, code: int, tmp_path: Path
) -> None:
    with ForkedScript(SCRIPT, kind, folder=tmp_path) as process:
        read_stat = Path(f"/proc/{process.process.pid}/stat").read_text

        async def is_idle() -> bool:
            assert process.process.is_alive(), process.err
            return "Ctrl-C" in process.out and ") S " in await asyncio.to_thread(read_stat)

        await until(is_idle)
        process.send(number)
        ended = await promptly(process.ended(), "the end of the process")
    assert ended.code == code, ended.err
