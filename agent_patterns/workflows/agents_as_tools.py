"""Agents as tools: an orchestrator calls other agents and keeps the conversation to itself.

Each call of such a tool is a run of its own inside the workflow, and its model calls are activities
like any others. When that run fails the Agents SDK tells the model so, but of a failed activity
only that it failed. `tell` names the cause.
"""

from durable_agents import InvalidInput, root_cause

from agents import Agent, RunContextWrapper, Runner, Tool
from temporalio import workflow
from temporalio.exceptions import is_cancelled_exception

LANGUAGES = ("Spanish", "French", "Italian")


def tell(context: RunContextWrapper[None], error: Exception) -> str:
    """Return what the orchestrator's model reads when a translator's run failed."""
    if is_cancelled_exception(error):  # a cancelled workflow is not a failed translator
        raise error
    return f"The translator failed: {root_cause(error)}"


def translator(language: str) -> Tool:
    """Return an agent as a tool. It has one thing to do, so it gets few turns."""
    agent = Agent(
        name=f"{language} translator",
        instructions=f"Translate the user's message to {language}.",
    )
    return agent.as_tool(
        tool_name=f"translate_to_{language.lower()}",
        tool_description=f"Translate a message to {language}.",
        max_turns=2,
        failure_error_function=tell,
    )


@workflow.defn
class AgentsAsToolsWorkflow:
    """Has a message translated to the languages that the user names."""

    @workflow.run
    async def run(self, msg: str) -> str:
        """Return the translations that `msg` asks for, proof-read.

        Raises:
            InvalidInput: The message is empty.
        """
        if not msg.strip():
            raise InvalidInput("msg is empty: say what to translate, and to which languages")
        orchestrator = Agent(
            name="Orchestrator",
            instructions="""
                Have messages translated by your tools, all languages at once.
                Never translate yourself. When a tool fails, say which language is missing.
            """,
            tools=[translator(language) for language in LANGUAGES],
        )
        synthesizer = Agent(
            name="Synthesizer",
            instructions="Proof-read the translations and put them into one answer.",
        )
        translated = await Runner.run(orchestrator, msg)
        result = await Runner.run(synthesizer, translated.to_input_list())
        return result.final_output_as(str)
