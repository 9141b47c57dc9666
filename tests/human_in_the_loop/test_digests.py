"""A digest binds a decision to the call, the tool, and the arguments that a person saw."""

import pytest
from agents import Agent, ToolApprovalItem
from openai.types.responses import ResponseFunctionToolCall

from human_in_the_loop.approvals import digest

SEEN = {"tool": "refund", "arguments": '{"order_id": "1002", "cents": 5}', "id": "c1"}


def digest_of(tool: str, arguments: str, id: str) -> str:
    call = ResponseFunctionToolCall(
        type="function_call", name=tool, arguments=arguments, call_id=id
    )
    return digest(ToolApprovalItem(agent=Agent("Clerk"), raw_item=call))


@pytest.mark.parametrize(
    "other",
    [{"tool": "credit"}, {"arguments": '{"order_id": "1002", "cents": 50}'}, {"id": "c2"}],
    ids=["tool", "arguments", "id"],
)
def test_digest_differs_for_another_call(other: dict[str, str]) -> None:
    assert digest_of(**{**SEEN, **other}) != digest_of(**SEEN)


def test_digest_does_not_depend_on_the_formatting_of_arguments() -> None:
    reordered = '{"cents":5,"order_id":"1002"}'
    assert digest_of(**{**SEEN, "arguments": reordered}) == digest_of(**SEEN)
