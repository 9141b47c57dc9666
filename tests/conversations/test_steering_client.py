"""The client shows each mode and a stop, and rejects an unknown mode."""

from pathlib import Path

import pytest

from conversations.run_stop_and_steer_client import main
from conversations.steering_client import MODES
from offline_model.server import OfflineModel
from sample_cli.catalog import ROOT
from tests.harness.processes import ForkedScript
from tests.harness.starters import topic_worker


@pytest.mark.exhaustive
async def test_client_shows_all_modes_and_a_stop(
    model: OfflineModel, capsys: pytest.CaptureFixture[str]
) -> None:
    async with topic_worker("conversations"):
        await main()
    parts = capsys.readouterr().out.split("\n\n")
    queue, reject, interrupt, steer, stop, turns = (part.strip().splitlines() for part in parts)
    assert [line[:5] for line in queue[3:]] == ["  1 <", "  2 <"]
    assert reject[4] == "  2 ! Busy: a message is being answered; send this one afterwards"
    assert interrupt[3] == "  1 < interrupted"
    assert steer[3][2:].partition("<")[2] == steer[4].partition("<")[2]
    assert "get_load" in steer[3]
    assert "benchmark_hashing" not in steer[3]
    assert stop[3] == "  1 < stopped"
    assert "get_load: load " in stop[5]
    assert "watch_load: Stopped before" in stop[5]
    assert turns == ["8 turns"]


async def test_client_lists_the_modes_when_one_is_unknown(tmp_path: Path) -> None:
    script = ROOT / "conversations/run_stop_and_steer_client.py"
    with ForkedScript(script, "--while-busy", "shout", folder=tmp_path) as process:
        ended = await process.ended()
    assert (ended.code, ended.out) == (2, "")
    [line] = ended.err.splitlines()
    assert all(f"'{mode}'" in line for mode in MODES)
