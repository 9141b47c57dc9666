"""`activity_tool`: like the plugin's own tool, but failures are reported to the model."""

from durable_agents import activity_tool
from durable_agents.tools import ApprovalPolicy

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from agents import FunctionTool
from agents.testing import ScriptedModel, assistant_message, function_call
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import CancelledError
from temporalio.openai_agents.workflow import activity_as_tool
from temporalio.worker import Worker

from tests.durable_agents.toolbox import Desk, Toolbox, greet
from tests.harness.workers import input_texts, serving

QUEUE = "test-tools"


async def reported(
    desk: Desk, tool: str, arguments: dict[str, object] | str, **profile: Any
) -> str:
    """Return what the model receives after it calls `tool`."""
    model = ScriptedModel(
        [[function_call(tool, arguments, call_id="1")], [assistant_message("done")]]
    )
    async with serving(toolbox_of(desk), model, **profile) as client:
        await client.execute_workflow(Toolbox.run, "go", id=f"{uuid4()}", task_queue=QUEUE)
    model.assert_complete()
    return input_texts(model.calls[1])[-1]


def toolbox_of(desk: Desk) -> Callable[[Client], Worker]:
    def build_worker(client: Client) -> Worker:
        return Worker(
            client,
            task_queue=QUEUE,
            workflows=[Toolbox],
            activities=[greet, desk.broken, desk.refused, desk.slow, desk.patient, desk.unsure],
        )

    return build_worker


@pytest.mark.parametrize("activity", [greet, Desk.broken, Desk.slow])
def test_name_description_and_schema_are_the_plugins_own(activity: Callable[..., object]) -> None:
    ours = activity_tool(activity)
    theirs = activity_as_tool(activity)
    assert isinstance(theirs, FunctionTool)
    assert (ours.name, ours.description) == (theirs.name, theirs.description)
    assert ours.params_json_schema == theirs.params_json_schema


async def is_rude(context: object, arguments: dict[str, object], call_id: str) -> bool:
    return arguments.get("greeting") != "Hello"


@pytest.mark.parametrize("policy", [True, is_rude])
def test_approval_is_optional(policy: ApprovalPolicy) -> None:
    assert activity_tool(greet, needs_approval=policy).needs_approval is policy
    assert activity_tool(greet).needs_approval is False


async def test_activity_receives_arguments_and_context() -> None:
    assert await reported(Desk(), "greet", {"greeting": "Hello"}) == "Hello Ada"


async def test_transient_failure_is_retried_and_not_reported() -> None:
    desk = Desk()
    assert await reported(desk, "unsure", {}) == "now"
    assert desk.attempts == 2


async def test_permanent_failure_is_reported_after_three_attempts() -> None:
    desk = Desk()
    assert await reported(desk, "broken", {"part": "pump"}) == "broken failed: pump is broken"
    assert desk.attempts == 3


async def test_non_retryable_failure_is_reported_at_once() -> None:
    desk = Desk()
    assert (
        await reported(desk, "refused", {"amount": 9})
        == "refused was not done: amount 9 is too much"
    )
    assert desk.attempts == 1


async def test_async_activity_heartbeats_automatically() -> None:
    desk = Desk()
    assert await reported(desk, "patient", {}) == "done"
    assert desk.attempts == 1


async def test_timeout_is_reported_as_unknown_outcome() -> None:
    desk = Desk()
    timeout = await reported(desk, "slow", {})
    assert timeout.startswith("slow has an unknown outcome, it may have been done")
    assert "StartToClose timeout" in timeout
    assert desk.attempts == 3


@pytest.mark.parametrize("arguments", [{}, {"part": 7}, "{part", "[1]", "null", {"part": None}])
async def test_invalid_arguments_are_reported_and_nothing_is_called(
    arguments: dict[str, object] | str,
) -> None:
    desk = Desk()
    report = await reported(desk, "broken", arguments)
    assert report.startswith("broken was not called: ")
    assert "arguments" in report
    assert "\n" not in report
    assert desk.attempts == 0


async def test_cancelling_the_workflow_is_not_reported_to_the_model() -> None:
    desk = Desk()
    model = ScriptedModel([[function_call("slow", {}, call_id="1")]])
    async with serving(toolbox_of(desk), model) as client:
        handle = await client.start_workflow(Toolbox.run, "go", id=f"{uuid4()}", task_queue=QUEUE)
        while not (await handle.describe()).raw_description.pending_activities or not desk.started:
            pass
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
        assert isinstance(failure.value.cause, CancelledError)
        assert (await handle.describe()).status is WorkflowExecutionStatus.CANCELED
    assert len(model.calls) == 1
