"""`activity_tool`: what the plugin's own tool does, and failures told to the model."""

from durable_agents import activity_tool

from collections.abc import Callable
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


async def told(desk: Desk, tool: str, arguments: dict[str, object] | str) -> str:
    """Return what the model is told after it calls `tool`."""
    model = ScriptedModel(
        [[function_call(tool, arguments, call_id="1")], [assistant_message("done")]]
    )
    async with serving(toolbox_of(desk), model) as client:
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


def test_approval_can_be_asked_for() -> None:
    assert activity_tool(greet, needs_approval=True).needs_approval is True
    assert activity_tool(greet).needs_approval is False


async def test_the_activity_gets_arguments_and_context() -> None:
    assert await told(Desk(), "greet", {"greeting": "Hello"}) == "Hello Ada"


async def test_a_passing_failure_is_retried_and_not_told() -> None:
    desk = Desk()
    assert await told(desk, "unsure", {}) == "now"
    assert desk.attempts == 2


async def test_a_lasting_failure_is_told_after_three_attempts() -> None:
    desk = Desk()
    assert await told(desk, "broken", {"part": "pump"}) == "broken failed: pump is broken"
    assert desk.attempts == 3


async def test_a_failure_that_no_retry_mends_is_told_at_once() -> None:
    desk = Desk()
    assert (
        await told(desk, "refused", {"amount": 9}) == "refused was not done: amount 9 is too much"
    )
    assert desk.attempts == 1


async def test_an_async_activity_heartbeats_by_itself() -> None:
    desk = Desk()
    assert await told(desk, "patient", {}) == "done"
    assert desk.attempts == 1


async def test_a_timeout_is_told() -> None:
    desk = Desk()
    told_of_slow = await told(desk, "slow", {})
    assert told_of_slow.startswith("slow has an unknown outcome, it may have been done")
    assert "StartToClose timeout" in told_of_slow
    assert desk.attempts == 3


@pytest.mark.parametrize("arguments", [{}, {"part": 7}, "{part", "[1]", "null", {"part": None}])
async def test_arguments_that_do_not_fit_are_told_and_nothing_is_called(
    arguments: dict[str, object] | str,
) -> None:
    desk = Desk()
    said = await told(desk, "broken", arguments)
    assert said.startswith("broken was not called: ")
    assert "arguments" in said
    assert "\n" not in said
    assert desk.attempts == 0


async def test_cancelling_the_workflow_cancels_it_and_is_not_told_to_the_model() -> None:
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
