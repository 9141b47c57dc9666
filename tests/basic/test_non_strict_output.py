"""Strict mode rejects arbitrary keys; non-strict output is still validated."""

import json

import pytest
from agents.testing import ScriptedModel, assistant_message

from basic.run_non_strict_output_workflow import main
from basic.run_worker import build_worker
from tests.harness.workers import failure_of, serving


async def test_starter_prints_the_rejection_and_the_answer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer = {"ingredients": {"eggs": "2", "flour": "200 g"}}
    model = ScriptedModel([[assistant_message(json.dumps(answer))]])
    async with serving(build_worker, model):
        await main("2 eggs, 200 g flour")
    rejection, ingredients = capsys.readouterr().out.splitlines()
    assert "Strict JSON schema is enabled, but the output type is not valid" in rejection
    assert ingredients == f"Non-strict answer: {answer['ingredients']}"
    schema = model.calls[0].output_schema
    assert schema is not None
    assert not schema.is_strict_json_schema()


@pytest.mark.parametrize("answer", ['{"ingredients": ["eggs"]}', "Two eggs, I think."])
async def test_invalid_output_fails_the_workflow(answer: str) -> None:
    async with serving(build_worker, ScriptedModel([[assistant_message(answer)]])):
        error = await failure_of(main("2 eggs"))
    assert error.type == "ModelBehaviorError"
