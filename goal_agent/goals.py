"""The registry of goals. A new goal is one entry here."""

from goal_agent.models import AgentGoal
from goal_agent.toolbox.registry import TOOLS

BOOK_TRIP = AgentGoal(
    id="book_trip",
    name="Visit an event",
    description="Find an event in Europe, fly there and back, and have an invoice sent.",
    instructions="""
        Find out in which city and month the user would like to see something, and find events.
        Once they have chosen one, ask where they fly from, and search flights: there on the day
        before it starts, back on the day after it ends, unless they want other days.
        Once they have chosen a flight, ask for their email address, and create an invoice for
        the price of the flight. When there is an invoice, the goal is reached.
    """,
    tools=["find_events", "search_flights", "create_invoice"],
    starter="Hello! I find events in Europe and flights to them. Which city, and which month?",
    example_prompts=[
        "Find me an event in Oslo in June.",
        "The jazz one. I fly from Berlin.",
        "Book the cheapest. My email is ada@example.org.",
    ],
)
FIND_EVENT = AgentGoal(
    id="find_event",
    name="Find an event",
    description="See what's on in a European city.",
    instructions="""
        Find out in which city and month the user would like to see something, and find events.
        Answer questions about what was found. When the user wants no more, the goal is reached.
    """,
    tools=["find_events"],
    starter="Hello! I know what's on in Europe. Which city, and which month?",
    example_prompts=["What's on in Lisbon in May?", "That's all, thank you."],
)

GOALS = {goal.id: goal for goal in (BOOK_TRIP, FIND_EVENT)}
DEFAULT = BOOK_TRIP.id


def check_goals(goals: dict[str, AgentGoal]) -> None:
    """Check that every goal's tools are in the toolbox.

    Raises:
        ValueError: A goal names an unknown tool.
    """
    for goal in goals.values():
        for tool in goal.tools:
            if tool not in TOOLS:
                problem = f"goal {goal.id!r} names the unknown tool {tool!r}"
                raise ValueError(f"{problem}; known tools: {', '.join(TOOLS)}")
