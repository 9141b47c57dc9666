"""Twenty searches while the model fails three calls in ten: only failed calls are repeated."""

from pathlib import Path

import pytest

from offline_model.server import OfflineModel
from research_bot.run_research_workflow import main
from tests.harness.starters import topic_worker
from tests.research_bot.script import saved_in

KINDS = ("429:0.05", "500", "503", "drop")


@pytest.mark.exhaustive
@pytest.mark.parametrize("model", [{"rate": 0.3, "kinds": KINDS, "seed": 1}], indirect=True)
async def test_run_completes_when_three_model_calls_in_ten_fail(
    model: OfflineModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with topic_worker("research_bot"):
        await main("Why do bees dance? In 20 searches.", output=tmp_path)
    assert saved_in(tmp_path).read_text(encoding="utf-8").count("\n- [Bees dance") == 20
    assert "Searched: 20 done, 0 failed." in capsys.readouterr().out
    failed = sum(bool(call.fault) for call in model.calls)
    needed = 22  # a plan, twenty searches, a report
    assert failed > 0
    assert len(model.calls) == needed + failed
    print(f"{len(model.calls)} calls made, {needed} needed")
