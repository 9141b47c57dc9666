"""The airline's agents: handoffs in both directions, and a context that all of them share.

Tools that change the context are function tools, which run in the workflow. Effects outside the
workflow are activities.
"""

from durable_agents import activity_tool

import re
from functools import cache

from agents import Agent, RunContextWrapper, function_tool, handoff
from temporalio import workflow

from customer_service.activities.faq import faq_lookup
from customer_service.escalation import escalate_to_human
from customer_service.models import AirlineContext

Passenger = RunContextWrapper[AirlineContext]


async def find_flight(passenger: Passenger) -> None:
    """Look up the flight before the seat booking agent answers; generated in this sample."""
    if passenger.context.flight_number is None:
        passenger.context.flight_number = f"SK{workflow.random().randint(100, 999)}"


@function_tool
async def update_seat(passenger: Passenger, confirmation_number: str, new_seat: str) -> str:
    """Move the passenger to another seat.

    Args:
        passenger: The shared context; not shown to the model.
        confirmation_number: The booking's confirmation number: six letters and digits.
        new_seat: The new seat: a row from 1 to 20 and a letter from A to F, like 12A.
    """
    booking, seat = confirmation_number.strip().upper(), new_seat.strip().upper()
    if not re.fullmatch(r"[A-Z0-9]{6}", booking):
        return f"Not changed: a confirmation number has six letters and digits, not {booking!r}."
    if not re.fullmatch(r"([1-9]|1\d|20)[A-F]", seat):
        return f"Not changed: there is no seat {seat!r}. Rows are 1 to 20, letters A to F."
    context = passenger.context
    if context.flight_number is None:
        return "Not changed: the flight is unknown. Hand off to the seat booking agent."
    context.confirmation_number, context.seat_number = booking, seat
    return f"Seat {seat} on flight {context.flight_number} is booked for {booking}."


def _seat_instructions(passenger: Passenger, _agent: Agent[AirlineContext]) -> str:
    context = passenger.context
    return f"""
        You move passengers to other seats.
        You need the confirmation number and the seat: ask for what is missing, then call
        update_seat and report its result. For everything else, hand off to the triage agent.
        Known: confirmation number {context.confirmation_number or "unknown"}, flight
        {context.flight_number or "unknown"}, seat {context.seat_number or "unknown"}.
    """


@cache  # making them takes a millisecond, for each turn of each replay; runs do not change them
def build_agents() -> dict[str, Agent[AirlineContext]]:
    """Return the agents by name; the first one answers new customers."""
    escalate = function_tool(escalate_to_human)
    triage: Agent[AirlineContext] = Agent(
        name="Triage agent",
        instructions="""
            You are the first to talk to customers of an airline. Do not answer yourself: hand off
            to the agent that fits. When a customer asks for a person, or is angry, escalate.
        """,
        handoff_description="Finds the agent that can help.",
        tools=[escalate],
    )
    faq: Agent[AirlineContext] = Agent(
        name="FAQ agent",
        instructions="""
            You answer frequently asked questions of an airline's customers. Use only what
            faq_lookup returns. For everything else, hand off to the triage agent.
        """,
        handoff_description="Answers questions about the airline.",
        tools=[activity_tool(faq_lookup), escalate],
        handoffs=[triage],
    )
    seats: Agent[AirlineContext] = Agent(
        name="Seat booking agent",
        instructions=_seat_instructions,
        handoff_description="Changes seats.",
        tools=[update_seat, escalate],
        handoffs=[triage],
    )
    triage.handoffs = [faq, handoff(seats, on_handoff=find_flight)]
    return {agent.name: agent for agent in (triage, faq, seats)}
