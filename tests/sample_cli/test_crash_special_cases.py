"""`sample run --crash` with a service, with faults, and without a model call."""

import asyncio
import math
import os
import re
import signal
from dataclasses import replace
from unittest.mock import Mock

import httpx2
import pytest

from sample_cli.crash import HELD, Crash, HeldCalls
from sample_cli.history_timeline import RUNNING, Row
from tests.harness.command import needs_proc, sample


@needs_proc
@pytest.mark.exhaustive
async def test_crash_interrupts_a_model_call_of_a_service() -> None:
    async with (
        sample("run", "goal_agent/api", "--crash") as command,
        httpx2.AsyncClient(timeout=60) as http,
    ):
        await command.wait_for_output("Serving on")
        [page] = re.findall(r"Serving on (\S+)", command.output)
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
        (["--no-such"], 2, "No model call was interrupted: the starter exited with code 2."),
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


def test_call_is_interrupted_only_once_its_worker_is_known() -> None:
    row = Row(0, "model", "Agent", outcome=RUNNING)
    assert Crash.during([Mock(calls=Mock(return_value=[row]))]) is None
    started = replace(row, worker="1@host")
    assert Crash.during([Mock(calls=Mock(return_value=[started]))]) == Crash(started, 0)
