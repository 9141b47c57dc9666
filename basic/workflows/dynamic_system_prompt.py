"""Instructions computed at run time, from a context that the model does not see."""

from durable_agents import InvalidInput, require_text

from agents import Agent, RunContextWrapper, Runner
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from basic.models import StyleContext

STYLES = {
    "haiku": "Only respond in haikus.",
    "pirate": "Respond as a pirate.",
    "robot": "Respond as a robot and say 'beep boop' a lot.",
}


def instructions(context: RunContextWrapper[StyleContext], agent: Agent[StyleContext]) -> str:
    """Return the system prompt. Called before each model call, so it can follow the context."""
    return STYLES[context.context.style]


@workflow.defn
class DynamicSystemPromptWorkflow:
    """Answers in a given style, or in a random one."""

    @workflow.run
    async def run(self, user_message: str, style: str | None = None) -> str:
        """Return the answer to `user_message` in `style`. By default the style is random.

        Raises:
            InvalidInput: The message is empty, or the style is unknown.
        """
        require_text(user_message, "user_message")
        if style is None:
            # The same choice on replay. The sandbox rejects the `random` module.
            style = workflow.random().choice(sorted(STYLES))
        elif style not in STYLES:
            raise InvalidInput(f"style is {style!r}; choose one of {', '.join(STYLES)}")
        workflow.logger.info("Style: %s", style)
        agent = Agent[StyleContext](name="Chat agent", instructions=instructions)
        result = await Runner.run(agent, user_message, context=StyleContext(style))
        return result.final_output_as(str)
