"""The search attribute: what it shows, and a worker without it."""

from pathlib import Path

import pytest
from agents.testing import ScriptedModel
from temporalio.client import WorkflowExecutionDescription

from human_in_the_loop.deciding import Handle
from human_in_the_loop.run_worker import build_worker
from human_in_the_loop.search_attribute import KEY
from sample_cli.catalog import find
from sample_cli.temporal_server import own_server
from tests.harness.processes import ForkedScript
from tests.harness.workers import serving
from tests.human_in_the_loop.desk import (
    BIG,
    DONE,
    call,
    decide,
    start,
    three_at_once,
    wait_for_pending,
)

WORKER = find("human_in_the_loop/approvals").worker


async def values_of(handle: Handle) -> list[str]:
    description: WorkflowExecutionDescription = await handle.describe()
    return sorted(description.typed_search_attributes.get(KEY) or [])


async def test_attribute_lists_tools_and_digests_of_pending_calls_and_no_arguments() -> None:
    async with serving(build_worker, three_at_once()) as client:
        handle = await start(client)
        calls = await wait_for_pending(handle, "c1", "c2", "c3")
        digests = [f"call:{call.digest}" for call in calls.values()]
        assert await values_of(handle) == sorted([*digests, "tool:issue_voucher", "tool:refund"])
        await decide(handle, calls["c1"], "approve")
        await decide(handle, calls["c3"], "approve")
        assert await values_of(handle) == [digests[1], "tool:issue_voucher"]
        await decide(handle, calls["c2"], "approve")
        await handle.result()
        assert await values_of(handle) == []


async def test_equal_arguments_have_different_digests() -> None:
    model = ScriptedModel([[call("refund", BIG, "c1"), call("refund", BIG, "c2")], DONE])
    async with serving(build_worker, model) as client:
        handle = await start(client)
        first, second = (await wait_for_pending(handle, "c1", "c2")).values()
        assert first.arguments == second.arguments
        assert first.digest != second.digest
        for each in (first, second):
            await decide(handle, each, "reject")
        await handle.result()


async def test_worker_without_the_attribute_says_how_to_create_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "unused")
    async with own_server(tmp_path, with_search_attributes=False) as server:
        monkeypatch.setenv("TEMPORAL_ADDRESS", server.address)
        with ForkedScript(WORKER, folder=tmp_path) as worker:
            ended = await worker.ended()
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "The namespace 'default' has no search attribute PendingApprovals. Create it with: "
        "temporal operator search-attribute create --name PendingApprovals --type KeywordList "
        "-n default\n"
    )
