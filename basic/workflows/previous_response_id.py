"""A conversation that the model's provider remembers: the second call sends one message.

`previous_response_id` saves sending (and recording in history) what was said before. The provider
forgets: responses expire, after 30 days at OpenAI. A workflow may well wait longer than that, so
it keeps what it needs to tell the whole story again.
"""

from agents import Agent, Runner
from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError


@workflow.defn
class PreviousResponseIdWorkflow:
    """Asks a question and a follow-up that only makes sense after it."""

    @workflow.run
    async def run(self, first_question: str, follow_up_question: str) -> tuple[str, str]:
        """Return the answers to both questions."""
        agent = Agent(name="Assistant", instructions="You are a helpful assistant. Be concise.")
        first = await Runner.run(agent, first_question)
        try:
            second = await Runner.run(
                agent, follow_up_question, previous_response_id=first.last_response_id
            )
        except ActivityError as error:
            if not has_expired(error):
                raise
            workflow.logger.info("The first response has expired: sending the whole conversation")
            conversation = first.to_input_list()
            conversation.append({"role": "user", "content": follow_up_question})
            second = await Runner.run(agent, conversation)
        return first.final_output_as(str), second.final_output_as(str)


def has_expired(error: BaseException | None) -> bool:
    """Whether a model call failed because the provider no longer has the previous response."""
    while error is not None:
        if isinstance(error, ApplicationError) and "previous_response_not_found" in error.message:
            return True
        error = error.__cause__
    return False
