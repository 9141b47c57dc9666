"""One turn of many tool calls, and how its history grows with each technique."""

from functools import partial
from pathlib import Path

import pytest
from agents.items import TResponseOutputItem
from agents.testing import ScriptedModel, assistant_message, function_call
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from benchmarks.long_turns import ReadingModel, measure
from long_runs import run_worker
from long_runs.history_size import predict_stock
from long_runs.inspection import REPORT_CHARACTERS, report_text
from long_runs.models import Technique
from long_runs.run_long_turn_workflow import main
from long_runs.run_worker import build_worker
from long_runs.techniques import connect_options
from offline_model.server import OfflineModel
from sample_cli.catalog import find
from tests.harness.kills import kill_during_model_calls
from tests.harness.workers import input_texts, serving

SAMPLE = find("long_runs/long_turn")


def read(number: int) -> list[TResponseOutputItem]:
    return [function_call("read_report", {"number": number}, call_id=f"call-{number}")]


async def test_agent_reads_the_reports_and_the_starter_prints_the_growth(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = ScriptedModel([read(1), read(2), [assistant_message("Urgent: none.")]])
    async with serving(build_worker, model):
        await main(2)
    assert input_texts(model.calls[2]) == ["Read reports 1 to 2.", report_text(1), report_text(2)]
    answer, _, title, head, one, two = capsys.readouterr().out.splitlines()
    assert (answer, title) == ("Urgent: none.", "History:")
    assert head.split() == ["calls", "query", "stock,", "predicted"]
    assert (one.split()[0], two.split()[0]) == ("1", "2")


async def test_unknown_report_is_reported_to_the_model() -> None:
    model = ScriptedModel([read(301), [assistant_message("There is none.")]])
    async with serving(build_worker, model):
        await main(1)
    reported = input_texts(model.calls[1])[-1]
    expected = "There is no report 301. The reports are 1 to 300."
    assert reported == f"read_report was not done: {expected}"


@pytest.mark.parametrize("technique", ["query", "storage"])
async def test_history_grows_linearly(technique: Technique) -> None:
    found = await measure(technique, 24)
    assert found.curve[24] < 2.2 * found.curve[12]
    assert found.history < predict_stock(24) / 7


@pytest.mark.parametrize("technique", ["query", "storage", "compression"])
async def test_turn_replays_after_every_eviction(
    technique: Technique, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BLOB_FOLDER", str(tmp_path / "blobs"))
    monkeypatch.setattr(run_worker, "Worker", partial(Worker, max_cached_workflows=0))
    model, options = ReadingModel(4), connect_options(technique)
    async with serving(lambda client: build_worker(client, technique), model, **options):
        await main(4, technique=technique)
    assert model.requests == 5


async def test_compression_divides_the_growth() -> None:
    found = await measure("compression", 24)
    assert predict_stock(24) / 5 < found.history < predict_stock(24) / 2


@pytest.mark.parametrize(("calls", "context"), [(10, 0), (24, 0), (3, 50_000)])
async def test_stock_history_is_as_predicted(calls: int, context: int) -> None:
    found = await measure("stock", calls, context)
    assert found.history == pytest.approx(predict_stock(calls, context), rel=0.1)


@pytest.mark.exhaustive
async def test_kill_at_call_20_repeats_only_the_call_in_flight(
    model: OfflineModel, temporal: WorkflowEnvironment
) -> None:
    await kill_during_model_calls("long_runs", [SAMPLE], 20, model, temporal.client)


def test_reports_are_all_of_the_same_size() -> None:
    assert {len(report_text(number)) for number in range(1, 301)} == {REPORT_CHARACTERS}
