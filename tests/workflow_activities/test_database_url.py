"""An invalid `DATABASE_URL` stops the worker."""

from pathlib import Path

import pytest

from sample_cli.catalog import ROOT
from tests.harness.processes import ForkedScript


async def test_worker_reports_an_invalid_url_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://h/d")
    monkeypatch.setenv("OPENAI_API_KEY", "unused")
    with ForkedScript(ROOT / "workflow_activities/run_worker.py", folder=tmp_path) as worker:
        ended = await worker.ended()
    assert (ended.code, ended.out) == (2, "")
    [line] = ended.err.splitlines()
    assert "DATABASE_URL" in line
