"""Messages that arrive as updates: how to answer a resend, and how many a model is shown.

Only workflows that answer messages import this module.
"""

from durable_agents.payloads import encoded_size

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from agents import RunConfig, RunResult, TResponseInputItem
from agents.run import CallModelData, ModelInputData
from pydantic import JsonValue
from pydantic_core import from_json, to_json
from temporalio import workflow
from temporalio.exceptions import ApplicationError

ModelInput = list[dict[str, JsonValue]]
"""Messages, tool calls, and tool results, as a model receives them."""

MAX_ID_LENGTH = 200  # characters

T = TypeVar("T")


class Rejected(ApplicationError):
    """A message that is not carried out. Non-retryable.

    Args:
        message: Why, for people; by default the docstring of the class.
        type: Why, for programs; by default the name of the class.
    """

    def __init__(self, message: str = "", type: str = "") -> None:
        message, type = message or self.__doc__ or "", type or self.__class__.__name__
        super().__init__(message, type=type, non_retryable=True)


def update_id() -> str:
    """Return the id of the update that is being handled; empty outside one."""
    update = workflow.current_update_info()
    return update.id if update else ""


def remember(results: Mapping[str, T], result: T, max_count: int) -> dict[str, T]:
    """Return the results by update id, and that of the current update; keep the last `max_count`.

    The server executes an update id once in a run. A workflow that continues as new carries these
    results: a resend to a later run gets `results[update_id()]`. Under an id that is longer than
    `MAX_ID_LENGTH`, and outside an update, nothing is added: carried state has to stay small.
    """
    known = 0 < len(id := update_id()) <= MAX_ID_LENGTH
    items = [*results.items(), *([(id, result)] if known else [])]
    return dict(items[-max_count:])


def model_input_of(result: RunResult) -> ModelInput:
    """Return the conversation after a run, its answer included, in a form that can be carried.

    After a run with `following(earlier)`, return only what it added to `earlier`.
    """
    items: ModelInput = from_json(to_json(result.to_input_list()))
    return items


def following(earlier: ModelInput) -> RunConfig:
    """Return the config of a run that continues a conversation: `Runner.run(agent, text, ...)`.

    Each model call gets the earlier items before those of the run. As part of the run's input, they
    would be copied several times a turn, item by item, which the workflow sandbox makes slow.
    """

    def with_earlier(data: CallModelData[Any]) -> ModelInputData:
        items = [*cast("list[TResponseInputItem]", earlier), *data.model_data.input]
        return ModelInputData(items, data.model_data.instructions)

    return RunConfig(call_model_input_filter=with_earlier)


def last_turns_within(max_bytes: int, items: ModelInput) -> ModelInput:
    """Return as many of the last turns as fit into `max_bytes`; turns are never split."""
    for start, item in enumerate(items):
        if item.get("role") == "user" and encoded_size(items[start:]) <= max_bytes:
            return items[start:]
    return []
