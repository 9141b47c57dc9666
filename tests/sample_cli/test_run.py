"""The `sample` command in its own process, as a user runs it."""

import os
import signal
from pathlib import Path

import pytest

from basic import TASK_QUEUE
from tests.harness.command import needs_proc, sample


@needs_proc
@pytest.mark.exhaustive
async def test_run_shows_answer_and_timeline_and_ends_every_process() -> None:
    async with sample("run", "basic/hello_world", "Rivers") as command:
        assert await command.end() == 0, command.output
        assert "Model: offline (OPENAI_API_KEY is not set)" in command.output
        assert "HelloWorldAgent basic-hello-world-" in command.output
        assert "model  Assistant         1" in command.output
        assert command.processes() == []


@needs_proc
@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.exhaustive)]
)
async def test_signal_during_startup_ends_every_process(number: signal.Signals) -> None:
    async with sample("run", "basic/hello_world") as command:
        await command.wait_for_process("start-dev")
        os.killpg(command.process.pid, number)
        assert await command.end() == 128 + number
        assert command.processes() == []


@needs_proc
@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("script", "whole_group"),  # as a terminal sends it, or `kill`
    [("run_worker.py", False), ("run_hello_world_workflow.py", True), ("sample", True)],
)
async def test_ctrl_c_ends_every_process(script: str, whole_group: bool) -> None:
    async with sample("run", "basic/hello_world") as command:
        await command.wait_for_process(script)
        send = os.killpg if whole_group else os.kill
        send(command.process.pid, signal.SIGINT)
        assert await command.end() != 0
        assert command.processes() == []


@needs_proc
@pytest.mark.exhaustive
async def test_second_ctrl_c_ends_every_process() -> None:
    async with sample("run", "basic/hello_world") as command:
        await command.wait_for_process("run_hello_world_workflow.py")
        os.killpg(command.process.pid, signal.SIGINT)
        os.killpg(command.process.pid, signal.SIGINT)
        assert await command.end() == 130
        assert command.processes() == []


@needs_proc
@pytest.mark.exhaustive
async def test_keep_shows_the_web_ui_and_runs_until_ctrl_c() -> None:
    async with sample("run", "--keep", "basic/hello_world") as command:
        await command.wait_for_output("Ctrl-C")
        assert "Web UI: http://127.0.0.1:" in command.output
        os.killpg(command.process.pid, signal.SIGINT)
        assert await command.end() == 130
        assert command.processes() == []


@pytest.mark.exhaustive
async def test_faults_are_retried_and_the_run_completes() -> None:
    async with sample("run", "basic/hello_world", "--faults") as command:
        assert await command.end() == 0, command.output
        assert "429:0.5, 500, drop, 200" in command.output
        assert "last failure" in command.output
        assert "4 made, 1 needed" in command.output


@pytest.mark.exhaustive
async def test_exit_code_is_the_starters() -> None:
    async with sample("run", "basic/hello_world", "--", "--no-such-option") as command:
        assert await command.end() == 2
        assert "--no-such-option" in command.output


@needs_proc
@pytest.mark.alone
async def test_up_starts_every_worker_and_prints_how_to_connect(tmp_path: Path) -> None:
    async with sample("up", "--db", str(tmp_path / "state.db")) as command:
        await command.wait_for_output("Ctrl-C")
        assert "export TEMPORAL_ADDRESS=127.0.0.1:" in command.output
        assert "export OPENAI_BASE_URL=http://127.0.0.1:" in command.output
        assert f"basic: 1 polling {TASK_QUEUE}" in command.output
        os.killpg(command.process.pid, signal.SIGINT)
        assert await command.end() == 130
        assert command.processes() == []


async def test_model_prints_the_variables_to_export() -> None:
    async with sample("model") as command:
        await command.wait_for_output("export OPENAI_API_KEY=offline")
        assert "export OPENAI_BASE_URL=http://127.0.0.1:" in command.output
        command.process.terminate()
        assert await command.end() == 143
