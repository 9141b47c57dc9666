"""A person is notified once per escalation, also if the turn or the notification fails."""

import pytest
import typer
from agents.testing import ModelStep, ScriptedModel, assistant_message, function_call
from temporalio.exceptions import ApplicationError

from customer_service.answer_escalations import main
from customer_service.models import AgentReply
from customer_service.run_worker import build_worker
from customer_service.workflows.customer_service import CustomerServiceWorkflow
from tests.customer_service.conversations import rejection, say, start
from tests.harness.workers import input_texts, serving

DOWN = ModelStep.raise_error(ApplicationError("Down", type="ModelDown", non_retryable=True))


def escalating_twice() -> ScriptedModel:
    """Return a model that escalates, fails, and escalates again."""
    call = {"reason": "Lost bag."}
    return ScriptedModel(
        [
            [function_call("escalate_to_human", call, call_id="one")],
            DOWN,
            [function_call("escalate_to_human", call, call_id="two")],
            [assistant_message("Someone will come.")],
        ]
    )


async def test_escalation_is_kept_when_its_turn_fails() -> None:
    model = escalating_twice()
    async with serving(build_worker, model) as client:
        handle = await start(client)
        assert (await rejection(handle, "A person!", 0)).type == "TurnFailed"
        assert (await handle.query(CustomerServiceWorkflow.get_status)).escalated
        assert await say(handle, "A person!", 0) == ["User: A person!"]
    assert input_texts(model.calls[1])[-1].startswith("A person has been notified and")
    assert len(model.calls) == 2


async def test_failed_notification_is_reported_to_the_model_and_the_flag_stays_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NOTIFY_URLS", "no-such-service://")
    model = escalating_twice()
    async with serving(build_worker, model) as client:
        handle = await start(client)
        await rejection(handle, "A person!", 0)
        assert (await handle.query(CustomerServiceWorkflow.get_status)).escalated
        assert "Triage agent: Someone will come." in await say(handle, "A person!", 0)
    for call in (model.calls[1], model.calls[3]):  # each escalation tries again
        assert input_texts(call)[-1].endswith("but the notification failed.")


async def test_reply_silences_agents_also_after_a_failed_notification() -> None:
    async with serving(build_worker, ScriptedModel()) as client:
        handle = await start(client, context={"escalated": True})
        reply = AgentReply(name="Ada", text="Hi")
        await handle.execute_update(CustomerServiceWorkflow.reply_as_agent, reply)
        assert await say(handle, "Hello?", 1) == ["User: Hello?"]
        await handle.terminate()


async def test_escalation_after_hand_back_notifies_again() -> None:
    called = function_call("escalate_to_human", {"reason": "Lost bag."}, call_id="one")
    model = ScriptedModel([[called], [assistant_message("Someone will come.")]])
    async with serving(build_worker, model) as client:
        handle = await start(client, context={"escalated": True, "notified": True})
        await handle.execute_update(CustomerServiceWorkflow.hand_back)
        await say(handle, "A person!", 1)
    assert input_texts(model.calls[1])[-1].startswith("A person has been notified and")


async def test_invalid_name_of_a_person_is_bad_input() -> None:
    with pytest.raises(typer.BadParameter, match="1 to 40 letters"):
        await main("customer-service-1", name="Ada: a", message=["Hi"])
