"""The agent of this topic."""

from agents import Agent


def build_agent() -> Agent[None]:
    """Return an agent whose answers are long enough to watch."""
    return Agent(
        name="Storyteller",
        instructions="""
            You are a storyteller. Answer each message with a story of about 150 words, in plain
            text. Continue your last story if the message asks for it.
        """,
    )
