"""Recorded histories replay on the current code: a change that breaks running workflows fails.

Record one: uv run temporal workflow show --workflow-id ID --output json > tests/histories/NAME.json
"""

from durable_agents import DurabilityPlugin

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.openai_agents import OpenAIAgentsPlugin
from temporalio.worker import Replayer

from my_agent.workflow import AgentWorkflow

HISTORIES = [
    WorkflowHistory.from_json(file.stem, file.read_text(encoding="utf-8"))
    for file in sorted((Path(__file__).parent / "histories").glob("*.json"))
]


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.workflow_id)
async def test_history_replays(history: WorkflowHistory) -> None:
    replayer = Replayer(
        workflows=[AgentWorkflow], plugins=[OpenAIAgentsPlugin(), DurabilityPlugin()]
    )
    await replayer.replay_workflow(history)


def test_there_is_a_history_to_replay() -> None:
    assert HISTORIES
