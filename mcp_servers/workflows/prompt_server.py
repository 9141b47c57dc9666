"""A prompt from an MCP server as instructions: changed there, without a new worker.

Fetching it is an activity: the history holds the text that a run was given, and replays it.
"""

from durable_agents import InvalidInput

from agents import Agent, Runner
from temporalio import workflow
from temporalio.openai_agents.workflow import temporal_mcp_server

with workflow.unsafe.imports_passed_through():
    from mcp_servers.calls import CALLS, check_prompt, text_of

PROMPT = "review_code"
LONGEST_CODE = 20_000  # characters


@workflow.defn
class PromptServerWorkflow:
    """Reviews code as the team's prompt says."""

    @workflow.run
    async def run(self, code: str) -> str:
        """Return the review of `code`.

        Raises:
            InvalidInput: There is no code, or too much of it.
            ApplicationError: The server has no such prompt (`UnknownPrompt`), or an empty one.
            ActivityError: The server is down.
        """
        if not code.strip():
            raise InvalidInput("code is empty: give the piece of code to review")
        if len(code) > LONGEST_CODE:
            raise InvalidInput(f"code is longer than {LONGEST_CODE:,} characters")
        prompts = temporal_mcp_server("prompts", CALLS)
        await check_prompt(prompts, PROMPT)
        prompt = await prompts.get_prompt(PROMPT, {"focus": "correctness"})
        # The server's prompts are instructions, not its tools: the agent is not given the server.
        agent = Agent(name="Reviewer", instructions=text_of(prompt))
        result = await Runner.run(agent, code)
        return result.final_output_as(str)
