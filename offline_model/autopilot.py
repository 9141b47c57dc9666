"""What the offline model says when no rule answers. Any prompt to any agent comes to an end."""

from dataclasses import replace
from textwrap import shorten

from offline_model.hosted_tools import ToolUse, uses
from offline_model.model_reply import Reply, call, obj, reasoning, say_citing, together
from offline_model.model_request import ModelRequest, Tool
from offline_model.schema_examples import example
from offline_model.words import Words, fit, numbers_in

# One word of a tool's name, or two of its description.
_GOOD_FIT = 2

# What is repeated of a text, in characters.
_LONGEST = 300


def reply_to(seen: ModelRequest) -> Reply:
    """Call what fits the user's words, each tool once a turn; then answer."""
    if tool := _next_tool(seen):
        return call_of(tool, seen)
    used = uses(seen)
    replies = [use.reply for use in used]
    if seen.reasoning.get("summary"):
        replies.insert(0, reasoning(f"I am asked: {_short(seen.user_text)}", "I only repeat it."))
    if used and used[-1].needs_approval:
        return together(*replies)
    return together(*replies, _answer(seen, used))


def _answer(seen: ModelRequest, used: list[ToolUse]) -> Reply:
    text = " ".join([_sentence(seen), *(use.summary for use in used if use.summary)])
    if seen.output_schema is None:
        return say_citing(text, *(source for use in used for source in use.sources))
    words = replace(_words(seen), text=text, quoted=[])
    return obj(example(seen.output_schema, words))


def call_of(tool: Tool, seen: ModelRequest) -> Reply:
    """Call a tool with arguments that fit its schema."""
    return call(tool.name, **example({"type": "object"} | tool.schema, _words(seen)))


def _next_tool(seen: ModelRequest) -> Tool | None:
    """Return the tool that fits best. Where a call is required, any will do."""
    tools = [*seen.tools.values(), *seen.handoffs.values()]
    free = [tool for tool in tools if seen.can_call(tool.name)]
    rated = [(fit(tool.name, tool.description, seen.user_text), tool) for tool in free]
    best, tool = max(rated, key=lambda pair: pair[0], default=(0, None))
    needed = 0 if seen.tool_choice != "auto" else _GOOD_FIT
    return tool if best >= needed else None


def _words(seen: ModelRequest) -> Words:
    """Return the user's words. What tools found out comes before the user's own numbers."""
    words = Words.of(seen.user_text)
    results = [text for texts in seen.tool_results.values() for text in texts]
    found = [number for text in reversed(results) for number in numbers_in(text)]
    return replace(words, numbers=found + words.numbers)


def _sentence(seen: ModelRequest) -> str:
    """Return a short text on what was asked, shown and found out."""
    said = [
        f"{name} says: {_short(' / '.join(texts))}"
        for name, texts in seen.tool_results.items()
        if name not in seen.handoffs
    ]
    shown = [f"I see {image.description}." for image in seen.images]
    return " ".join([f"(offline stand-in) You asked: {_short(seen.user_text)}", *shown, *said])


def _short(text: str) -> str:
    return shorten(text, _LONGEST, placeholder=" …")
