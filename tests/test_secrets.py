"""Keys and tokens stay in the worker's environment: no history holds one."""

import pytest

from sample_cli.offline.server import OfflineModel
from tests.runs import TOPICS, play, samples_of

SECRET = "sk-never-to-be-recorded"
VARIABLES = ("OPENAI_API_KEY", "GPT_OSS_API_KEY", "GITHUB_MCP_TOKEN", "ANTHROPIC_API_KEY")


@pytest.mark.parametrize("topic", TOPICS)
async def test_no_history_holds_a_key(
    topic: str, model: OfflineModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in VARIABLES:
        monkeypatch.setenv(name, SECRET)
    outcome = await play(topic, samples_of(topic))
    outcome.assert_completed()
    for run in outcome.runs:
        for event in run.history.events:
            assert SECRET.encode() not in event.SerializeToString(), run.id
