"""The agent that sums up a long conversation, so that the next run can begin with little."""

from agents import Agent


def build_summarizer() -> Agent[None]:
    """Return the agent."""
    return Agent(
        name="Summary writer",
        instructions="""
            Sum up this conversation in exactly two sentences: what the user wants, with every
            city, date, price and address that was settled, and what has been done of it so far.
        """,
    )
