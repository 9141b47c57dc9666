"""`sample run --crash` interrupts a model call of every sample, with any arguments."""

import re

import pytest

from sample_cli.catalog import find
from tests.harness.command import sample
from tests.harness.starters import TOPICS, command_line, largest_samples

VERDICT = re.compile(
    r"Model calls: (\d+) made, (\d+) needed\. Finished before the crash and not repeated: (\d+)\. "
    r"In flight and retried: (\d+)\."
)
TRIP = ["Find me an event in Oslo in June.", "The jazz one. I fly from Berlin."]
BAGS = ["How many bags may I bring?", "I would like to talk to a human.", "Thanks.", "Bye."]
OTHER_ARGUMENTS = {
    "workflow_activities/conversation": [
        [part for number in range(9) for part in ("--message", f"Turn {number}.")],
    ],
    "basic/hello_world": [["Rivers"]],
    "basic/tools": [["Hello!"]],
    "customer_service/customer_service": [
        [*(part for text in BAGS for part in ("--message", text)), "--end"],
    ],
    "goal_agent/goal": [[*(part for text in TRIP for part in ("--prompt", text)), "--yes"]],
}

OTHERS = {name.split("/")[0] for name in OTHER_ARGUMENTS}

# Topics whose samples only start a workflow, as those of basic do. `test_worker_killed.py` kills
# their workers, too.
ALIKE = {
    *("agent_patterns", "budgets", "encryption", "financial_research_agent", "handoffs"),
    *("hosted_mcp", "long_runs", "model_providers", "reasoning_content", "research_bot"),
    *("sub_agents", "tools", "tracing"),
}
# Its starter runs workers of its own.
OWN_WORKERS = "versioning"


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "name",
    [
        "basic/tools",
        *(
            largest_samples(topic)[0].id
            for topic in TOPICS
            if topic not in {"basic", *ALIKE, *OTHERS, OWN_WORKERS}
        ),
    ],
)
async def test_crash_interrupts_a_model_call_of_every_topic(name: str) -> None:
    await assert_interrupted(name, command_line(find(name)))


@pytest.mark.exhaustive
async def test_worker_that_a_starter_runs_is_not_killed() -> None:
    async with sample("run", "versioning/deploy", "--crash") as command:
        assert await command.end() == 2
        assert "--crash cannot kill a worker that the sample itself started." in command.output
        assert command.processes() == []


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("name", "arguments"),
    [(name, arguments) for name, cases in OTHER_ARGUMENTS.items() for arguments in cases],
)
async def test_crash_interrupts_a_model_call_with_other_arguments(
    name: str, arguments: list[str]
) -> None:
    await assert_interrupted(name, arguments)


async def assert_interrupted(name: str, arguments: list[str]) -> None:
    """Check that a model call was interrupted, after another one if the run makes several."""
    async with sample("run", name, "--crash", "--", *arguments) as command:
        code = await command.end()
    output = command.output
    assert code == 0, output
    assert "Worker killed (SIGKILL) while the model call of" in output
    found = VERDICT.search(output)
    assert found, output
    made, needed, finished, repeated = map(int, found.groups())
    assert repeated >= 1
    assert made == needed + repeated
    assert finished >= (1 if needed > 1 else 0), output
    assert "Traceback" not in output
