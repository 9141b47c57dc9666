"""SIGTERM drains a worker: calls finish or are retried elsewhere, and the process exits."""

from durable_agents import connect
from durable_agents.shutdown import FatalErrorEvent

import asyncio
import os
import signal
import time
from collections import Counter
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import WorkflowHandle

from basic.workflows.hello_world import HelloWorldAgent
from sample_cli.processes import until
from tests.durable_agents.drain import EXIT_TIMEOUT, QUEUE, Blocked
from tests.harness.processes import ForkedProcess, ForkedScript
from tests.harness.workers import promptly

SCRIPT = Path(__file__).with_name("drain.py")
GRACE = 3.0  # seconds
SHORT, LONG = 10, 10


def calls(folder: Path, what: str) -> Counter[tuple[str, str]]:
    """Return how often each attempt of each workflow is recorded with a word."""
    file = folder / "calls.txt"
    lines = [line.split() for line in file.read_text().splitlines()] if file.exists() else []
    return Counter((id, attempt) for word, id, attempt in lines if word == what)


async def until_started(folder: Path, count: int) -> None:
    async def started() -> bool:
        return len(calls(folder, "start")) == count

    await promptly(until(started), "starting the calls")


async def test_drain_finishes_short_calls_and_hands_over_long_ones(tmp_path: Path) -> None:
    client, run = await connect(), uuid4()
    handles: dict[str, WorkflowHandle[HelloWorldAgent, str]] = {}

    async def start(kind: str, seconds: float, number: int) -> None:
        id = f"drain-{kind}-{run}-{number}"
        handles[id] = await client.start_workflow(
            HelloWorldAgent.run, str(seconds), id=id, task_queue=QUEUE
        )

    with ForkedScript(SCRIPT, str(GRACE), folder=tmp_path) as first:
        await asyncio.gather(*(start("short", GRACE / 2, number) for number in range(SHORT)))
        await asyncio.gather(*(start("long", 60, number) for number in range(LONG)))
        await until_started(tmp_path, SHORT + LONG)
        (second_folder := tmp_path / "second").mkdir()
        with ForkedScript(SCRIPT, str(GRACE), folder=second_folder):
            first.send(signal.SIGTERM)
            stopped = time.monotonic()
            ended = await first.ended()
            exited = time.monotonic()
            results = asyncio.gather(*(handle.result() for handle in handles.values()))
            assert await promptly(results, "the calls on the second worker") == ["Done"] * 20
            retried = time.monotonic()

    assert ended.code == 0, ended.err
    assert exited - stopped < GRACE + EXIT_TIMEOUT
    assert retried - exited < 5  # seconds; a missed heartbeat would be noticed after 10
    answers = calls(tmp_path, "answer") + calls(second_folder, "answer")
    assert answers == {(id, "1" if "short" in id else "2"): 1 for id in handles}
    assert {id for id, _ in calls(second_folder, "start")} == {id for id in handles if "long" in id}


@pytest.mark.parametrize("tool", ["block_thread", "block_event_loop"])
@pytest.mark.exhaustive
async def test_process_exits_although_a_tool_is_blocked(tool: str, tmp_path: Path) -> None:
    client = await connect()
    with ForkedScript(SCRIPT, "0.5", folder=tmp_path) as worker:
        id = f"drain-{uuid4()}"
        handle = await client.start_workflow(Blocked.run, tool, id=id, task_queue=QUEUE)
        await until_started(tmp_path, 1)
        worker.send(signal.SIGTERM)
        stopped = time.monotonic()
        ended = await worker.ended()
        assert time.monotonic() - stopped < 0.5 + EXIT_TIMEOUT + 2
    await handle.terminate()
    assert ended.code == 1
    assert f"in {tool}" in ended.err  # the stack names what did not stop


def fail_and_block(errors: Path) -> None:
    """Block the process of a worker that has failed."""
    os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT), 2)
    event = FatalErrorEvent()
    event.exit_within = 0.1
    asyncio.run(event(RuntimeError()))
    time.sleep(600)


async def test_process_of_a_failed_worker_exits_although_it_is_blocked(tmp_path: Path) -> None:
    errors = tmp_path / "errors.txt"
    with ForkedProcess(fail_and_block, errors) as worker:
        await asyncio.to_thread(worker.process.join, 10)
        assert worker.process.exitcode == 1
    assert "in fail_and_block" in errors.read_text()
