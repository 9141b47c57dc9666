"""Runs from recorded histories, and from single events."""

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from sample_cli.catalog import ROOT
from sample_cli.history_timeline import Run, rows


def run_with(events: list[HistoryEvent]) -> Run:
    """Return a run with a history."""
    at = Timestamp().ToDatetime()
    return Run("id", "run", "Type", at, 0, "completed", "", 1, 1, rows(events), events)


def recorded(sample: str) -> Run:
    """Return a recorded run."""
    file = ROOT / "tests" / "histories" / f"{sample}.json"
    return run_with(list(WorkflowHistory.from_json(sample, file.read_text("utf-8")).events))
