"""Server-side conversation state: the second call sends only the new message.

With `previous_response_id`, earlier messages are neither sent nor recorded in the history again.
Responses expire, at OpenAI after 30 days, and a workflow can run longer than that. So it keeps the
texts of the conversation, and falls back to sending all of them.
"""

from durable_agents import require_text

from agents import Agent, Runner, TResponseInputItem
from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError


@workflow.defn
class PreviousResponseIdWorkflow:
    """Asks a question, and a follow-up that depends on the answer."""

    @workflow.run
    async def run(self, first_question: str, follow_up_question: str) -> tuple[str, str]:
        """Return the answers to both questions.

        Raises:
            InvalidInput: A question is empty.
        """
        require_text(first_question, "first_question")
        require_text(follow_up_question, "follow_up_question")
        agent = Agent(name="Assistant", instructions="You are a helpful assistant. Be concise.")
        first = await Runner.run(agent, first_question)
        try:
            second = await Runner.run(
                agent, follow_up_question, previous_response_id=first.last_response_id
            )
        except ActivityError as error:
            if not has_expired(error):
                raise
            workflow.logger.info("The previous response has expired; sending the full conversation")
            # Only texts: `to_input_list()` has the ids of reasoning items, which expire as well.
            conversation: list[TResponseInputItem] = [
                {"role": "user", "content": first_question},
                {"role": "assistant", "content": first.final_output_as(str)},
                {"role": "user", "content": follow_up_question},
            ]
            second = await Runner.run(agent, conversation)
        return first.final_output_as(str), second.final_output_as(str)


def has_expired(error: BaseException | None) -> bool:
    """Return whether a model call failed because the previous response has expired."""
    while error is not None:
        if isinstance(error, ApplicationError) and "previous_response_not_found" in error.message:
            return True
        error = error.__cause__
    return False
