"""The figures in the README, measured with 100 calls, and the end of a turn without a technique."""

from durable_agents import payloads

import re
from pathlib import Path
from unittest.mock import patch

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import TerminatedError

from benchmarks.long_turns import Measurement, measure
from long_runs import history_size
from long_runs.models import Technique

pytestmark = pytest.mark.long  # 100 calls of up to 1.3 MB

README = Path(__file__).parents[2] / "long_runs" / "README.md"
MEGABYTE = 1_000_000
SHOWN = (25, 50, 75, 100)


def row_of(technique: str) -> list[float]:
    """Return the figures in the README's table of history by calls, in MB."""
    text = README.read_text(encoding="utf-8")
    [row] = re.findall(rf"^\| `{technique}` \| (\d.*)$", text, re.MULTILINE)
    return [float(cell) for cell in row.split(" | ")[:4]]


def test_picture_shows_the_table() -> None:
    drawn = re.findall(r"^    line \[0, (.*)\]$", README.read_text(encoding="utf-8"), re.MULTILINE)
    lines = [[float(number) for number in line.split(", ")] for line in drawn]
    assert lines == [row_of(each) for each in ("stock", "compression", "query", "storage")]


def assert_as_documented(found: Measurement) -> None:
    curve = [found.curve[calls] / MEGABYTE for calls in SHOWN]
    assert curve == pytest.approx(row_of(found.technique), rel=0.1, abs=0.01)


@pytest.mark.exhaustive
async def test_query_takes_at_most_0_6_of_the_cpu_time_of_the_stock_plugin() -> None:
    query = await measure("query", 100)
    # `connect()` spares the validation of the conversation, with any technique.
    with patch.object(payloads, "with_plain_items", lambda hint: hint):
        stock = await measure("stock", 100)
    assert_as_documented(query)
    assert_as_documented(stock)
    assert query.history <= MEGABYTE
    assert query.cpu <= 0.6 * stock.cpu


@pytest.mark.exhaustive
@pytest.mark.parametrize("technique", ["storage", "compression"])
async def test_history_is_as_documented(technique: Technique) -> None:
    found = await measure(technique, 100)
    assert_as_documented(found)
    if technique == "storage":
        assert found.history <= MEGABYTE
        assert found.stored <= 4 * MEGABYTE


@pytest.mark.exhaustive
@pytest.mark.parametrize("technique", ["query", "storage"])
async def test_history_stays_small_after_a_long_conversation(technique: Technique) -> None:
    found = await measure(technique, 100, 209_000)
    assert found.history <= MEGABYTE
    assert found.stored <= 4 * MEGABYTE


@pytest.mark.exhaustive
async def test_server_terminates_a_turn_without_a_technique(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(history_size, "MAX_STOCK_BYTES", 10**9)
    with pytest.raises(WorkflowFailureError) as failure:
        await measure("stock", 100, 209_000)
    cause = failure.value.cause
    assert isinstance(cause, TerminatedError)
    assert cause.message == "Workflow history size exceeds limit."
