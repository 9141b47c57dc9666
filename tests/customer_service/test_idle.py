"""Idle time: messages restart it, turns in flight do not count, and one timer measures it."""

from datetime import timedelta

import pytest
from agents.testing import ModelStep, ScriptedModel, assistant_message
from temporalio.client import WorkflowUpdateStage

from customer_service.models import ProcessUserMessageInput
from customer_service.run_worker import build_worker
from customer_service.workflows.customer_service import CustomerServiceWorkflow
from tests.customer_service.conversations import answers, say, start
from tests.harness.workers import (
    failing_once,
    promptly,
    serving,
    serving_on_skipped_time,
    timers_started,
    until_retried,
)


async def test_messages_do_not_restart_the_timer() -> None:
    async with serving(build_worker, answers(4)) as client:
        handle = await start(client)
        for turn in range(4):
            await say(handle, "Hi", 2 * turn)
        assert await timers_started(handle) == 1
        await handle.execute_update(CustomerServiceWorkflow.end_conversation)


async def test_turn_that_takes_longer_than_the_idle_timeout_is_not_idle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = ([assistant_message(text)] for text in ("Answer 1.", "Bye."))
    model = ScriptedModel([ModelStep.raise_error(RuntimeError("Down")), *texts])
    params = failing_once(retried_after=timedelta(minutes=40))
    async with serving_on_skipped_time(build_worker, model, monkeypatch, model_params=params) as (
        client,
        skipping,
    ):
        handle = await start(client)
        turn = await handle.start_update(
            CustomerServiceWorkflow.process_user_message,
            ProcessUserMessageInput(user_input="One", chat_length=0),
            wait_for_stage=WorkflowUpdateStage.ACCEPTED,
        )
        await until_retried(handle)
        await skipping.sleep(timedelta(minutes=41))
        assert (await turn.result())[-1] == "Triage agent: Answer 1."
        await skipping.sleep(timedelta(minutes=28))
        assert not (await handle.query(CustomerServiceWorkflow.get_status)).ended
        await skipping.sleep(timedelta(minutes=2))
        assert (await promptly(handle.result(), "the idle conversation")).summary == "Bye."
