"""Workers bound the replays they run at once; the benchmarks of growth and takeover work."""

from durable_agents import connect

import re
import sys
from asyncio.subprocess import PIPE, STDOUT, create_subprocess_exec
from importlib import import_module

import pytest
from agents.testing import ScriptedModel

from conversations.models import ChatState
from conversations.steering import SteerableState
from customer_service.models import ConversationState
from sample_cli.catalog import ROOT
from streaming.models import ChatState as StreamingState
from tests.harness.command import needs_proc
from tests.harness.workers import FixedModelProvider

CHATS = ("conversations", "customer_service", "goal_agent", "streaming")
TASK_TIMEOUT = 10  # seconds: Temporal's default for a workflow task
REPLAY = 0.025  # seconds of CPU for a turn with tools, on a slow machine


@pytest.mark.parametrize("topic", CHATS)
async def test_worker_replays_few_chats_at_once(topic: str) -> None:
    client = await connect(model_provider=FixedModelProvider(ScriptedModel()))
    worker = import_module(f"{topic}.run_worker").build_worker(client)
    tasks = worker.config()["max_concurrent_workflow_tasks"]
    assert tasks, "the default of 100 is too many"
    assert 2 <= tasks <= 10


@pytest.mark.parametrize(
    "state", [ChatState(), ConversationState(), SteerableState(), StreamingState()]
)
def test_full_runs_replay_within_their_task_timeout(
    state: ChatState | ConversationState | SteerableState | StreamingState,
) -> None:
    assert 10 * state.turns_per_run * REPLAY < TASK_TIMEOUT


async def output_of(name: str, *arguments: str) -> str:
    """Return the output of a benchmark."""
    command = [sys.executable, "-m", f"benchmarks.{name}", *arguments]
    process = await create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE, stderr=STDOUT)
    output = (await process.communicate())[0].decode()
    assert process.returncode == 0, output
    return output


@needs_proc
@pytest.mark.exhaustive
async def test_every_message_is_answered_after_a_takeover() -> None:
    output = await output_of("takeover", "--conversations", "4", "--turns", "1", "--rounds", "1")
    assert "; 4 answered, " in output
    assert output.strip().endswith("errors: none")


@needs_proc
@pytest.mark.exhaustive
async def test_growth_compares_lengths() -> None:
    lengths = ("--length", "1", "--length", "30")
    output = await output_of("growth", *lengths, "--conversations", "1", "--turns", "1")
    found = re.findall(r"after (\d+) messages: [\d.]+ ms a turn", output)
    assert found == ["1", "30"]
