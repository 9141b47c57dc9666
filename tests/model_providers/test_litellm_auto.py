"""LiteLLM's models: chosen by name, called once an attempt, retried by Temporal alone."""

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

# LiteLLM imports parts of itself on the first call, and one warns.
pytestmark = pytest.mark.filterwarnings("ignore:Items? .* on TypedDict class:UserWarning")

SAMPLE = find("model_providers/litellm_auto")


async def test_prints_the_models_answer(capsys: pytest.CaptureFixture[str]) -> None:
    model = ScriptedModel([[assistant_message("Scattered light.")]])
    async with serving(build_worker, model):
        await main("Why is the sky blue?")
    assert capsys.readouterr().out == "Scattered light.\n"
    model.assert_complete()


async def test_litellm_asks_the_model_that_the_caller_names(offline: OfflineModel) -> None:
    async with serving_real_providers():
        await main("Why is the sky blue?", model="openai/gpt-of-ones-own")
    assert {call.path for call in offline.calls} == {"/v1/chat/completions"}
    assert {call.body["model"] for call in offline.calls} == {"gpt-of-ones-own"}


@pytest.mark.parametrize("fault", ["429:0.05", "500", "503", "drop", "truncate", "html"])
async def test_what_passes_is_retried_by_temporal_alone(offline: OfflineModel, fault: str) -> None:
    offline.faults.next(fault, fault)
    async with serving_real_providers(attempts=3) as client:
        outcome = await start_all([SAMPLE], client)
    outcome.assert_completed()
    assert outcome.runs[0].model_attempts == [3]
    assert len(offline.calls) == 3


async def test_temporal_waits_for_as_long_as_the_provider_asks(offline: OfflineModel) -> None:
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
async def test_what_no_retry_mends_fails_at_once(
    offline: OfflineModel, fault: str, type: str
) -> None:
    offline.faults.always(fault)
    async with serving_real_providers():
        error = await failure_of(main())
    assert error.type == type
    assert len(offline.calls) == 1


@pytest.mark.parametrize(
    ("model", "type", "says"),
    [
        ("nosuch/model", "BadRequestError", "You passed model=nosuch/model"),
        ("anthropic/claude", "AuthenticationError", "ANTHROPIC_API_KEY"),
        ("azure/gpt-5", "AuthenticationError", "AZURE_OPENAI_API_KEY"),
        ("gemini/gemini-3", "AuthenticationError", "GEMINI_API_KEY"),
        (" ", "InvalidInput", "model is empty"),
    ],
)
async def test_a_model_that_cannot_be_asked_fails_at_once(
    offline: OfflineModel, model: str, type: str, says: str
) -> None:
    async with serving_real_providers():
        error = await failure_of(main("Why?", model=model))
    assert error.type == type
    assert says in error.message
    assert offline.calls == ()


async def test_an_empty_prompt_fails() -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(" "))
    assert error.type == "InvalidInput"
    assert "prompt is empty" in error.message
