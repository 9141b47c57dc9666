"""A model that selects its answer by the calling agent: parallel agents call in any order."""

from collections.abc import Mapping, Sequence

from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message
from openai.types.responses import ResponseOutputItem
from pydantic import BaseModel

Answer = str | BaseModel | Sequence[ResponseOutputItem] | Exception


def answering(answers: Mapping[str, Answer], calls: int) -> ScriptedModel:
    """Return a model with one answer per agent.

    Args:
        answers: The answers, each keyed by a phrase from the agent's instructions.
        calls: The number of expected calls.
    """

    def respond(call: ModelCall) -> Sequence[ResponseOutputItem]:
        instructions = call.system_instructions or ""
        [answer] = [answer for phrase, answer in answers.items() if phrase in instructions]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, BaseModel):
            answer = answer.model_dump_json()
        return [assistant_message(answer)] if isinstance(answer, str) else answer

    return ScriptedModel([ModelStep.respond(respond)] * calls)
