"""A model on your own machine, with a tool: what the agent reads goes to nobody else.

`local/gpt-oss` is answered by our own ModelProvider, over Chat Completions, which Ollama, vLLM,
llama.cpp and LM Studio all speak. The workflow does not know which of them it is: that is a
setting of the worker.
"""

from durable_agents import InvalidInput, activity_tool

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
            ActivityError: The local server stayed down, or does not have the model.
        """
        if not prompt.strip():
            raise InvalidInput("prompt is empty: ask about the diary")
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
