"""An agent for confidential questions: encryption is a setting, and its code is the usual one.

With `ENCRYPTION_KEYS` in the environment of workers and clients, the question, the instructions,
the tool's arguments and results, errors, and the answer leave these processes encrypted.
"""

from durable_agents import activity_tool, require_text

from datetime import timedelta

from agents import Agent, Runner
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from encryption.activities.payments import list_payments

MAX_QUESTION_LENGTH = 4_000


@workflow.defn
class EncryptedWorkflow:
    """Answers questions about a customer's bank account."""

    @workflow.run
    async def run(self, secret_question: str) -> str:
        """Return the agent's answer.

        Raises:
            InvalidInput: The question is empty or too long.
        """
        require_text(secret_question, "secret_question", max_length=MAX_QUESTION_LENGTH)
        agent = Agent(
            name="Bank clerk",
            instructions="Answer the customer's question with the help of your tool.",
            tools=[activity_tool(list_payments, start_to_close_timeout=timedelta(seconds=10))],
        )
        result = await Runner.run(agent, secret_question)
        return result.final_output_as(str)
