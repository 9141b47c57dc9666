"""A turn continues in new runs: each tool runs once, and context, usage, and limits carry over."""

import json
from collections import Counter
from collections.abc import Iterable
from functools import partial
from uuid import uuid4

import pytest
from agents.items import TResponseOutputItem
from agents.testing import function_call
from temporalio.client import Client, WorkflowHistory
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from long_runs import TASK_QUEUE, run_worker
from long_runs.models import ContinueInTurnReport
from long_runs.run_continue_in_turn_workflow import main
from long_runs.run_worker import build_worker
from long_runs.workflows.continue_in_turn import ContinueInTurnWorkflow
from offline_model.server import OfflineModel
from sample_cli.catalog import find
from tests.harness.kills import kill_during_model_calls
from tests.harness.starters import histories_of
from tests.harness.workers import failure_of, serving
from tests.long_runs.models import TOKENS_PER_CALL, Items, PlayedModel, inspection

MANY = pytest.param(100, 1000, marks=pytest.mark.exhaustive)
# Without a cache, each task replays the whole run.
UNCACHED = pytest.param(40, 0, marks=pytest.mark.exhaustive)


async def inspect(client: Client, items: int) -> tuple[ContinueInTurnReport, list[WorkflowHistory]]:
    """Run the workflow; return its report, and the history of each run."""
    id, arguments = f"inspection-{uuid4().hex[:8]}", [items, None]
    handle = await client.start_workflow(
        ContinueInTurnWorkflow.run, args=arguments, id=id, task_queue=TASK_QUEUE
    )
    return await handle.result(), await histories_of(client, id)


def tool_calls(histories: Iterable[WorkflowHistory]) -> Counter[str]:
    """Return how often each activity tool was scheduled, by its name and arguments."""
    found: Counter[str] = Counter()
    for event in (event for history in histories for event in history.events):
        scheduled = event.activity_task_scheduled_event_attributes
        if (name := scheduled.activity_type.name) in ("read_report", "look_up_load"):
            found[
                f"{name} {[json.loads(payload.data) for payload in scheduled.input.payloads]}"
            ] += 1
    return found


@pytest.mark.parametrize(("items", "cached"), [(40, 1000), MANY, UNCACHED])
async def test_every_tool_runs_once_over_all_runs(
    items: int, cached: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_worker, "Worker", partial(Worker, max_cached_workflows=cached))
    model, urgent = PlayedModel(inspection(items)), list(range(7, items + 1, 7))
    async with serving(build_worker, model) as client:
        report, histories = await inspect(client, items)
    calls = tool_calls(histories)
    assert len(calls) == items + len(urgent)
    assert set(calls.values()) == {1}
    assert not model.unpaired
    assert report == ContinueInTurnReport(
        answer=f"{items} reports.",
        agent="Inspector",
        urgent=urgent,
        runs=len(histories),
        turns=model.requests - 2 * len(urgent),  # without the calls of the nested agent
        tokens=model.requests * TOKENS_PER_CALL,
    )
    assert report.runs >= 4


@pytest.mark.exhaustive
async def test_limit_of_turns_counts_all_runs() -> None:
    def loop(tools: set[str], items: Items) -> list[TResponseOutputItem]:
        if "transfer_to_inspector" in tools:
            return [function_call("transfer_to_inspector", {}, call_id="handoff")]
        return [function_call("read_report", {"number": 1}, call_id=f"read-{len(items)}")]

    model = PlayedModel(loop)
    async with serving(build_worker, model):
        error = await failure_of(main(20))
    assert error.type == "MaxTurnsExceeded"
    assert model.requests == 3 * 20 + 5


async def test_starter_prints_the_totals(capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(build_worker, PlayedModel(inspection(7))):
        await main(7)
    assert capsys.readouterr().out == "7 reports.\nUrgent: [7]\n1 runs, 7 turns, 99 tokens\n"


@pytest.mark.parametrize("items", [0, 301])
async def test_items_out_of_range_fail_before_any_call(items: int) -> None:
    model = PlayedModel(inspection(1))
    async with serving(build_worker, model):
        error = await failure_of(main(items))
    assert (error.type, error.message) == ("InvalidInput", f"items is {items}; give 1 to 300")
    assert not model.requests


@pytest.mark.exhaustive
async def test_kill_in_a_later_run_repeats_only_the_call_in_flight(
    model: OfflineModel, temporal: WorkflowEnvironment
) -> None:
    # Breakpoints count the ids of activities, which start again in each run: the second run has
    # more model calls than the first, so this one is in the second.
    sample = find("long_runs/continue_in_turn")
    await kill_during_model_calls("long_runs", [sample], 16, model, temporal.client)
