"""Ctrl-C during imports is silent, with exit code 130."""

import asyncio
import signal
import subprocess
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
    "script",
    [
        BASIC.worker,
        pytest.param(BASIC.starter, marks=pytest.mark.exhaustive),
        pytest.param(SUPPORT.starter, marks=pytest.mark.exhaustive),
    ],
    ids=lambda script: script.stem,
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


INTERRUPT = "import os, signal; os.kill(os.getpid(), signal.SIGINT)"
SWALLOW = f"""
try:
    {INTERRUPT}
except BaseException:
    pass
"""


def run_fresh(folder: Path, script: str, **modules: str) -> tuple[int, str, str]:
    """Run a script in a new interpreter, next to modules; return its exit code and output."""
    for name, source in {"script": script, **modules}.items():
        (folder / f"{name}.py").write_text(source)
    done = subprocess.run(
        [sys.executable, folder / "script.py"], capture_output=True, text=True, timeout=30
    )
    return done.returncode, done.stdout, done.stderr


def test_ctrl_c_ends_an_import_that_would_swallow_it(tmp_path: Path) -> None:
    script = "import durable_agents, swallow; print('continued')"
    assert run_fresh(tmp_path, script, swallow=SWALLOW) == (130, "", "")


def test_ctrl_c_after_the_imports_can_be_caught(tmp_path: Path) -> None:
    script = f"""
import durable_agents
def main():
    try:
        {INTERRUPT}
    except KeyboardInterrupt:
        print("caught")
main()
"""
    assert run_fresh(tmp_path, script) == (0, "caught\n", "")


@pytest.mark.exhaustive
def test_ctrl_c_while_a_function_imports_can_be_caught(tmp_path: Path) -> None:
    script = """
import durable_agents
def main():
    try:
        import interrupted
    except KeyboardInterrupt:
        print("caught")
main()
"""
    assert run_fresh(tmp_path, script, interrupted=INTERRUPT) == (0, "caught\n", "")


@pytest.mark.parametrize(
    "imports",
    [
        "import durable_agents",
        pytest.param("def f(): import durable_agents\nf()", marks=pytest.mark.exhaustive),
    ],
)
def test_run_starts_with_the_handler_of_python(tmp_path: Path, imports: str) -> None:
    script = f"""
{imports}
import signal
from durable_agents import run
async def main():
    import asyncio
    # asyncio cancels the main task on Ctrl-C only if it finds Python's own handler.
    {INTERRUPT}
    try:
        await asyncio.sleep(30)
    except asyncio.CancelledError:
        print("cancelled")
        raise
run(main)
"""
    assert run_fresh(tmp_path, script) == (130, "cancelled\n", "")


@pytest.mark.exhaustive
def test_handler_of_an_application_is_kept(tmp_path: Path) -> None:
    script = """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
import durable_agents
assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
"""
    assert run_fresh(tmp_path, script) == (0, "", "")
