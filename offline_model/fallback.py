"""The fallback: a plausible reply to any request that no rule answers."""

from dataclasses import replace
from typing import Any

from offline_model.json_text import Json
from offline_model.model_reply import Reply, call, obj, reasoning, say, together
from offline_model.model_request import ModelRequest, Tool
from offline_model.words import Words, fit, numbers_in, shortened

# One word of a tool's name, or two of its description.
_GOOD_FIT = 2


def reply_to(request: ModelRequest) -> Reply:
    """Call the functions that fit the user's words, each once a turn, then answer.

    Hosted tools are used by rules only.
    """
    if tool := _next_tool(request):
        return call_of(tool, request)
    text = _sentence(request)
    answer = say(text)
    if request.output_schema is not None:
        words = replace(_words(request), text=text, quoted=[])
        answer = obj(_example(request.output_schema, words))
    if not request.reasoning.get("summary"):
        return answer
    asked = f"I am asked: {shortened(request.user_text)}"
    return together(reasoning(asked, "I only repeat it."), answer)


def call_of(tool: Tool, request: ModelRequest) -> Reply:
    """Call a tool with arguments that fit its schema."""
    return call(tool.name, **_example({"type": "object"} | tool.schema, _words(request)))


def _example(schema: Json, words: Words) -> Any:
    from offline_model.schema_examples import example  # imports jsonschema

    return example(schema, words)


def _next_tool(request: ModelRequest) -> Tool | None:
    """Return the tool that fits best. Any tool fits if a call is required."""
    rated = [
        (fit(tool.name, tool.description, request.user_text), tool)
        for tool in request.functions
        if request.can_call(tool.name)
    ]
    best, tool = max(rated, key=lambda pair: pair[0], default=(0, None))
    needed = 0 if request.tool_choice != "auto" else _GOOD_FIT
    return tool if best >= needed else None


def _words(request: ModelRequest) -> Words:
    """Return the user's words. Numbers from tool results come before the user's own."""
    words = Words.of(request.user_text)
    results = [text for texts in request.tool_results.values() for text in texts]
    found = [number for text in reversed(results) for number in numbers_in(text)]
    return replace(words, numbers=found + words.numbers)


def _sentence(request: ModelRequest) -> str:
    """Return a short text on the question, the images and the tool results."""
    results = [
        f"{name} says: {shortened(' / '.join(texts))}"
        for name, texts in request.tool_results.items()
        if name not in request.handoffs
    ]
    images = [f"I see {image}." for image in request.images]
    asked = f"(offline model) You asked: {shortened(request.user_text)}"
    return " ".join([asked, *images, *results])
