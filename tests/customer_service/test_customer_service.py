"""Handoffs between the agents, their instructions, and their tools."""

import pytest
from agents.testing import ScriptedModel, assistant_message, function_call

from customer_service.run_customer_service_client import main
from customer_service.run_worker import build_worker
from customer_service.workflows.customer_service import CustomerServiceWorkflow
from tests.customer_service.conversations import history, say, start
from tests.harness.workers import input_texts, serving

TO_SEATS = "transfer_to_seat_booking_agent"


async def test_agents_hand_off_and_share_their_context(
    capsys: pytest.CaptureFixture[str],
) -> None:
    seat = {"confirmation_number": "abc123", "new_seat": "12a"}
    model = ScriptedModel(
        [
            [function_call(TO_SEATS, {}, call_id="to seats")],
            [assistant_message("Which seat?")],
            [function_call("update_seat", seat, call_id="seat")],
            [assistant_message("Done.")],
            [function_call("transfer_to_triage_agent", {}, call_id="back")],
            [assistant_message("Anything else?")],
            [assistant_message("A seat was changed.")],
        ]
    )
    async with serving(build_worker, model):
        await main(message=["Another seat!", "12A, I am ABC123", "Thanks"], end=True)
    model.assert_complete()
    names, *lines = capsys.readouterr().out.splitlines()
    assert "--conversation-id customer-service-" in names
    assert lines == [
        "User: Another seat!",
        "(Triage agent hands off to Seat booking agent)",
        "Seat booking agent: Which seat?",
        "User: 12A, I am ABC123",
        "(Seat booking agent uses update_seat)",
        "Seat booking agent: Done.",
        "User: Thanks",
        "(Seat booking agent hands off to Triage agent)",
        "Triage agent: Anything else?",
        "The conversation ended after 3 answers. A seat was changed.",
    ]
    instructions = [call.system_instructions or "" for call in model.calls]
    assert "confirmation number unknown, flight\n        SK" in instructions[1]
    assert "seat unknown" in instructions[2]
    assert "confirmation number ABC123" in instructions[3]
    assert "seat 12A" in instructions[3]
    assert input_texts(model.calls[3])[-1].startswith("Seat 12A on flight SK")
    assert "User: Thanks" in input_texts(model.calls[-1])[0]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"confirmation_number": "x", "new_seat": "12A"}, "six letters and digits"),
        ({"confirmation_number": "ABC123", "new_seat": "21A"}, "no seat '21A'"),
        ({"confirmation_number": "ABC123", "new_seat": "0G"}, "no seat '0G'"),
        ({"new_seat": "12A"}, "Invalid JSON input for tool update_seat"),
    ],
)
async def test_invalid_seat_is_reported_to_the_model(
    arguments: dict[str, str], reason: str
) -> None:
    model = ScriptedModel(
        [
            [function_call(TO_SEATS, {}, call_id="to seats")],
            [function_call("update_seat", arguments, call_id="call")],
            [assistant_message("I cannot.")],
        ]
    )
    async with serving(build_worker, model) as client:
        handle = await start(client)
        await say(handle, "Change my seat", 0)
    assert reason in input_texts(model.calls[2])[-1]


@pytest.mark.parametrize(
    ("question", "expected"),
    [("Any Wi-Fi?", "Skyward"), ("May my dog come?", "50 euros"), ("Why?", "does not answer")],
)
async def test_frequent_questions_are_answered_from_the_file(question: str, expected: str) -> None:
    model = ScriptedModel(
        [
            [function_call("transfer_to_faq_agent", {}, call_id="to faq")],
            [function_call("faq_lookup", {"question": question}, call_id="look")],
            [assistant_message("There.")],
        ]
    )
    async with serving(build_worker, model) as client:
        handle = await start(client)
        lines = await say(handle, question, 0)
        now = await handle.query(CustomerServiceWorkflow.get_status)
        assert await history(handle) == lines
    assert expected in input_texts(model.calls[2])[-1]
    assert (now.agent, now.doing) == ("FAQ agent", "")
