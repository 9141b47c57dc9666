"""Instructions from an MCP server's prompt: edited on the server, without deploying a worker.

Fetching the prompt is an activity. The history holds the text that a run received, and replays it.
"""

from durable_agents import require_text

from agents import Agent, Runner
from temporalio import workflow
from temporalio.openai_agents.workflow import temporal_mcp_server

with workflow.unsafe.imports_passed_through():
    from mcp_servers.calls import CALL_OPTIONS, check_prompt, prompt_text

PROMPT = "review_code"
MAX_CODE_LENGTH = 20_000  # characters


@workflow.defn
class PromptServerWorkflow:
    """Reviews code according to the team's prompt."""

    @workflow.run
    async def run(self, code: str) -> str:
        """Return the review of `code`.

        Raises:
            InvalidInput: The code is empty or too long.
            ApplicationError: The prompt is missing (`UnknownPrompt`) or empty (`EmptyPrompt`).
            ActivityError: The server is down.
        """
        require_text(code, "code", max_length=MAX_CODE_LENGTH)
        prompts = temporal_mcp_server("prompts", CALL_OPTIONS)
        await check_prompt(prompts, PROMPT)
        prompt = await prompts.get_prompt(PROMPT, {"focus": "correctness"})
        # The server provides instructions, not tools, so the agent does not get the server.
        agent = Agent(name="Reviewer", instructions=prompt_text(prompt))
        result = await Runner.run(agent, code)
        return result.final_output_as(str)
