"""Instructions computed for each run, from a context that the model never sees itself."""

from durable_agents import InvalidInput

from agents import Agent, RunContextWrapper, Runner
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from basic.models import Voice

STYLES = {
    "haiku": "Only respond in haikus.",
    "pirate": "Respond as a pirate.",
    "robot": "Respond as a robot and say 'beep boop' a lot.",
}


def instructions(context: RunContextWrapper[Voice], agent: Agent[Voice]) -> str:
    """Return the system prompt; called before each model call, so it may follow the context."""
    return STYLES[context.context.style]


@workflow.defn
class DynamicSystemPromptWorkflow:
    """Answers in a style that is given or drawn."""

    @workflow.run
    async def run(self, user_message: str, style: str | None = None) -> str:
        """Return the answer to `user_message` in `style`, or in a random one.

        Raises:
            InvalidInput: The style is unknown.
        """
        if style is None:
            # Not `random.choice`: a replay must make the same choice again.
            style = workflow.random().choice(sorted(STYLES))
        elif style not in STYLES:
            raise InvalidInput(f"style {style!r} is unknown: choose {', '.join(STYLES)}, or none")
        workflow.logger.info("Answering in the style of a %s", style)
        agent = Agent[Voice](name="Chat agent", instructions=instructions)
        result = await Runner.run(agent, user_message, context=Voice(style))
        return result.final_output_as(str)
