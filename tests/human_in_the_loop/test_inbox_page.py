"""The page of the inbox as HTML: escaped, without scripts, and clear about what is missing."""

from durable_agents import connect

import re
from datetime import timedelta
from typing import Any

import pytest
from agents.testing import ScriptedModel
from temporalio.testing import WorkflowEnvironment

from human_in_the_loop.run_worker import build_worker
from human_in_the_loop.web.page import in_words
from sample_cli.processes import until
from tests.harness.services import TemporalProxy
from tests.harness.workers import FixedModelProvider, model_params
from tests.human_in_the_loop.desk import BIG, DONE, call, start, wait_for_pending
from tests.human_in_the_loop.service import RefundingModel, Service, serving_inbox

NASTY = "</textarea><script>alert(1)</script>'\"&"


def form(item: Any, **fields: Any) -> dict[str, Any]:
    """Return the fields of a form of the page."""
    chosen = {"workflow_id": item.workflow_id, "id": item.id, "digest": item.digest}
    return {**chosen, "by": "Ada", "verdict": "approve", "shown": "", "arguments": "", **fields}


async def test_text_of_the_model_and_of_people_is_html_escaped() -> None:
    model = ScriptedModel([[call("refund", {**BIG, "order_id": NASTY}, "c1")], DONE])
    async with serving_inbox(1, model) as (service, _):
        [item] = (await service.wait_for(1)).approvals
        page = await service.http.get("/", params={"by": NASTY})
        bad = {"by": NASTY, "shown": "x", "arguments": NASTY}
        answer = await service.http.post("/decisions", data=form(item, **bad))
        assert (page.status_code, answer.status_code) == (200, 422)
        for html in (page.text, answer.text):
            assert "<script" not in html
            assert "&lt;script&gt;alert(1)" in html


async def test_page_loads_everything_from_the_service() -> None:
    service = Service(await connect())
    page = await service.http.get("/")
    loaded = re.findall(r'(?:src|href)="([^"#]+)"', page.text)
    assert sorted(loaded) == ["/static/icon.svg", "/static/style.css"]
    for link in loaded:
        assert (await service.http.get(link)).status_code == 200, link
    assert not re.search(r"<script|<style|\son\w+=|style=", page.text)


@pytest.mark.parametrize(
    ("fields", "status", "notice"),
    [
        ({"shown": "a\r\nb", "arguments": "a\r\nb "}, 200, "You approved refund."),
        ({"arguments": '{"order_id": "1002", "cents": 9}'}, 200, "You edited refund."),
        ({"verdict": "reject", "message": "No."}, 200, "You rejected refund."),
        ({"verdict": "reject", "by": ""}, 422, "by: Value error, it must be printable"),
        ({"arguments": "{oops"}, 422, ">arguments: Invalid JSON: key must be"),
        ({"arguments": '{"order_id": 5}'}, 422, "Not accepted: edited_arguments"),
        ({"digest": "0"}, 409, "Not accepted: call &#39;c1&#39; is not the call that you saw"),
    ],
)
async def test_form_is_answered_with_the_page_and_a_notice(
    fields: dict[str, str], status: int, notice: str
) -> None:
    async with serving_inbox(1) as (service, _):
        [item] = (await service.wait_for(1)).approvals
        answer = await service.http.post("/decisions", data=form(item, **fields))
        assert answer.status_code == status
        assert notice in answer.text
        assert ("1 pending." in answer.text) == (status != 200)
        kept = fields.get("arguments", "")
        assert status != 422 or kept.replace('"', "&#34;") in answer.text, "the text is lost"


async def test_calls_without_a_worker_are_counted_and_their_decision_is_a_503() -> None:
    client = await connect(
        model_provider=FixedModelProvider(RefundingModel()), model_params=model_params()
    )
    async with build_worker(client):
        handle = await start(client)
        pending = (await wait_for_pending(handle, "c1"))["c1"]
    service = Service(client, timedelta(seconds=1))

    async def is_counted() -> bool:  # the server lists a workflow soon after its task
        return (await service.listing()).unanswered == 1

    await until(is_counted)
    page = await service.http.get("/")
    assert "0 pending." in page.text
    assert "1 more cannot be shown: no worker answers for them." in page.text
    target = type("Target", (), {**pending.model_dump(), "workflow_id": handle.id})
    answer = await service.decide(target)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["error"] == "Unavailable"
    await handle.terminate()


async def test_page_says_that_temporal_does_not_answer(
    temporal: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = TemporalProxy(temporal.client.service_client.config.target_host)
    await proxy.open()
    monkeypatch.setenv("TEMPORAL_ADDRESS", proxy.address)
    service = Service(await connect(), timedelta(seconds=1))
    await proxy.close()
    page = await service.http.get("/")
    assert page.status_code == 503
    assert "Temporal does not answer." in page.text
    answer = await service.http.get("/api/approvals")
    assert (answer.status_code, answer.json()["error"]) == (503, "Unavailable")


async def test_duration_is_shown_in_its_largest_unit() -> None:
    assert [in_words(timedelta(seconds=s)) for s in (-1, 59, 60, 7200, 86400 * 7)] == [
        *("0 s", "59 s", "1 minute", "2 hours", "7 days")
    ]
