"""`sample run --crash` interrupts a model call of every sample, with any arguments."""

import asyncio
import math
import os
import re
import signal

import httpx2
import pytest

from sample_cli.catalog import find
from sample_cli.crash import HELD, HeldCalls
from tests.harness.command import needs_proc, sample
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


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        pytest.param(
            name, arguments, marks=[] if arguments[-1] == "One turn." else [pytest.mark.exhaustive]
        )
        for name, cases in OTHER_ARGUMENTS.items()
        for arguments in cases
    ],
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


@needs_proc
@pytest.mark.exhaustive
async def test_crash_interrupts_a_model_call_of_a_service() -> None:
    async with (
        sample("run", "goal_agent/api", "--crash") as command,
        httpx2.AsyncClient(timeout=60) as http,
    ):
        await command.wait_for_output("The reference:")
        [page] = re.findall(r"The page: +(\S+)", command.output)
        new = {"goal": "find_event", "prompt": "Find me an event in Oslo in June."}
        started = await http.post(f"{page}/api/conversations", json=new)
        restart = asyncio.create_task(command.wait_for_output("New worker started"))
        prompts = f"{page}{started.headers['location']}/prompts"
        for text in ("The jazz one.", "Which other ones are there?"):
            await http.post(prompts, json={"text": text})
        await restart
        assert "Worker killed (SIGKILL) while the model call of" in command.output
        os.killpg(command.process.pid, signal.SIGINT)
        assert await command.end() == 130
        assert command.processes() == []


@pytest.mark.exhaustive
async def test_crash_and_faults_are_counted_separately() -> None:
    async with sample("run", "basic/tools", "--crash", "--faults") as command:
        assert await command.end() == 0, command.output
    assert "6 made, 2 needed" in command.output
    assert "not repeated: 1. In flight and retried: 1." in command.output


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["--help"], 1, "No model call was interrupted: the starter made none."),
        (["--no-such"], 2, "No model call was interrupted: the starter's exit code is 2."),
    ],
)
async def test_crash_explains_that_no_model_call_was_made(
    arguments: list[str], code: int, line: str
) -> None:
    async with sample("run", "basic/hello_world", "--crash", "--", *arguments) as command:
        assert await command.end() == code
    assert command.output.splitlines()[-1] == line


def test_held_calls_answers_the_given_number_of_calls() -> None:
    held = HeldCalls()
    held.next("500")
    assert [str(held.choose()) for _ in range(4)] == ["500", "None", str(HELD), str(HELD)]
    held.answered = 0
    assert held.choose() == HELD
    held.answered = math.inf
    assert held.choose() is None
