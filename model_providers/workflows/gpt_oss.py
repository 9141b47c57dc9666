"""A local model with a tool, behind a custom `ModelProvider`: the data stays on your machine.

`local/gpt-oss` is served over Chat Completions, which Ollama, vLLM, llama.cpp, and LM Studio
implement. The choice of server is a setting of the worker, not of the workflow. The history
contains what the tool finds in the diary.
"""

from durable_agents import activity_tool, require_text

from agents import Agent, Runner
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from model_providers.activities.diary import search_diary


@workflow.defn
class GptOssWorkflow:
    """Answers questions about a private diary."""

    @workflow.run
    async def run(self, prompt: str) -> str:
        """Return the local model's answer to `prompt`.

        Raises:
            InvalidInput: The prompt is empty.
            ActivityError: The server is unavailable after all attempts, or lacks the model.
        """
        require_text(prompt, "prompt")
        agent = Agent(
            name="Diary assistant",
            instructions="""
                Answer questions about the user's diary, in one sentence.
                Search it first; it is the only source you have.
            """,
            model="local/gpt-oss",
            tools=[activity_tool(search_diary)],
        )
        result = await Runner.run(agent, prompt)
        return result.final_output_as(str)
