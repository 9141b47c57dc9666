"""Agents with the fast profile: failures, hostile models, streams, and every kind of topic."""

from durable_agents.fast import fast

from uuid import uuid4

import pytest
from agents.testing import ScriptedModel, assistant_message
from temporalio.api.enums.v1 import EventType

from offline_model.server import OfflineModel
from tests.durable_agents.test_tools import QUEUE, reported, toolbox_of
from tests.durable_agents.toolbox import Desk, Toolbox
from tests.harness.starters import largest_samples, run_samples, samples_of
from tests.harness.workers import bad_request, failure_of, model_params, serving
from tests.support_table import test_support_table as support_table
from tests.support_table.workflows import Supported
from tests.test_never_stuck import GENERIC

ANSWER = [assistant_message("done")]
RECORDED = EventType.EVENT_TYPE_MARKER_RECORDED
SCHEDULED = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED


@pytest.mark.parametrize(
    ("tool", "arguments", "report", "attempts"),
    [
        ("greet", {"greeting": "Hello"}, "Hello Ada", 0),
        ("unsure", {}, "now", 2),
        ("broken", {"part": "pump"}, "broken failed: pump is broken", 3),
        ("refused", {"amount": 9}, "refused was not done: amount 9 is too much", 1),
        pytest.param(
            *("slow", {}, "slow has an unknown outcome, it may have been done: ", 3),
            marks=pytest.mark.exhaustive,
        ),
    ],
)
async def test_outcome_of_a_tool_reaches_the_model(
    tool: str, arguments: dict[str, object], report: str, attempts: int
) -> None:
    desk = Desk()
    assert (await reported(desk, tool, arguments, **fast())).startswith(report)
    assert desk.attempts == attempts


async def test_transient_model_failure_is_retried() -> None:
    model = ScriptedModel([RuntimeError("busy"), ANSWER])
    options = {**fast(), "model_params": model_params(attempts=2)}
    async with serving(toolbox_of(Desk()), model, **options) as client:
        answer = await client.execute_workflow(Toolbox.run, "go", id=f"{uuid4()}", task_queue=QUEUE)
    assert answer == "done"


@pytest.mark.parametrize(
    ("error", "type", "attempts"),
    [(RuntimeError("down"), "RuntimeError", 3), (bad_request(), "BadRequestError", 1)],
)
async def test_permanent_model_failure_fails_the_run(
    error: Exception, type: str, attempts: int
) -> None:
    model = ScriptedModel([error] * attempts)
    options = {**fast(), "model_params": model_params(attempts=3)}
    async with serving(toolbox_of(Desk()), model, **options) as client:
        failure = await failure_of(
            client.execute_workflow(Toolbox.run, "go", id=f"{uuid4()}", task_queue=QUEUE)
        )
    assert failure.type == type
    model.assert_complete()


@pytest.mark.exhaustive
async def test_streamed_model_call_remains_an_activity() -> None:
    options = {**fast(), "model_params": support_table.streaming()}
    async with serving(support_table.build_worker, ScriptedModel([ANSWER]), **options) as client:
        handle = await client.start_workflow(
            Supported.run, "streaming", id=f"{uuid4()}", task_queue=support_table.QUEUE
        )
        assert (await handle.result()).endswith("events: done")
        assert SCHEDULED in [event.event_type async for event in handle.fetch_history_events()]


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("topic", "sandbox"),
    [
        *(("basic", True), ("basic", False), ("customer_service", True)),
        *(("mcp_servers", False), ("streaming", True)),
    ],
)
async def test_samples_complete(topic: str, sandbox: bool, model: OfflineModel) -> None:
    outcome = await run_samples(topic, samples_of(topic), **fast(sandbox=sandbox))
    outcome.assert_completed()
    assert any(run.events(RECORDED) for run in outcome.runs)


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("topic", "kind"),
    [
        *(("basic", kind) for kind in ("unknown_tool", "malformed_output", "tool_loop", "empty")),
        ("customer_service", "unknown_tool"),
    ],
)
async def test_every_run_ends_when_the_model_misbehaves(
    topic: str, kind: str, model: OfflineModel
) -> None:
    model.faults.always(kind)
    outcome = await run_samples(topic, largest_samples(topic), **fast())
    for sample in outcome.failures:
        assert not GENERIC.intersection(outcome.errors(sample)), sample
    assert any(call.fault and call.applied for call in model.calls)
