"""The code interpreter: the code that ran is part of the result, with what it printed."""

from uuid import uuid4

import pytest
from agents import CodeInterpreterTool
from agents.testing import ScriptedModel, assistant_message
from openai.types.responses import ResponseCodeInterpreterToolCall
from openai.types.responses.response_code_interpreter_tool_call import OutputImage, OutputLogs

from tests.harness.workers import failure_of, serving
from tools.run_code_interpreter_workflow import main
from tools.run_worker import build_worker


def ran(code: str | None, *outputs: OutputLogs | OutputImage) -> ResponseCodeInterpreterToolCall:
    return ResponseCodeInterpreterToolCall(
        id=f"ci_{uuid4().hex}",
        type="code_interpreter_call",
        status="completed",
        container_id="cntr_1",
        code=code,
        outputs=[*outputs],
    )


def logs(text: str) -> OutputLogs:
    return OutputLogs(type="logs", logs=text)


async def test_the_code_that_ran_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    picture = OutputImage(type="image", url="https://example.com/plot.png")
    calls = [ran("x = 17\nprint(x * 23)", logs("391\n")), ran("print(1)", picture, logs("1\n"))]
    model = ScriptedModel([[*calls, assistant_message("It is 391.")]])
    async with serving(build_worker, model):
        await main("What is 17 times 23?")
    assert capsys.readouterr().out == (
        "It is 391.\n\nThe code that ran:\n"
        "x = 17\nprint(x * 23)\n# printed:\n#   391\n\n"
        "print(1)\n# printed:\n#   1\n"
    )
    model.assert_complete()
    (call,) = model.calls
    (tool,) = call.tools
    assert isinstance(tool, CodeInterpreterTool)
    assert tool.tool_config["container"] == {"type": "auto"}
    assert call.model_settings.response_include == ["code_interpreter_call.outputs"]


async def test_code_without_output_is_shown_too(capsys: pytest.CaptureFixture[str]) -> None:
    model = ScriptedModel([[ran("x = 1"), ran(None), assistant_message("Done.")]])
    async with serving(build_worker, model):
        await main("Set x.")
    assert capsys.readouterr().out.endswith("ran:\nx = 1\n# printed:\n\n\n# printed:\n")


async def test_an_answer_without_code_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(build_worker, ScriptedModel([[assistant_message("About 400.")]])):
        await main("What is 17 times 23?")
    assert capsys.readouterr().out == "About 400.\n\nThe code that ran:\nnone\n"


async def test_an_empty_question_fails() -> None:
    model = ScriptedModel()
    async with serving(build_worker, model):
        error = await failure_of(main(""))
    assert error.type == "InvalidInput"
    assert "question is empty" in error.message
    assert model.calls == ()
