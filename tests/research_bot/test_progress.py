"""How far a research is, whoever asks and when; and its end, if somebody wants it."""

from durable_agents.plugin import HEARTBEAT_INTERVAL

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import CancelledError
from temporalio.service import RPCError, RPCStatusCode

from research_bot import TASK_QUEUE
from research_bot.progress import FailedSearch, Progress
from research_bot.run_research_workflow import main
from research_bot.run_worker import build_worker
from research_bot.searching import MAX_PARALLEL
from research_bot.workflows.research import ResearchWorkflow
from tests.research_bot.script import REPORT, Gate, found, refusal, researching, saved_in, term_of
from tests.support import serving

# Activities hear of a cancellation by their next heartbeat.
NOTICED_WITHIN = HEARTBEAT_INTERVAL.total_seconds() + 0.5

Handle = WorkflowHandle[ResearchWorkflow, str]


async def start(client: Client) -> Handle:
    return await client.start_workflow(
        ResearchWorkflow.run, "Why?", id=f"test-{uuid4().hex[:8]}", task_queue=TASK_QUEUE
    )


async def progress_once(handle: Handle, condition: Callable[[Progress], bool]) -> Progress:
    """Return the progress once it meets a condition."""
    while True:
        progress = await handle.query(ResearchWorkflow.get_progress)
        if condition(progress):
            return progress


async def test_no_more_than_so_many_searches_run_at_once() -> None:
    gate = Gate(lambda call: found(term_of(call)))
    async with serving(build_worker, researching(12, 14, gate)) as client:
        handle = await start(client)
        progress = await progress_once(handle, lambda progress: progress.running > 0)
        pending = (await handle.describe()).raw_description.pending_activities
        assert len(pending) == progress.running == MAX_PARALLEL == 5
        gate.open()
        await handle.result()
    assert gate.waiting == 12


async def test_the_progress_is_told_in_each_phase() -> None:
    searching = Gate(lambda call: refusal() if term_of(call) == "q1" else found(term_of(call)))
    writing = Gate(lambda call: REPORT)
    async with serving(build_worker, researching(6, 8, searching, writing)) as client:
        handle = await start(client)
        now = await progress_once(handle, lambda progress: progress.phase == "searching")
        assert (now.query, now.planned, now.running, now.done, now.failed) == ("Why?", 6, 5, 0, 0)
        searching.open()
        now = await progress_once(handle, lambda progress: progress.phase == "writing")
        assert (now.planned, now.running, now.done, now.failed) == (6, 0, 5, 1)
        assert now.failures == [FailedSearch("q1", "BadRequestError: Refused.")]
        writing.open()
        await handle.result()
        now = await handle.query(ResearchWorkflow.get_progress)
    assert [*now.earlier, now.phase] == ["planning", "searching", "writing", "done"]
    assert now.summary == "Short."


async def test_a_failed_research_says_so() -> None:
    async with serving(build_worker, researching(4, 1)) as client:
        handle = await start(client)
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        now = await handle.query(ResearchWorkflow.get_progress)
    assert (now.phase, now.earlier) == ("failed", ["planning"])


async def test_a_cancellation_stops_the_searches() -> None:
    gate = Gate(lambda call: found(term_of(call)))
    async with serving(build_worker, model := researching(12, 14, gate)) as client:
        handle = await start(client)
        while gate.waiting < 5:
            await progress_once(handle, lambda progress: progress.running == 5)
        cancelled_at = time.monotonic()
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
        await gate.all_left(5)
        assert time.monotonic() - cancelled_at < NOTICED_WITHIN
        now = await handle.query(ResearchWorkflow.get_progress)
        gate.open()
    assert isinstance(failure.value.cause, CancelledError)
    assert (now.phase, now.running, now.done, now.failed) == ("cancelled", 0, 0, 0)
    assert len(model.calls) == 6


async def test_a_starter_that_was_stopped_comes_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gate = Gate(lambda call: found(term_of(call)))
    async with serving(build_worker, researching(5, 7, gate)):
        starter = asyncio.ensure_future(main("Why?", output=tmp_path))
        while not gate.waiting:
            await asyncio.wait([starter], timeout=0.01)
        starter.cancel()
        [said, *_] = capsys.readouterr().out.splitlines()
        gate.open()
        await main(output=tmp_path, workflow_id=said.split()[-1])
    assert saved_in(tmp_path).name == f"why-{said[-8:]}.md"
    assert "Searched: 5 done, 0 failed.\n" in capsys.readouterr().out


async def test_a_run_that_does_not_exist_is_not_waited_for(tmp_path: Path) -> None:
    with pytest.raises(RPCError) as failure:
        await main(output=tmp_path, workflow_id="nobody")
    assert failure.value.status is RPCStatusCode.NOT_FOUND
