"""`sample run --crash` interrupts a model call of every sample, with any arguments."""

import re

import pytest

from sample_cli.catalog import find
from tests.harness.command import sample
from tests.harness.starters import UNATTENDED, command_line

VERDICT = re.compile(
    r"Model calls: (\d+) made, (\d+) needed\. Finished before the crash and not repeated: (\d+)\. "
    r"In flight and retried: (\d+)\."
)
ALWAYS = ("basic/tools",)
TRIP = ["Find me an event in Oslo in June.", "The jazz one. I fly from Berlin."]
BAGS = ["How many bags may I bring?", "I would like to talk to a human.", "Thanks.", "Bye."]
OTHER_ARGUMENTS = {
    "workflow_activities/conversation": [
        ["--message", "One turn."],
        [part for number in range(9) for part in ("--message", f"Turn {number}.")],
    ],
    "basic/hello_world": [["Rivers"]],
    "basic/tools": [["Weather in Oslo?"], ["Hello!"]],
    "customer_service/customer_service": [
        ["--message", BAGS[0], "--end"],
        [*(part for text in BAGS for part in ("--message", text)), "--end"],
    ],
    "goal_agent/goal": [[*(part for text in TRIP for part in ("--prompt", text)), "--yes"]],
    "agent_patterns/deterministic": [["A story about the sea."]],
}

pytestmark = pytest.mark.timeout(150)  # a new worker, and 10 s until the heartbeat timeout


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(sample.id, marks=[] if sample.id in ALWAYS else [pytest.mark.exhaustive])
        for sample in UNATTENDED
    ],
)
async def test_crash_interrupts_a_model_call_of_every_sample(name: str) -> None:
    await assert_interrupted(name, command_line(find(name)))


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
