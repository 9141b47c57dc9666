"""Scripted answers for agent_patterns/."""

import re

from offline_model.model_reply import Reply, call, call_all, obj, say
from offline_model.model_request import ModelRequest

OUTLINE = "The last gardener of Mars guards one seed, until a child asks what rain is."
STORY = (
    "On Mars, where no one remembered rain, a gardener kept one seed. 'What is rain?' asked a "
    "child. The gardener wept, for the first time in years, and where the tears fell, something "
    "green came up."
)
DRAFTS = [
    "A lighthouse keeper tends his lamp.",
    "A lighthouse keeper tends his lamp. One night no ship comes.",
    "A lighthouse keeper tends his lamp. One night no ship comes; he rows out, and finds that "
    "the sea is full of lamps.",
]
FEEDBACK = ["Nothing happens yet.", "It needs an ending."]
SPANISH = {
    "literal": "¡Buena mañana! ¿Cómo eres?",
    "idiomatic": "¡Buenos días! ¿Cómo estás?",
    "formal": "Buenos días. ¿Cómo está usted?",
}
GOOD_MORNING = {"Spanish": "¡Buenos días!", "French": "Bonjour !", "Italian": "Buongiorno!"}
SPOKEN = {
    "French": (r"bonjour|comment|merci|vous", "Bonjour ! Je vais très bien, merci."),
    "Spanish": (r"hola|cómo|gracias|buenos", "¡Hola! Estoy muy bien, gracias."),
    "English": (r"hello|how|thanks|what", "Hello! I am very well, thank you."),
}


def story(request: ModelRequest) -> Reply | None:
    """Write an outline, check it, and write the story. Only science fiction passes the check."""
    if request.instructions == "Write a short outline of the story that the user asks for.":
        is_asked_for = re.search(r"science fiction|sci-?fi", request.user_text, re.IGNORECASE)
        return say(OUTLINE if is_asked_for else "Two cousins inherit a bakery.")
    if "is it good, and is it science fiction" in request.instructions:
        passed = request.user_text == OUTLINE
        reason = "a whole world in one seed." if passed else "the outline is not science fiction."
        return obj({"good_quality": True, "is_science_fiction": passed, "reason": reason})
    if "short story that follows the outline" in request.instructions:
        return say(STORY)
    return None


def judged(request: ModelRequest) -> Reply | None:
    """Improve the draft with each round of feedback, until the judge accepts it."""
    if "If you get feedback on a draft" in request.instructions:
        rounds = sum(item.get("role") == "assistant" for item in request.items)
        return say(DRAFTS[min(rounds, len(DRAFTS) - 1)])
    if "Judge a draft of an outline" in request.instructions:
        for draft, feedback in zip(DRAFTS, FEEDBACK, strict=False):
            if request.user_text.endswith(draft):
                return obj({"score": "needs_improvement", "feedback": feedback})
        return obj({"score": "pass", "feedback": "None."})
    return None


def three_translations(request: ModelRequest) -> Reply | None:
    """Translate a greeting in three styles, and pick the idiomatic translation."""
    if style := re.search(r"to Spanish, in an? (\w+) style", request.instructions):
        return say(SPANISH[style[1]]) if "Good morning" in request.user_text else None
    if "numbered Spanish translations" in request.instructions:
        picked = re.search(r"(\d)\. " + re.escape(SPANISH["idiomatic"]), request.user_text)
        return obj({"number": int(picked[1]) if picked else 1})
    return None


def translators(request: ModelRequest) -> Reply | None:
    """Call the tools of the named languages, and collect their results."""
    if found := re.fullmatch(r"Translate the user's message to (\w+)\.", request.instructions):
        known = "good morning" in request.user_text.lower()
        return say(GOOD_MORNING[found[1]]) if known and found[1] in GOOD_MORNING else None
    if "with your tools, all languages in parallel" in request.instructions:
        text = re.search(r"['\"](.+)['\"]", request.user_text)
        calls = [
            call(name, input=text[1] if text else request.user_text)
            for name in request.tools
            if name.removeprefix("translate_to_") in request.user_text.lower()
            and request.can_call(name)
        ]
        return call_all(*calls) if calls else say(_collected(request))
    if request.instructions.startswith("Proofread the translations"):
        return say(_collected(request))
    return None


def _collected(request: ModelRequest) -> str:
    lines = [
        f"{name.removeprefix('translate_to_').capitalize()}: {result}"
        for name, results in request.tool_results.items()
        for result in results
    ]
    return "\n".join(lines) or "Which languages would you like?"


def routed(request: ModelRequest) -> Reply | None:
    """Hand off by language. The specialists answer a greeting."""
    spoken_by = next(
        (
            name
            for name in SPOKEN
            if f"Answer in {name}, the only language you" in request.instructions
        ),
        None,
    )
    words = request.user_text.lower()
    if "agent that speaks the language" in request.instructions:
        for language, (pattern, _) in SPOKEN.items():
            if re.search(rf"\b({pattern})\b", words):
                return call(f"transfer_to_{language.lower()}_agent")
        return say(f"Sorry, no one here speaks that language. We speak {', '.join(SPOKEN)}.")
    if spoken_by and re.search(rf"\b({SPOKEN[spoken_by][0]})\b", words):
        return say(SPOKEN[spoken_by][1])
    return None


def guarded(request: ModelRequest) -> Reply | None:
    """Recognize homework, answer customers, and summarize news word for word."""
    if "maths homework" in request.instructions:
        is_homework = re.search(r"solve for|\bequation\b|\bhomework\b", request.user_text.lower())
        return obj({"is_homework": bool(is_homework)})
    if "support agent for an online shop" in request.instructions:
        if "solve for x" in request.user_text:
            return say("x is 3.")
        return say("Of course. You will find it under Settings, Account.")
    if "Summarize the news for our newsletter" in request.instructions:
        return say(f"News of the week: {request.user_text}")
    return None


def price(request: ModelRequest) -> Reply | None:
    """Get a quote, then report the price."""
    if "quote_price" not in request.tools:
        return None
    if request.can_call("quote_price"):
        return call("quote_price", nights=3)
    if results := request.tool_results.get("quote_price"):
        euros = re.search(r"euros\D+(\d+)", results[0])
        return say(f"Three nights with us are {euros[1]} euros." if euros else results[0])
    return None


RULES = [story, judged, three_translations, translators, routed, guarded, price]
