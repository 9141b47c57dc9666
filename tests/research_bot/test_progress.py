"""The progress of a research run, in each phase and from each client."""

import asyncio
from pathlib import Path

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.service import RPCError, RPCStatusCode

from research_bot.progress import FailedSearch
from research_bot.run_research_workflow import main
from research_bot.run_worker import build_worker
from research_bot.searching import MAX_PARALLEL
from research_bot.workflows.research import ResearchWorkflow
from tests.harness.workers import serving
from tests.research_bot.polling import progress_once, start
from tests.research_bot.script import REPORT, Gate, found, refusal, researching, saved_in, term_of


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
