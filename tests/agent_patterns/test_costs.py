"""The README states the cost of each pattern: model calls for the sample's default input."""

from durable_agents import connect

import re
from pathlib import Path

import pytest
from agents import OpenAIProvider
from openai import AsyncOpenAI

import agent_patterns
from agent_patterns.run_worker import build_worker
from offline_model.server import OfflineModel
from sample_cli.catalog import Sample
from tests.harness.starters import samples_of, start_all
from tests.harness.workers import model_params

README = Path(agent_patterns.__file__).with_name("README.md")
ROW = re.compile(r"^\| `(\w+)` \|.*\| ([\d +]+) \|$", re.MULTILINE)
SAMPLES = samples_of("agent_patterns")


def documented_calls() -> dict[str, list[int]]:
    """Return the model calls per run that the README states for each sample."""
    table = README.read_text().partition("## Which pattern when")[2].partition("\n## ")[0]
    return {name: [int(calls) for calls in cell.split("+")] for name, cell in ROW.findall(table)}


def test_readme_lists_every_pattern() -> None:
    assert documented_calls().keys() == {sample.name for sample in SAMPLES}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
async def test_pattern_makes_the_documented_model_calls(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    with OfflineModel() as model:
        monkeypatch.setenv("OPENAI_BASE_URL", model.base_url)
        async with AsyncOpenAI(max_retries=0, api_key="offline") as openai:
            provider = OpenAIProvider(openai_client=openai)
            client = await connect(model_provider=provider, model_params=model_params())
            async with build_worker(client):
                outcome = await start_all([sample], client)
    outcome.assert_completed()
    assert [len(run.model_attempts) for run in outcome.runs] == documented_calls()[sample.name]
