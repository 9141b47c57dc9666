"""Tests of the `sample` command as a person runs it: a process of its own."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from basic import TASK_QUEUE
from sample_cli.catalog import find
from sample_cli.play import refuse_served
from sample_cli.processes import Failed, until
from sample_cli.runner import Session
from sample_cli.server import running_server, wait_for_worker
from tests.sample_cli.test_timeline import Trip

SAMPLE = Path(sys.executable).parent / "sample"
needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")


@dataclass
class Command:
    """A `sample` command that runs, in a process group of its own as a shell would have it."""

    process: asyncio.subprocess.Process
    mark: str
    output: str = ""

    async def says(self, text: str) -> None:
        """Wait until the command has printed something."""
        assert self.process.stdout
        while text not in self.output:
            line = await self.process.stdout.readline()
            assert line, f"{text!r} is missing in: {self.output}"
            self.output += line.decode()

    async def end(self) -> int:
        """Wait for the end; returns the exit code."""
        assert self.process.stdout
        self.output += (await self.process.stdout.read()).decode()
        return await self.process.wait()

    async def starts(self, script: str) -> None:
        """Wait until a process of the command runs a script or program."""
        await until(self._runs(script))

    def processes(self) -> list[str]:
        """Return the command lines of all processes that the command has started, and its own."""
        return list(_processes_with(self.mark))

    def _runs(self, script: str) -> Callable[[], "asyncio.Future[bool]"]:
        async def found() -> bool:
            return any(script in line for line in self.processes())

        return lambda: asyncio.ensure_future(found())


def _processes_with(mark: str) -> Iterator[str]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                yield (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # it has just ended, or is somebody else's
            continue


@asynccontextmanager
async def sample(*arguments: str, **env: str) -> AsyncIterator[Command]:
    mark = f"SAMPLE_TEST={uuid4().hex}"
    name, value = mark.split("=")
    process = await asyncio.create_subprocess_exec(
        SAMPLE,
        *arguments,
        env={**os.environ, **env, name: value},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield Command(process, mark)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.communicate()


@needs_proc
@pytest.mark.matrix
async def test_a_run_shows_the_answer_and_the_timeline_and_leaves_nothing_behind() -> None:
    async with sample("run", "basic/hello_world", "Rivers") as command:
        assert await command.end() == 0, command.output
        assert "offline stand-in" in command.output
        assert "HelloWorldAgent basic-hello-world-" in command.output
        assert "model  Assistant         1" in command.output
        assert command.processes() == []


@needs_proc
@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.matrix)]
)
async def test_a_signal_during_start_up_leaves_nothing_behind(number: signal.Signals) -> None:
    async with sample("run", "basic/hello_world") as command:
        await command.starts("start-dev")
        os.killpg(command.process.pid, number)
        assert await command.end() == 128 + number
        assert command.processes() == []


@needs_proc
@pytest.mark.matrix
@pytest.mark.parametrize(
    ("script", "whole_group"),  # as a terminal does it, or `kill`
    [("run_worker.py", False), ("run_hello_world_workflow.py", True), ("sample", True)],
)
async def test_ctrl_c_leaves_nothing_behind(script: str, whole_group: bool) -> None:
    async with sample("run", "basic/hello_world") as command:
        await command.starts(script)
        send = os.killpg if whole_group else os.kill
        send(command.process.pid, signal.SIGINT)
        assert await command.end() != 0
        assert command.processes() == []


@needs_proc
@pytest.mark.matrix
async def test_ctrl_c_twice_leaves_nothing_behind() -> None:
    async with sample("run", "basic/hello_world") as command:
        await command.starts("run_hello_world_workflow.py")
        os.killpg(command.process.pid, signal.SIGINT)
        os.killpg(command.process.pid, signal.SIGINT)
        assert await command.end() == 130
        assert command.processes() == []


@needs_proc
@pytest.mark.matrix
async def test_keep_shows_the_web_ui_and_stays_until_ctrl_c() -> None:
    async with sample("run", "--keep", "basic/hello_world") as command:
        await command.says("Ctrl-C")
        assert "Web UI: http://127.0.0.1:" in command.output
        os.killpg(command.process.pid, signal.SIGINT)
        assert await command.end() == 130
        assert command.processes() == []


@pytest.mark.matrix
async def test_a_crash_repeats_only_the_call_that_was_in_flight() -> None:
    async with sample("run", "basic/hello_world", "--crash") as command:
        assert await command.end() == 0, command.output
        assert "Worker killed (SIGKILL) while the model call of Assistant" in command.output
        assert "2 made, 1 needed" in command.output


@pytest.mark.matrix
async def test_faults_are_retried_and_the_run_ends_well() -> None:
    async with sample("run", "basic/hello_world", "--faults") as command:
        assert await command.end() == 0, command.output
        assert "429:0.5, 500, drop, 200" in command.output
        assert "last failure" in command.output
        assert "4 made, 1 needed" in command.output


@pytest.mark.matrix
async def test_the_exit_code_is_the_starters() -> None:
    async with sample("run", "basic/hello_world", "--", "--no-such-option") as command:
        assert await command.end() == 2
        assert "--no-such-option" in command.output


@pytest.mark.matrix
async def test_a_server_that_runs_already_is_used(temporal: WorkflowEnvironment) -> None:
    address = temporal.client.service_client.config.target_host
    async with sample("run", "basic/hello_world", "--address", address) as command:
        assert await command.end() == 0, command.output
    workflow_id = command.output.split("HelloWorldAgent ")[1].split()[0]
    assert (await temporal.client.get_workflow_handle(workflow_id).describe()).close_time


async def test_a_queue_that_has_a_worker_is_refused(
    temporal: WorkflowEnvironment, tmp_path: Path
) -> None:
    address = temporal.client.service_client.config.target_host
    async with (
        Worker(temporal.client, task_queue=TASK_QUEUE, workflows=[Trip]),
        running_server(address) as server,
    ):
        here = Session(server, tmp_path, {}, None)
        await wait_for_worker(server, TASK_QUEUE, ())
        with pytest.raises(Failed, match=f"already has a worker on {TASK_QUEUE}") as refusal:
            await refuse_served(here, find("basic/hello_world"))
        assert refusal.value.code == 2


@needs_proc
@pytest.mark.matrix
async def test_up_starts_every_worker_and_says_how_to_reach_them(tmp_path: Path) -> None:
    async with sample("up", "--db", str(tmp_path / "state.db")) as command:
        await command.says("Ctrl-C")
        assert "export TEMPORAL_ADDRESS=127.0.0.1:" in command.output
        assert "export OPENAI_BASE_URL=http://127.0.0.1:" in command.output
        assert f"polls {TASK_QUEUE}" in command.output
        os.killpg(command.process.pid, signal.SIGINT)
        assert await command.end() == 130
        assert command.processes() == []


async def test_the_offline_model_alone_prints_what_to_export() -> None:
    async with sample("model") as command:
        await command.says("export OPENAI_API_KEY=offline")
        assert "export OPENAI_BASE_URL=http://127.0.0.1:" in command.output
        command.process.terminate()
        assert await command.end() == 143
