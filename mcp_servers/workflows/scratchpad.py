"""A stateful MCP server: one session per workflow, and recovery when the session crashes.

The notes live in the memory of the session's process. The workflow keeps a copy, and restores it in
a new session. To see it: `MCP_SCRATCHPAD_CALLS=2 uv run sample run mcp_servers/scratchpad`.
"""

from durable_agents import require_text

from agents import Agent, Runner
from temporalio import workflow

from mcp_servers.scratchpad_session import RecoverableScratchpad

MAX_TOPIC_LENGTH = 200  # characters


@workflow.defn
class ScratchpadWorkflow:
    """Thinks about a topic, taking notes."""

    @workflow.run
    async def run(self, topic: str) -> str:
        """Return the summary of the notes.

        Raises:
            InvalidInput: The topic is empty or too long.
            ApplicationError: `SessionLost`: too many sessions failed.
        """
        require_text(topic, "topic", max_length=MAX_TOPIC_LENGTH)
        async with RecoverableScratchpad() as scratchpad:
            agent = Agent(
                name="Thinker",
                instructions="""
                    Think about the topic on a scratchpad: write three notes, one at a time, each
                    from a different point of view. Then read all notes, and summarize them.
                """,
                tools=[*await scratchpad.tools()],
            )
            result = await Runner.run(agent, topic)
        return result.final_output_as(str)
