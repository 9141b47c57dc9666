"""Cancelling a research run stops its searches within a second."""

import time

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import CancelledError

from research_bot.run_worker import build_worker
from research_bot.workflows.research import ResearchWorkflow
from tests.harness.workers import serving
from tests.research_bot.polling import progress_once, start
from tests.research_bot.script import Gate, found, researching, term_of

MAX_DELAY = 1.0  # seconds


async def test_cancellation_stops_the_searches() -> None:
    gate = Gate(lambda call: found(term_of(call)))
    async with serving(build_worker, model := researching(12, 14, gate)) as client:
        handle = await start(client)
        while gate.waiting < 5:
            await progress_once(handle, lambda progress: progress.running == 5)
        cancelled_at = time.monotonic()
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
        await gate.wait_for_cancelled(5)
        assert time.monotonic() - cancelled_at < MAX_DELAY
        now = await handle.query(ResearchWorkflow.get_progress)
        gate.open()
    assert isinstance(failure.value.cause, CancelledError)
    assert (now.phase, now.running, now.done, now.failed) == ("cancelled", 0, 0, 0)
    assert len(model.calls) == 6
