"""A fixed chain of agents (outline, check, story) with a typed gate that can stop it early."""

from durable_agents import require_text

from agents import Agent, Runner
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from agent_patterns.models import OutlineCheck


@workflow.defn
class DeterministicWorkflow:
    """Writes a science fiction story, if its outline passes the check."""

    @workflow.run
    async def run(self, input_prompt: str) -> str:
        """Return the story, or the reason that none was written.

        Raises:
            InvalidInput: The prompt is empty.
        """
        require_text(input_prompt, "input_prompt")
        outliner = Agent(
            name="Outliner",
            instructions="Write a short outline of the story that the user asks for.",
        )
        checker = Agent(
            name="Outline checker",
            instructions="Judge the outline of a story: is it good, and is it science fiction?",
            output_type=OutlineCheck,
        )
        writer = Agent(
            name="Story writer",
            instructions="Write a short story that follows the outline.",
        )
        outline = (await Runner.run(outliner, input_prompt)).final_output_as(str)
        check = (await Runner.run(checker, outline)).final_output_as(OutlineCheck)
        # The model judges, but code decides: a prompt cannot talk its way past an `if`.
        if not check.passed:
            return f"No story was written: {check.reason}"
        return (await Runner.run(writer, outline)).final_output_as(str)
