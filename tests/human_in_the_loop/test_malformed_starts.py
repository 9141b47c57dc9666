"""Starts by clients that send the wrong arguments: the workflow fails, and is never stuck."""

from typing import Any
from uuid import uuid4

import pytest
from agents.testing import ScriptedModel

from human_in_the_loop import TASK_QUEUE
from human_in_the_loop.run_worker import build_worker
from tests.harness.workers import failure_of, serving

STATE = {"run_state": "{}", "calls": [], "decided": [], "earlier": []}


@pytest.mark.parametrize(
    ("arguments", "type_", "message"),
    [
        ([5], "InvalidInput", "request: Input should be a valid string"),
        (["Refund.", "soon"], "InvalidInput", "decision_timeout: "),
        (["Refund.", "P7D", {"calls": 1}], "InvalidInput", "run_state: Field required"),
        (["Refund.", "P7D", STATE], "UserError", "Run state"),
        ([], "InvalidInput", "request is empty"),
    ],
)
async def test_malformed_start_fails(arguments: list[Any], type_: str, message: str) -> None:
    async with serving(build_worker, ScriptedModel()) as client:
        handle = await client.start_workflow(
            "ApprovalsWorkflow", args=arguments, id=f"test-{uuid4()}", task_queue=TASK_QUEUE
        )
        error = await failure_of(handle.result())
    assert error.type == type_
    assert message in error.message
