"""The agent calls its tool, handles a failing one, and rejects bad calls and empty questions."""

from uuid import uuid4

import pytest
from agents.testing import ScriptedModel, assistant_message, function_call
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError

from my_agent import TASK_QUEUE
from my_agent.workflow import AgentWorkflow
from tests.conftest import Serving


async def ask(client: Client, question: str) -> str:
    """Run the workflow once."""
    return await client.execute_workflow(
        AgentWorkflow.run, question, id=f"test-{uuid4().hex}", task_queue=TASK_QUEUE
    )


async def test_tool_result_is_sent_to_the_model(serving: Serving) -> None:
    model = ScriptedModel(
        [
            [function_call("get_time", {"timezone": "Asia/Tokyo"}, call_id="call-1")],
            [assistant_message("It is noon in Tokyo.")],
        ]
    )
    async with serving(model) as client:
        assert await ask(client, "What time is it in Tokyo?") == "It is noon in Tokyo."
    assert "+09:00" in str(model.calls[1].input)


async def test_failed_tool_is_reported_to_the_model(serving: Serving) -> None:
    model = ScriptedModel(
        [
            [function_call("get_time", {"timezone": "Mars/Olympus"}, call_id="call-1")],
            [assistant_message("I don't know that place.")],
        ]
    )
    async with serving(model) as client:
        assert await ask(client, "What time is it on Mars?") == "I don't know that place."
    assert "There is no time zone 'Mars/Olympus'" in str(model.calls[1].input)


async def test_unknown_tool_fails_the_run_instead_of_hanging(serving: Serving) -> None:
    model = ScriptedModel([[function_call("get_weather", {}, call_id="call-1")]])
    async with serving(model) as client:
        with pytest.raises(WorkflowFailureError) as failure:
            await ask(client, "What time is it?")
    assert isinstance(failure.value.cause, ApplicationError)
    assert failure.value.cause.type == "ModelBehaviorError"


async def test_empty_question_is_rejected_before_any_model_call(serving: Serving) -> None:
    model = ScriptedModel([])
    async with serving(model) as client:
        with pytest.raises(WorkflowFailureError) as failure:
            await ask(client, " ")
    assert isinstance(failure.value.cause, ApplicationError)
    assert failure.value.cause.type == "InvalidInput"
    assert not model.calls
