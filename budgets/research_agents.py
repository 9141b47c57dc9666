"""The agents of a research run. Each has a limit for its answers, which its budget needs."""

from agents import Agent, ModelSettings
from pydantic import BaseModel, Field

MAX_QUESTIONS = 12


class Question(BaseModel):
    """One question of a plan; a deep one gets a workflow of its own."""

    text: str = Field(max_length=500)
    is_deep: bool


class Plan(BaseModel):
    """The questions that together answer the query."""

    questions: list[Question] = Field(min_length=1, max_length=MAX_QUESTIONS)


def planner(model: str | None) -> Agent:
    """Return the agent that splits the query into questions."""
    return Agent(
        name="Planner",
        instructions="""
            Split the query into 3 to 12 questions that can be answered independently. Mark the one
            or two that need the most care as deep.
        """,
        model=model,
        model_settings=ModelSettings(max_tokens=1_000),
        output_type=Plan,
    )


def researcher(model: str | None) -> Agent:
    """Return the agent that answers a question."""
    return Agent(
        name="Researcher",
        instructions="Answer the question in two or three sentences, from what you know.",
        model=model,
        model_settings=ModelSettings(max_tokens=500),
    )


def deep_researcher(model: str | None) -> Agent:
    """Return the agent that answers a question and has its answer checked by another agent."""
    fact_checker = Agent(
        name="Fact checker",
        instructions="Say in one sentence whether the statement is right, and why.",
        model=model,
        model_settings=ModelSettings(max_tokens=300),
    )
    return Agent(
        name="Deep researcher",
        instructions="""
            Draft an answer to the question, have the draft checked once with check_facts, and then
            give the answer that holds up.
        """,
        model=model,
        model_settings=ModelSettings(max_tokens=700),
        tools=[fact_checker.as_tool("check_facts", "Checks a statement. Input: the statement.")],
    )


def writer(model: str | None) -> Agent:
    """Return the agent that writes the report from the findings."""
    return Agent(
        name="Writer",
        instructions="Write a report of a few paragraphs that answers the query from the findings.",
        model=model,
        model_settings=ModelSettings(max_tokens=1_500),
    )
