"""The progress of a research run, in each phase and from each client."""

import asyncio
from pathlib import Path

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.service import RPCError, RPCStatusCode

from research_bot.pipeline.progress import FailedSearch
from research_bot.pipeline.searching import MAX_PARALLEL_SEARCHES
from research_bot.run_research_workflow import main
from research_bot.run_worker import build_worker
from research_bot.workflows.research import ResearchWorkflow
from tests.harness.workers import bad_request, serving
from tests.research_bot.polling import progress_once, start
from tests.research_bot.script import REPORT, Gate, found, researching, saved_in, term_of


async def test_at_most_five_searches_run_at_once() -> None:
    gate = Gate(lambda call: found(term_of(call)))
    async with serving(build_worker, researching(12, 14, gate)) as client:
        handle = await start(client)
        progress = await progress_once(handle, lambda progress: progress.running > 0)
        pending = (await handle.describe()).raw_description.pending_activities
        assert len(pending) == progress.running == MAX_PARALLEL_SEARCHES == 5
        gate.open()
        await handle.result()
    assert gate.waiting == 12


async def test_query_returns_the_progress_in_each_phase() -> None:
    searching = Gate(lambda call: bad_request() if term_of(call) == "q1" else found(term_of(call)))
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


async def test_progress_is_failed_when_the_run_fails() -> None:
    async with serving(build_worker, researching(4, 1)) as client:
        handle = await start(client)
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        now = await handle.query(ResearchWorkflow.get_progress)
    assert (now.phase, now.earlier) == ("failed", ["planning"])


async def test_stopped_starter_reconnects_to_its_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gate = Gate(lambda call: found(term_of(call)))
    async with serving(build_worker, researching(5, 7, gate)):
        starter = asyncio.ensure_future(main("Why?", output=tmp_path))
        while not gate.waiting:
            await asyncio.wait([starter], timeout=0.01)
        starter.cancel()
        [first, *_] = capsys.readouterr().out.splitlines()
        gate.open()
        await main(output=tmp_path, workflow_id=first.split()[-1])
    assert saved_in(tmp_path).name == f"why-{first[-8:]}.md"
    assert "Searched: 5 done, 0 failed.\n" in capsys.readouterr().out


async def test_starter_fails_at_once_when_the_run_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(RPCError) as failure:
        await main(output=tmp_path, workflow_id="missing")
    assert failure.value.status is RPCStatusCode.NOT_FOUND
