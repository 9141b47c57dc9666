"""Long conversations continue as new without their clients noticing."""

from durable_agents.messages import last_turns_within

import asyncio

import pytest
from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message, function_call
from openai.types.responses import ResponseOutputItem
from pydantic import JsonValue
from temporalio import workflow

from customer_service.client import WAITING_FOR_WORKER, Chat
from customer_service.limits import MAX_CONTEXT_BYTES
from customer_service.models import ConversationState
from customer_service.run_worker import build_worker
from tests.customer_service.conversations import (
    answers,
    end,
    history,
    lines_of,
    say,
    start,
)
from tests.harness.runs import histories_of
from tests.harness.workers import input_texts, serving


@pytest.mark.parametrize("turns_per_run", [pytest.param(1, marks=pytest.mark.exhaustive), 3])
async def test_two_clients_see_every_line_across_runs(turns_per_run: int) -> None:
    def answer(call: ModelCall) -> list[ResponseOutputItem]:
        return [assistant_message(f"Re {input_texts(call)[-1]}")]

    model = ScriptedModel([ModelStep.respond(answer)] * 13)
    async with serving(build_worker, model) as client:
        handle = await start(client, turns_per_run=turns_per_run)

        async def talk(name: str) -> tuple[Chat, list[str]]:
            shown: list[str] = []
            chat = Chat(handle, show=shown.append)
            for number in range(6):
                assert not await chat.send(f"{name}{number}")
            return chat, shown

        clients = await asyncio.gather(talk("a"), talk("b"))
        lines = await history(handle)
        for chat, shown in clients:
            await chat.catch_up()
            assert [line for line in shown if line != WAITING_FOR_WORKER] == lines
        assert (await end(handle)).turns == 12
        assert len(await histories_of(client, handle)) == 1 + 12 // turns_per_run
    said = [line.removeprefix("User: ") for line in lines[::2]]
    assert lines[1::2] == [f"Triage agent: Re {text}" for text in said]
    for name in "ab":
        assert [text for text in said if text[0] == name] == [f"{name}{n}" for n in range(6)]
    heard = [line.split(": ", 1)[1] for line in lines]
    assert input_texts(model.calls[11]) == heard[:-1], "messages are missing or out of order"


async def test_run_continues_as_new_only_after_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    suggested: list[bool] = []  # the server suggests it as the turn starts

    def answer(_call: ModelCall) -> list[ResponseOutputItem]:
        suggested.clear()
        return [assistant_message("Answer 1.")]

    monkeypatch.setattr(
        workflow.Info, "is_continue_as_new_suggested", lambda _info: bool(suggested)
    )
    model = ScriptedModel([ModelStep.respond(answer)])
    async with serving(build_worker, model, 0) as client:  # no replay: there are no suggestions
        handle = await start(client)
        assert await history(handle) == []
        suggested.append(True)
        assert await say(handle, "One", 0) == lines_of("One")
        while (await handle.describe()).run_id == handle.first_execution_run_id:
            pass
        assert await history(handle) == lines_of("One")
    model.assert_complete()


async def test_next_run_keeps_the_current_agent_and_the_context() -> None:
    seat = {"confirmation_number": "ABC123", "new_seat": "12A"}
    model = ScriptedModel(
        [
            [function_call("transfer_to_seat_booking_agent", {}, call_id="to seats")],
            [function_call("update_seat", seat, call_id="seat")],
            [assistant_message("Done.")],
            [assistant_message("You have 12A.")],
            [assistant_message("Bye.")],
        ]
    )
    async with serving(build_worker, model) as client:
        handle = await start(client, turns_per_run=1)
        lines = await say(handle, "Seat 12A, I am ABC123", 0)
        answer = await say(handle, "Which seat do I have?", len(lines))
        assert len(await histories_of(client, handle)) >= 2
        await end(handle)
    assert answer[-1] == "Seat booking agent: You have 12A."
    assert "seat 12A" in (model.calls[3].system_instructions or "")


async def test_state_of_older_code_is_accepted() -> None:
    async with serving(build_worker, answers(1)) as client:
        handle = await start(client, history=["User: Hi", "Old agent: Hi"], agent="Old agent")
        assert await say(handle, "One", 2) == lines_of("One")
        assert (await end(handle)).turns == 1


def test_model_input_keeps_the_last_turns_that_fit() -> None:
    turn: list[dict[str, JsonValue]] = [
        {"role": "user", "content": "x" * 50_000},
        {"role": "assistant", "content": "y"},
    ]
    assert last_turns_within(MAX_CONTEXT_BYTES, [*turn, *turn]) == [*turn, *turn]
    assert last_turns_within(MAX_CONTEXT_BYTES, [*turn, *turn, *turn]) == [*turn, *turn]
    for text in ("x" * 130_000, "\x01" * 22_000):  # a control character takes six bytes of JSON
        assert last_turns_within(MAX_CONTEXT_BYTES, [{"role": "user", "content": text}]) == []
    assert ConversationState().items == []
