"""The table of SDK features matches the installed versions."""

from durable_agents import root_cause

import dataclasses
from uuid import uuid4

import pytest
from agents.testing import ScriptedModel, assistant_message, function_call
from openai.types.responses.response_function_shell_tool_call import (
    Action,
    ResponseFunctionShellToolCall,
)
from temporalio.client import Client, WorkflowFailureError
from temporalio.contrib.workflow_streams import WorkflowStreamClient
from temporalio.openai_agents import ModelActivityParameters
from temporalio.worker import Worker

from tests.harness.workers import input_texts, model_params, serving
from tests.support_table.workflows import (
    Supported,
    Unsupported,
    WithoutTopic,
    run_commands,
    sign,
)

QUEUE = "support-table"
TOPIC = "model"


def build_worker(client: Client) -> Worker:
    return Worker(
        client,
        task_queue=QUEUE,
        workflows=[Supported, Unsupported, WithoutTopic],
        activities=[run_commands, sign],
    )


def streaming() -> ModelActivityParameters:
    return dataclasses.replace(model_params(), streaming_topic=TOPIC)


async def result_of(client: Client, what: str) -> str:
    return await client.execute_workflow(
        Supported.run, what, id=f"{what}-{uuid4().hex[:8]}", task_queue=QUEUE
    )


async def test_client_receives_each_event_of_a_streamed_answer() -> None:
    model = ScriptedModel([[assistant_message("Hi there.")]])
    async with serving(build_worker, model, model_params=streaming()) as client:
        id = f"streaming-{uuid4().hex[:8]}"
        handle = await client.start_workflow(Supported.run, "streaming", id=id, task_queue=QUEUE)
        seen = [item.data async for item in WorkflowStreamClient.create(client, id).subscribe()]
        result = await handle.result()
    types = [event["type"] for event in seen]
    assert (types[0], types[-1]) == ("response.created", "response.completed")
    text = [event["delta"] for event in seen if event["type"] == "response.output_text.delta"]
    assert "".join(text) == "Hi there."
    assert result.endswith("events: Hi there.")


async def test_session_in_the_workflow_keeps_the_conversation() -> None:
    model = ScriptedModel([[assistant_message("Hello, Ada.")], [assistant_message("Ada.")]])
    async with serving(build_worker, model) as client:
        assert await result_of(client, "session") == "Ada."
    assert input_texts(model.calls[1]) == ["My name is Ada.", "Hello, Ada.", "My name?"]


async def test_shell_tool_runs_its_commands_in_an_activity() -> None:
    call = ResponseFunctionShellToolCall(
        id="s1",
        call_id="c1",
        type="shell_call",
        status="completed",
        action=Action(commands=["ls"], max_output_length=None, timeout_ms=None),
    )
    model = ScriptedModel([[call], [assistant_message("There are some.")]])
    async with serving(build_worker, model) as client:
        assert await result_of(client, "shell") == "There are some."
    assert "ran ['ls']" in str(model.calls[1].input)


async def test_activity_gets_a_copy_of_the_context() -> None:
    call = function_call("sign", {"name": "Ada"}, call_id="1")
    model = ScriptedModel([[call], [assistant_message("Signed.")]])
    async with serving(build_worker, model) as client:
        assert await result_of(client, "context") == "['Grace']"
    assert input_texts(model.calls[1])[-1] == "signed by ['Grace', 'Ada']"


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ("computer", "ValueError: Unsupported tool type: computer_use_preview"),
        ("sqlite", "ValueError: Temporal workflows don't support SQLite sessions."),
        ("sync", "RuntimeError: Temporal workflows do not support synchronous model calls."),
        ("model", "ValueError: Temporal workflows require a model name to be a string"),
    ],
)
async def test_unsupported_feature_raises_a_specific_error(what: str, error: str) -> None:
    async with serving(build_worker, ScriptedModel([])) as client:
        with pytest.raises(WorkflowFailureError) as failure:
            await client.execute_workflow(
                Unsupported.run, what, id=f"{what}-{uuid4().hex[:8]}", task_queue=QUEUE
            )
    assert str(root_cause(failure.value)).startswith(error)


async def test_streaming_without_a_topic_fails_the_workflow() -> None:
    async with serving(build_worker, ScriptedModel([])) as client:
        with pytest.raises(WorkflowFailureError) as failure:
            await client.execute_workflow(
                WithoutTopic.run, id=f"topic-{uuid4().hex[:8]}", task_queue=QUEUE
            )
    assert "streaming_topic" in root_cause(failure.value).message
