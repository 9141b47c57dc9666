"""LiteLLM models: selected by name, called once per attempt, retried only by Temporal."""

import pytest
from agents.testing import ScriptedModel, assistant_message
from temporalio.api.enums.v1 import EventType

from model_providers.run_litellm_auto_workflow import main
from model_providers.run_worker import build_worker
from offline_model.server import OfflineModel
from sample_cli.catalog import find
from tests.harness.starters import start_all
from tests.harness.workers import failure_of, serving
from tests.model_providers.conftest import serving_real_providers

# LiteLLM imports parts of itself on the first call, and one of them warns.
pytestmark = pytest.mark.filterwarnings("ignore:Items? .* on TypedDict class:UserWarning")

SAMPLE = find("model_providers/litellm_auto")


async def test_starter_prints_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    model = ScriptedModel([[assistant_message("Scattered light.")]])
    async with serving(build_worker, model):
        await main("Why is the sky blue?")
    assert capsys.readouterr().out == "Scattered light.\n"
    model.assert_complete()


async def test_litellm_calls_the_given_model(offline: OfflineModel) -> None:
    async with serving_real_providers():
        await main("Why is the sky blue?", model="openai/gpt-custom")
    assert {call.path for call in offline.calls} == {"/v1/chat/completions"}
    assert {call.body["model"] for call in offline.calls} == {"gpt-custom"}


@pytest.mark.parametrize("fault", ["429:0.05", "500", "503", "drop", "truncate", "html"])
async def test_transient_error_is_retried_only_by_temporal(
    offline: OfflineModel, fault: str
) -> None:
    offline.faults.next(fault, fault)
    async with serving_real_providers(attempts=3) as client:
        outcome = await start_all([SAMPLE], client)
    outcome.assert_completed()
    assert outcome.runs[0].model_attempts == [3]
    assert len(offline.calls) == 3


async def test_temporal_honors_retry_after(offline: OfflineModel) -> None:
    offline.faults.next("429:1.2")
    async with serving_real_providers(attempts=2) as client:
        outcome = await start_all([SAMPLE], client)
    outcome.assert_completed()
    [scheduled] = outcome.runs[0].events(EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
    [started] = outcome.runs[0].events(EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED)
    waited = started.event_time.ToDatetime() - scheduled.event_time.ToDatetime()
    assert waited.total_seconds() >= 1.2


@pytest.mark.parametrize(
    ("fault", "type"),
    [
        ("400", "BadRequestError"),
        ("401", "AuthenticationError"),
        ("403", "PermissionDeniedError"),
    ],
)
async def test_permanent_error_fails_without_a_retry(
    offline: OfflineModel, fault: str, type: str
) -> None:
    offline.faults.always(fault)
    async with serving_real_providers():
        error = await failure_of(main())
    assert error.type == type
    assert len(offline.calls) == 1


@pytest.mark.parametrize(
    ("model", "type", "message"),
    [
        ("nosuch/model", "BadRequestError", "You passed model=nosuch/model"),
        ("anthropic/claude", "AuthenticationError", "ANTHROPIC_API_KEY"),
        ("azure/gpt-5", "AuthenticationError", "AZURE_OPENAI_API_KEY"),
        ("gemini/gemini-3", "AuthenticationError", "GEMINI_API_KEY"),
        (" ", "InvalidInput", "model is empty"),
    ],
)
async def test_unusable_model_fails_without_a_retry(
    offline: OfflineModel, model: str, type: str, message: str
) -> None:
    async with serving_real_providers():
        error = await failure_of(main("Why?", model=model))
    assert error.type == type
    assert message in error.message
    assert offline.calls == ()


async def test_empty_prompt_fails() -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(" "))
    assert error.type == "InvalidInput"
    assert "prompt is empty" in error.message
