"""The agent. Workflow code is deterministic: I/O, clocks, and randomness are in activities."""

from durable_agents import activity_tool, require_text

from datetime import timedelta

from agents import Agent, Runner
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from my_agent.activities import get_time


@workflow.defn
class AgentWorkflow:
    """Answers one question."""

    @workflow.run
    async def run(self, question: str) -> str:
        """Return the agent's answer.

        Raises:
            InvalidInput: The question is empty.
        """
        require_text(question, "question")
        agent = Agent(
            name="Clock",
            instructions="""
                Answer questions about the time with the help of your tool, in one sentence.
                When a tool fails, say what is missing.
            """,
            tools=[activity_tool(get_time, start_to_close_timeout=timedelta(seconds=10))],
        )
        result = await Runner.run(agent, question)
        return result.final_output_as(str)
