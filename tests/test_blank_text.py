"""Every workflow rejects a blank text, for each of its text arguments, before any model call."""

from durable_agents import root_cause

import inspect
from collections.abc import Callable, Iterator
from typing import Any, get_type_hints
from uuid import uuid4

import pytest
from agents.testing import ScriptedModel
from temporalio.client import Client, WorkflowFailureError
from temporalio.worker import Worker

from tests.harness.starters import TOPICS, plugin_options, worker_of
from tests.harness.workers import serving


def blank_calls(run: Callable[..., Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield each text argument of a workflow, and arguments in which it is blank.

    Arguments of other types must have defaults.
    """
    hints = get_type_hints(run)
    arguments = list(inspect.signature(run).parameters.values())[1:]
    texts = [argument for argument in arguments if hints[argument.name] is str]
    required = [argument for argument in arguments if argument.default is argument.empty]
    if not {argument.name for argument in required} <= {argument.name for argument in texts}:
        return
    for number, text in enumerate(texts):
        others = ["Hello" for _ in texts[: max(number + 1, len(required))]]
        yield text.name, [*others[:number], " \n", *others[number + 1 :]]


@pytest.mark.parametrize("topic", TOPICS)
async def test_blank_text_is_rejected(topic: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "unused")
    model, workers, accepted = ScriptedModel(), list[Worker](), []

    def build_worker(client: Client) -> Worker:
        workers.append(worker_of(topic, client))
        return workers[0]

    async with serving(build_worker, model, **plugin_options(topic)) as client:
        workflows: Any = workers[0].config()["workflows"]
        for workflow in workflows:
            for name, arguments in blank_calls(workflow.run):
                handle = await client.start_workflow(
                    workflow.run,
                    args=arguments,
                    id=f"test-{uuid4()}",
                    task_queue=workers[0].task_queue,
                )
                with pytest.raises(WorkflowFailureError) as failure:
                    await handle.result()
                error = root_cause(failure.value)
                if error.type != "InvalidInput" or name not in error.message:
                    accepted.append((workflow.__name__, name, str(error)))
    assert not accepted
    assert not model.calls
