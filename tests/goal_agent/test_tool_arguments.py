"""Unusual characters in tool arguments: problems for the planner, never retried."""

from durable_agents import connect

from dataclasses import replace

import pytest
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from goal_agent.activities.tool_calls import NOT_DONE, run_tool
from goal_agent.models import Argument, ToolRun
from goal_agent.toolbox import ledger as local
from goal_agent.toolbox.registry import TOOLS


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize(
    "value",
    ["\0", "Oslo\0", "\ud83d", "a\u202eb", "\x1b[31m", "x" * 5000, "[" * 5000, "1e999999999"],
)
def test_unusual_arguments_are_problems_not_exceptions(tool: str, value: str) -> None:
    for name in TOOLS[tool].arguments.model_fields:
        given = [Argument.model_construct(name=name, value=value)]
        checked = TOOLS[tool].check(given)
        free = name == "description" and value == "1e999999999"
        assert (checked.problem is None) is free, name
        assert len(checked.problem or "") <= 1000
        assert value not in (checked.problem or "")
        unknown = [Argument.model_construct(name=value, value="x")]
        assert TOOLS[tool].check(unknown).problem


async def test_text_that_cannot_be_encoded_is_rejected_without_a_retry(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def create(*args: object) -> str:
        return "\ud83d".encode().decode()

    monkeypatch.setattr(local, "create", create)
    args = {"email": "a@b.org", "amount": "1", "description": "x"}
    call = ToolRun(args={**args}, idempotency_key="k")
    converter = (await connect()).data_converter.payload_converter
    info = replace(ActivityEnvironment().info, activity_type="create_invoice")
    environment = ActivityEnvironment()
    environment.info = info
    environment.payload_converter = converter
    [payload] = converter.to_payloads([call])
    with pytest.raises(ApplicationError, match="create_invoice cannot use the text") as refused:
        await environment.run(run_tool, [RawValue(payload)])
    assert (refused.value.type, refused.value.non_retryable) == (NOT_DONE, True)
