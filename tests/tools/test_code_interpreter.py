"""The result of the code interpreter includes the executed code and its output."""

from uuid import uuid4

import pytest
from agents import CodeInterpreterTool
from agents.testing import ScriptedModel, assistant_message
from openai.types.responses import ResponseCodeInterpreterToolCall
from openai.types.responses.response_code_interpreter_tool_call import OutputImage, OutputLogs

from tests.harness.workers import failure_of, serving
from tools.run_code_interpreter_workflow import main
from tools.run_worker import build_worker


def executed(
    code: str | None, *outputs: OutputLogs | OutputImage
) -> ResponseCodeInterpreterToolCall:
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


async def test_result_includes_the_executed_code(capsys: pytest.CaptureFixture[str]) -> None:
    picture = OutputImage(type="image", url="https://example.com/plot.png")
    calls = [
        executed("x = 17\nprint(x * 23)", logs("391\n")),
        executed("print(1)", picture, logs("1\n")),
    ]
    model = ScriptedModel([[*calls, assistant_message("It is 391.")]])
    async with serving(build_worker, model):
        await main("What is 17 times 23?")
    assert capsys.readouterr().out == (
        "It is 391.\n\nExecuted code:\n"
        "x = 17\nprint(x * 23)\n# output:\n#   391\n\n"
        "print(1)\n# output:\n#   1\n"
    )
    model.assert_complete()
    (call,) = model.calls
    (tool,) = call.tools
    assert isinstance(tool, CodeInterpreterTool)
    assert tool.tool_config["container"] == {"type": "auto"}
    assert call.model_settings.response_include == ["code_interpreter_call.outputs"]


async def test_code_without_output_is_included(capsys: pytest.CaptureFixture[str]) -> None:
    model = ScriptedModel([[executed("x = 1"), executed(None), assistant_message("Done.")]])
    async with serving(build_worker, model):
        await main("Set x.")
    assert capsys.readouterr().out.endswith("code:\nx = 1\n# output:\n\n\n# output:\n")


async def test_answer_without_code_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(build_worker, ScriptedModel([[assistant_message("About 400.")]])):
        await main("What is 17 times 23?")
    assert capsys.readouterr().out == "About 400.\n\nExecuted code:\nnone\n"


async def test_empty_question_fails() -> None:
    model = ScriptedModel()
    async with serving(build_worker, model):
        error = await failure_of(main(""))
    assert error.type == "InvalidInput"
    assert "question is empty" in error.message
    assert model.calls == ()
