"""Ctrl-C during imports is silent, with exit code 130."""

from durable_agents import interrupts

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import pytest

from sample_cli.catalog import find
from sample_cli.processes import until
from tests.harness.command import needs_proc

BASIC, SUPPORT = find("basic/hello_world"), find("customer_service/customer_service")


@needs_proc
@pytest.mark.parametrize(
    "script", [BASIC.starter, BASIC.worker, SUPPORT.starter], ids=lambda script: script.stem
)
@pytest.mark.parametrize(
    "loaded",
    [
        pytest.param("temporal_sdk_bridge", marks=pytest.mark.exhaustive),
        "_pydantic_core",
        pytest.param("_multidict", marks=pytest.mark.exhaustive),
    ],
)
async def test_ctrl_c_during_imports_is_silent(script: Path, loaded: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, script, stdin=DEVNULL, stdout=PIPE, stderr=PIPE
    )
    maps = Path(f"/proc/{process.pid}/maps")

    async def has_loaded() -> bool:
        return loaded in await asyncio.to_thread(maps.read_text)

    await until(has_loaded)
    process.send_signal(signal.SIGINT)
    out, err = await process.communicate()
    assert (process.returncode, out, err) == (130, b"", b"")


def test_other_interrupts_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt as error:
        interrupts._exit_if_importing(KeyboardInterrupt, error, error.__traceback__)
    assert "KeyboardInterrupt" in capsys.readouterr().err
