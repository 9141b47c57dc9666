"""A local server: Chat Completions with a tool, and a clear error when it is down."""

import pytest
from agents.testing import ScriptedModel, assistant_message, function_call

from model_providers.run_gpt_oss_workflow import main
from model_providers.run_worker import build_worker
from offline_model.server import OfflineModel
from sample_cli.processes import free_port
from tests.harness.workers import failure_of, input_texts, serving
from tests.model_providers.conftest import serving_real_providers


async def test_tool_searches_the_diary(capsys: pytest.CaptureFixture[str]) -> None:
    model = ScriptedModel(
        [
            [function_call("search_diary", {"word": "Dentist"}, call_id="1")],
            [function_call("search_diary", {"word": "unicorn"}, call_id="2")],
            [assistant_message("On 12 March at 9:30.")],
        ]
    )
    async with serving(build_worker, model):
        await main("When do I have to be at the dentist's?")
    assert capsys.readouterr().out == "On 12 March at 9:30.\n"
    model.assert_complete()
    _, dentist, unicorn = input_texts(model.calls[2])
    assert dentist == "Tue 3 March: dentist on 12 March at 9:30, Dr. Okafor, Mill Street 4."
    assert unicorn == "Nothing in the diary contains 'unicorn'."


async def test_local_server_is_called_over_chat_completions(offline: OfflineModel) -> None:
    async with serving_real_providers():
        await main()
    assert {call.path for call in offline.calls} == {"/v1/chat/completions"}
    assert {call.body["model"] for call in offline.calls} == {"gpt-oss:20b"}


async def test_worker_sets_the_model_name(
    offline: OfflineModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GPT_OSS_MODEL", "openai/gpt-oss-120b")
    async with serving_real_providers():
        await main()
    assert {call.body["model"] for call in offline.calls} == {"openai/gpt-oss-120b"}


async def test_error_names_a_server_that_stays_down(monkeypatch: pytest.MonkeyPatch) -> None:
    server = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("GPT_OSS_BASE_URL", f"{server}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "unused")
    async with serving_real_providers(attempts=2):
        error = await failure_of(main())
    assert error.type == "APIConnectionError"
    assert f"No model server at {server}. Start it, or set GPT_OSS_BASE_URL on" in error.message


async def test_call_is_retried_when_the_server_is_down_briefly(
    offline: OfflineModel, capsys: pytest.CaptureFixture[str]
) -> None:
    offline.faults.next("drop", "503")
    async with serving_real_providers(attempts=3):
        await main()
    assert "12 March at 9:30" in capsys.readouterr().out


async def test_empty_prompt_fails() -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(""))
    assert error.type == "InvalidInput"
    assert "prompt is empty" in error.message
