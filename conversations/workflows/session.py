"""Where a conversation may live: the workflow, an SDK session, a database, or the provider.

The model sees the same conversation in each case. The places differ in who else can read it, and in
what each turn adds to the history.
"""

from durable_agents import InvalidInput, require_text

from typing import Literal

from agents import Agent, Runner, TResponseInputItem
from agents.memory import Session
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from conversations.session_stores import DatabaseSession, WorkflowSession

Place = Literal["workflow", "session", "database", "provider"]

MAX_QUESTIONS = 50
MAX_QUESTION_LENGTH = 2_000  # characters


@workflow.defn
class SessionWorkflow:
    """Answers questions in one conversation."""

    @workflow.run
    async def run(self, questions: list[str], place: Place = "workflow") -> list[str]:
        """Return the answers; `place` is where the conversation lives.

        Raises:
            InvalidInput: There is no question, there are too many, or one is empty or too long.
        """
        if not 1 <= len(questions) <= MAX_QUESTIONS:
            raise InvalidInput(f"there are {len(questions)} questions; give 1 to {MAX_QUESTIONS}")
        for number, question in enumerate(questions, start=1):
            require_text(question, f"question {number}", max_length=MAX_QUESTION_LENGTH)
        instructions = "You answer questions about the sky, in one sentence."
        agent = Agent[None](name="Assistant", instructions=instructions)
        if place == "workflow":
            return await with_list(agent, questions)
        if place == "provider":
            return await with_response_id(agent, questions)
        kind = WorkflowSession if place == "session" else DatabaseSession
        return await with_session(agent, questions, kind(workflow.info().workflow_id))


async def with_list(agent: Agent[None], questions: list[str]) -> list[str]:
    """Keep the conversation in a list."""
    items: list[TResponseInputItem] = []
    answers = []
    for question in questions:
        result = await Runner.run(agent, [*items, {"role": "user", "content": question}])
        items = result.to_input_list()
        answers.append(result.final_output_as(str))
    return answers


async def with_session(agent: Agent[None], questions: list[str], session: Session) -> list[str]:
    """Let the Agents SDK read and write a session."""
    results = [await Runner.run(agent, question, session=session) for question in questions]
    return [result.final_output_as(str) for result in results]


async def with_response_id(agent: Agent[None], questions: list[str]) -> list[str]:
    """Let the provider keep the conversation. basic/previous_response_id handles its expiry."""
    last, answers = None, []
    for question in questions:
        result = await Runner.run(agent, question, previous_response_id=last)
        last = result.last_response_id
        answers.append(result.final_output_as(str))
    return answers
