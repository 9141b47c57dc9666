"""Triage hands off to a specialist, or lists the available languages."""

import pytest
from agents.testing import ScriptedModel, assistant_message, function_call

from agent_patterns.run_routing_workflow import main
from agent_patterns.run_worker import build_worker
from tests.harness.workers import failure_of, serving


@pytest.mark.parametrize("language", ["French", "Spanish", "English"])
async def test_specialist_answers_and_is_named(
    language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hand_off = function_call(f"transfer_to_{language.lower()}_agent", {}, call_id="1")
    model = ScriptedModel([[hand_off], [assistant_message("Bonjour !")]])
    async with serving(build_worker, model):
        await main("Bonjour")
    assert capsys.readouterr().out == f"{language} agent: Bonjour !\n"
    model.assert_complete()
    instructions = model.calls[1].system_instructions
    assert instructions == f"Answer in {language}, the only language you speak."


async def test_triage_answers_when_there_is_no_specialist(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = ScriptedModel([[assistant_message("Sorry, only French, Spanish, English.")]])
    async with serving(build_worker, model):
        await main("Ciao, come stai?")
    assert capsys.readouterr().out == "Triage agent: Sorry, only French, Spanish, English.\n"
    assert "languages are spoken here: French, Spanish, English." in str(
        model.calls[0].system_instructions
    )


async def test_handoff_to_an_unknown_agent_fails_the_workflow() -> None:
    model = ScriptedModel([[function_call("transfer_to_italian_agent", {}, call_id="1")]])
    async with serving(build_worker, model):
        error = await failure_of(main("Ciao, come stai?"))
    assert error.type == "ModelBehaviorError"
    assert "transfer_to_italian_agent" in error.message


async def test_empty_message_fails_before_any_model_call() -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(""))
    assert (error.type, error.message) == ("InvalidInput", "msg is empty")
