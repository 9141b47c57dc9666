"""A server with a memory: one session for each workflow, and what is done when a session dies.

The notes are in the memory of a process. The workflow knows them as well, and gives them to a new
session. To see it: `MCP_SCRATCHPAD_CALLS=2 uv run sample run mcp_servers/scratchpad`.
"""

from durable_agents import InvalidInput

from agents import Agent, Runner
from temporalio import workflow

from mcp_servers.scratchpad_session import LastingScratchpad

LONGEST_TOPIC = 200  # characters


@workflow.defn
class ScratchpadWorkflow:
    """Thinks about a topic with the help of notes."""

    @workflow.run
    async def run(self, topic: str) -> str:
        """Return what came out of it.

        Raises:
            InvalidInput: The topic is empty, or too long.
            ApplicationError: `SessionLost`, session after session has died.
        """
        if not topic.strip():
            raise InvalidInput("topic is empty: say what to think about")
        if len(topic) > LONGEST_TOPIC:
            raise InvalidInput(f"topic is longer than {LONGEST_TOPIC} characters")
        scratchpad = LastingScratchpad()
        try:
            agent = Agent(
                name="Thinker",
                instructions="""
                    Think about the topic on a scratchpad: write three notes down, one at a time,
                    each from another point of view. Then read all notes, and sum them up.
                """,
                tools=[*await scratchpad.tools()],
            )
            result = await Runner.run(agent, topic)
        finally:
            await scratchpad.close()
        return result.final_output_as(str)
