"""Invalid arguments are typed errors, before any call."""

from pathlib import Path
from uuid import uuid4

import pytest
from agents.testing import ScriptedModel
from temporalio.api.enums.v1 import EventType

from long_runs import TASK_QUEUE
from long_runs.run_worker import build_worker
from sample_cli.catalog import find
from tests.harness.processes import ForkedScript
from tests.harness.workers import failure_of, serving

SAMPLE = find("long_runs/long_turn")
NAME = "LongTurnWorkflow"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([0, "query", 0], "calls is 0; give 1 to 300"),
        ([301, "query", 0], "calls is 301; give 1 to 300"),
        ([1, "query", -1], "context_tokens is -1; give 0 to 250,000"),
        ([1, "query", 250_001], "context_tokens is 250,001; give 0 to 250,000"),
        ([1, "magic", 0], "should be 'query', 'storage', 'compression' or 'stock'"),
        ([100, "stock", 209_000], "the server terminates a workflow at 52,428,800"),
    ],
)
async def test_invalid_argument_fails_before_any_call(
    arguments: list[object], message: str
) -> None:
    model, id = ScriptedModel(), f"invalid-{uuid4().hex[:8]}"
    async with serving(build_worker, model) as client:
        run = client.execute_workflow(NAME, args=arguments, id=id, task_queue=TASK_QUEUE)
        error = await failure_of(run)
        history = await client.get_workflow_handle(id).fetch_history()
    assert error.type == "InvalidInput"
    assert message in error.message
    scheduled = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    assert not [event for event in history.events if event.event_type == scheduled]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["5", "--technique", "magic"], "'query', 'storage', 'compression', 'stock'"),
        (["0"], "calls is 0; give 1 to 300"),
        (["100", "--context", "209000", "--technique", "stock"], "need 112,453,500 bytes"),
    ],
)
async def test_starter_starts_nothing_if_an_argument_is_invalid(
    arguments: list[str], message: str, tmp_path: Path
) -> None:
    with ForkedScript(SAMPLE.starter, *arguments, folder=tmp_path) as script:
        ended = await script.ended()
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
