"""`activity_tool` builds a tool once for each activity and its options; callers share nothing."""

from durable_agents import activity_tool, tools

import gc
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import Mock
from weakref import ref

import pytest
from agents import FunctionTool
from agents.tool_context import ToolContext
from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.openai_agents.workflow import activity_as_tool

from tests.durable_agents.toolbox import Desk, greet


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """Count the tools that are built."""
    counter = Mock(side_effect=activity_as_tool)
    monkeypatch.setattr(tools, "activity_as_tool", counter)
    return counter


def ping_activity() -> Callable[[str], Any]:
    """Return a new activity, as a module has that the sandbox imports again."""

    @activity.defn
    async def ping(host: str) -> str:
        """Ping a host."""
        return host

    return ping


def test_equal_options_build_one_tool(built: Mock) -> None:
    ping = ping_activity()
    for _ in range(3):
        activity_tool(ping, retry_policy=RetryPolicy(maximum_attempts=2))
    assert built.call_count == 1


@pytest.mark.parametrize(
    "options",
    [
        {"retry_policy": RetryPolicy(maximum_attempts=9)},
        {"start_to_close_timeout": timedelta(seconds=1)},
        {"strict_json_schema": False},
        {"summary": "another"},
    ],
)
def test_other_options_build_another_tool(built: Mock, options: dict[str, Any]) -> None:
    ping = ping_activity()
    assert activity_tool(ping).name == activity_tool(ping, **options).name == "ping"
    assert built.call_count == 2


async def test_options_changed_later_do_not_reach_another_callers_tool(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    used: list[int] = []

    async def execute_activity(*_: object, retry_policy: RetryPolicy, **__: object) -> None:
        used.append(retry_policy.maximum_attempts)

    monkeypatch.setattr(workflow, "execute_activity", execute_activity)
    ping, policy = ping_activity(), RetryPolicy(maximum_attempts=2)
    activity_tool(ping, retry_policy=policy)
    tool = activity_tool(ping, retry_policy=RetryPolicy(maximum_attempts=2))
    policy.maximum_attempts = 7
    await tool.on_invoke_tool(Mock(spec=ToolContext, context=None, usage=None), '{"host": "a"}')
    assert used == [2]


@pytest.mark.parametrize("strict", [True, False])
def test_a_changed_tool_does_not_change_the_next_one(strict: bool) -> None:
    ping = ping_activity()

    def tool() -> FunctionTool:
        return activity_tool(ping, strict_json_schema=strict)

    first = tool()
    first.name, first.needs_approval = "renamed", True
    first.params_json_schema["properties"]["host"]["description"] = "changed"
    assert (tool().name, tool().needs_approval) == ("ping", False)
    assert "changed" not in str(tool().params_json_schema)


def test_a_method_and_its_function_are_the_same_tool() -> None:
    of_instance, of_class = activity_tool(Desk().broken), activity_tool(Desk.broken)
    assert of_instance.name == of_class.name
    assert of_instance.params_json_schema == of_class.params_json_schema


def test_tools_of_an_activity_are_bounded(built: Mock) -> None:
    ping = ping_activity()
    for number in range(100):
        activity_tool(ping, summary=f"ping {number}")
    assert len(vars(ping)["__durable_agents_tools__"]) == tools._MAX_CACHED
    activity_tool(ping, summary="ping 99")
    assert built.call_count == 100


def test_tools_are_freed_with_their_activity() -> None:
    ping = ping_activity()
    activity_tool(ping)
    alive = ref(ping)
    del ping
    gc.collect()
    assert alive() is None


def test_activity_without_the_decorator_is_rejected_each_time() -> None:
    for _ in range(2):
        with pytest.raises(Exception, match="Bare function"):
            activity_tool(len)
    assert activity_tool(greet).name == "greet"
