"""The haiku agent makes one model call per prompt."""

import pytest
from agents.testing import ScriptedModel, assistant_message

from basic.run_hello_world_workflow import main
from basic.run_worker import build_worker
from tests.harness.workers import failure_of, serving

HAIKU = "A call to itself\neach time a smaller mirror\nthen the base case holds"


async def test_starter_prints_the_haiku(capsys: pytest.CaptureFixture[str]) -> None:
    model = ScriptedModel([[assistant_message(HAIKU)]])
    async with serving(build_worker, model):
        await main("recursion")
    assert capsys.readouterr().out == f"{HAIKU}\n"
    [call] = model.calls
    assert call.system_instructions == "You only respond in haikus."
    assert call.input == [{"content": "recursion", "role": "user"}]


async def test_empty_prompt_fails_before_any_model_call() -> None:
    model = ScriptedModel()
    async with serving(build_worker, model):
        error = await failure_of(main("  "))
    assert (error.type, error.message) == ("InvalidInput", "prompt is empty")
    assert model.calls == ()
