"""The agent: keeps the notes of a task, and answers from them."""

from agents import Agent, ModelBehaviorError, ModelSettings, Runner, TResponseInputItem

from workflow_activities.limits import MAX_REPLY_LENGTH, MAX_REPLY_TOKENS
from workflow_activities.models import Turn, storable


async def reply_to(text: str, context: list[Turn]) -> str:
    """Return the model's reply to a message that follows the turns of `context`.

    Raises:
        Exception: One of `RUN_ERRORS`: there is no reply.
    """
    agent = Agent(
        name="Notetaker",
        instructions="""
            You keep the notes of a task. Confirm each new fact in one short sentence.
            Answer questions only from the facts in this conversation.
        """,
        model_settings=ModelSettings(max_tokens=MAX_REPLY_TOKENS),
    )
    prompt: list[TResponseInputItem] = []
    for turn in context:
        prompt.append({"role": "user", "content": turn.message})
        prompt.append({"role": "assistant", "content": turn.reply or ""})
    result = await Runner.run(agent, [*prompt, {"role": "user", "content": text}])
    reply = storable(result.final_output_as(str, raise_if_incorrect_type=True))
    if not reply.strip():
        raise ModelBehaviorError("The model's reply is empty")
    if len(reply) > MAX_REPLY_LENGTH:
        return f"{reply[:MAX_REPLY_LENGTH]} … (cut: the reply has {len(reply):,} characters)"
    return reply
