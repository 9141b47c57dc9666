"""The worker is killed during a session: the next session has all notes, each once."""

import pytest
from temporalio.testing import WorkflowEnvironment

from offline_model.server import OfflineModel
from sample_cli.catalog import find
from sample_cli.processes import until
from tests.harness.forked_worker import Breakpoint, ForkedWorker
from tests.harness.kills import SOON, all_halted, restarted
from tests.harness.starters import starting


@pytest.mark.exhaustive
async def test_notes_survive_a_worker_crash(
    model: OfflineModel, temporal: WorkflowEnvironment, capsys: pytest.CaptureFixture[str]
) -> None:
    async with starting([find("mcp_servers/scratchpad")], **SOON) as starters:
        with ForkedWorker("mcp_servers", Breakpoint(3, "before", model_calls=True)) as worker:
            await until(all_halted(worker, starters))
            worker.kill()
        outcome = await restarted("mcp_servers", starters, temporal.client, worker.identity)
    outcome.assert_completed()
    notes = capsys.readouterr().out.splitlines()
    assert [note.partition(". ")[0] for note in notes] == ["1", "2", "3"]
