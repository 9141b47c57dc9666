"""The API of the inbox: pending calls of all workflows, filters, decisions, and refusals."""

from durable_agents import connect

import asyncio
import time
from typing import Any

import pytest
from agents.testing import ScriptedModel

from human_in_the_loop.web.inbox import InboxItem
from sample_cli.processes import until
from tests.human_in_the_loop.desk import BIG, DONE, call, three_at_once
from tests.human_in_the_loop.service import Service, serving_inbox


@pytest.mark.exhaustive
async def test_fifty_pending_calls_of_fifty_workflows_are_listed_in_a_second_and_decided() -> None:
    async with serving_inbox(50) as (service, handles):
        await service.wait_for(50)
        took = []
        for _ in range(5):
            start = time.perf_counter()
            listing = await service.listing()
            took.append(time.perf_counter() - start)
            assert len(listing.approvals) == 50
        print(f"50 calls of 50 workflows: {min(took):.2f} to {max(took):.2f} s")
        assert min(took) < 1
        assert {item.workflow_id for item in listing.approvals} == {h.id for h in handles}
        assert listing.approvals == sorted(listing.approvals, key=lambda i: i.requested_at)
        responses = await asyncio.gather(*(service.decide(item) for item in listing.approvals))
        assert {response.status_code for response in responses} == {200}
        outcomes = await asyncio.gather(*(handle.result() for handle in handles))
        assert {outcome.decisions[0].by for outcome in outcomes} == {"Ada"}
        assert (await service.listing()).approvals == []


async def test_of_two_people_one_decides_and_the_other_reads_who_did() -> None:
    async with serving_inbox(1) as (service, _):
        [item] = (await service.wait_for(1)).approvals
        by_ada, by_ben = await asyncio.gather(
            service.decide(item, "approve", by="Ada"), service.decide(item, "reject", by="Ben")
        )
        assert sorted([by_ada.status_code, by_ben.status_code]) == [200, 409]
        winner = next(r.json() for r in (by_ada, by_ben) if r.status_code == 200)
        loser = next(r.json() for r in (by_ada, by_ben) if r.status_code == 409)
        verb = {"Ada": "approved", "Ben": "rejected"}[winner["by"]]
        assert loser["error"] == "AlreadyDecided"
        assert loser["message"].startswith(f"refund was already {verb} by {winner['by']} at ")


async def test_calls_are_filtered_by_tool_and_age() -> None:
    async with serving_inbox(1, three_at_once()) as (service, _):
        assert {i.tool for i in (await service.wait_for(3)).approvals} == {
            "refund",
            "issue_voucher",
        }
        assert [i.id for i in (await service.wait_for(1, tool="issue_voucher")).approvals] == ["c2"]
        assert (await service.listing(tool="send_email")).approvals == []
        assert (await service.listing(min_age=3600)).approvals == []

        async def is_old_enough() -> bool:
            return len((await service.listing(min_age=1)).approvals) == 3

        await until(is_old_enough)


async def test_edit_runs_the_edited_arguments() -> None:
    async with serving_inbox(1) as (service, [handle]):
        [item] = (await service.wait_for(1)).approvals
        edited = {**BIG, "cents": 100}
        response = await service.decide(item, "edit", edited_arguments=edited)
        assert response.json()["arguments"] == '{"order_id": "1002", "cents": 100}'
        assert (await handle.result()).decisions[0].verdict == "edit"


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"id": "c9"}, 404, "UnknownCall"),
        ({"digest": "0" * 16}, 409, "StaleDecision"),
        ({"workflow_id": "no/such ü"}, 404, "UnknownCall"),
        ({"verdict": "maybe"}, 422, "InvalidInput"),
        ({"verdict": "edit", "edited_arguments": {}}, 422, "InvalidInput"),
        ({"by": ""}, 422, "InvalidInput"),
    ],
)
async def test_refusal_has_a_status_and_one_message(
    change: dict[str, Any], status: int, error: str
) -> None:
    async with serving_inbox(1) as (service, _):
        [item] = (await service.wait_for(1)).approvals
        target = InboxItem.model_validate(item.model_dump() | change)
        fields = {k: v for k, v in change.items() if k in ("edited_arguments", "by")}
        response = await service.decide(target, change.get("verdict", "approve"), **fields)
        assert (response.status_code, response.json()["error"]) == (status, error)
        assert response.json()["message"]


@pytest.mark.parametrize("tool", ["x' OR WorkflowId != '", "ü", "a b"])
async def test_tool_that_is_not_a_name_is_rejected(tool: str) -> None:
    service = Service(await connect())
    assert (await service.http.get("/api/approvals", params={"tool": tool})).status_code == 422


async def test_request_starts_a_workflow() -> None:
    model = ScriptedModel([[call("refund", BIG, "c1")], DONE])
    async with serving_inbox(0, model) as (service, handles):
        response = await service.http.post("/api/requests", json={"request": "Refund 1002."})
        assert response.status_code == 201
        [item] = (await service.wait_for(1)).approvals
        assert item.workflow_id == response.json()["workflow_id"]
        assert not handles
        blank = await service.http.post("/api/requests", json={"request": " "})
        assert blank.status_code == 422
