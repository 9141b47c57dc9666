"""Agents as tools: an orchestrator calls other agents and keeps control of the conversation.

Each tool call is a nested run in the same workflow, and its model calls are activities. If a nested
run fails, the Agents SDK reports the failure to the model, but for an activity that is only
"Activity task failed". `describe_failure` adds the cause.
"""

from durable_agents import require_text, root_cause

from agents import Agent, RunContextWrapper, Runner, Tool
from temporalio import workflow
from temporalio.exceptions import is_cancelled_exception

LANGUAGES = ("Spanish", "French", "Italian")


def describe_failure(context: RunContextWrapper[None], error: Exception) -> str:
    """Return the message for the orchestrator's model when a translator fails."""
    if is_cancelled_exception(error):  # the workflow was cancelled; the translator did not fail
        raise error
    return f"The translator failed: {root_cause(error)}"


def translator(language: str) -> Tool:
    """Return a translator agent as a tool. It needs no tools itself, so it gets two turns."""
    agent = Agent(
        name=f"{language} translator",
        instructions=f"Translate the user's message to {language}.",
    )
    return agent.as_tool(
        tool_name=f"translate_to_{language.lower()}",
        tool_description=f"Translate a message to {language}.",
        max_turns=2,
        failure_error_function=describe_failure,
    )


@workflow.defn
class AgentsAsToolsWorkflow:
    """Translates a message to the languages that the user names."""

    @workflow.run
    async def run(self, msg: str) -> str:
        """Return the translations that `msg` asks for, proofread.

        Raises:
            InvalidInput: The message is empty.
        """
        require_text(msg, "msg")
        orchestrator = Agent(
            name="Orchestrator",
            instructions="""
                Translate messages with your tools, all languages in parallel.
                Never translate yourself. When a tool fails, say which language is missing.
            """,
            tools=[translator(language) for language in LANGUAGES],
        )
        synthesizer = Agent(
            name="Synthesizer",
            instructions="Proofread the translations and combine them into one answer.",
        )
        translated = await Runner.run(orchestrator, msg)
        result = await Runner.run(synthesizer, translated.to_input_list())
        return result.final_output_as(str)
