"""What the model says in agent_patterns/."""

import re

from offline_model.model_reply import Reply, call, call_all, obj, say
from offline_model.model_request import ModelRequest

OUTLINE = "The last gardener of Mars guards one seed, until a child asks what rain is."
STORY = (
    "On Mars, where nobody remembered rain, a gardener kept one seed. 'What is rain?' asked a "
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


def story(seen: ModelRequest) -> Reply | None:
    """Outline, check and write; only science fiction passes the check."""
    if seen.instructions == "Write a short outline of the story that the user asks for.":
        is_asked_for = re.search(r"science fiction|sci-?fi", seen.user_text, re.IGNORECASE)
        return say(OUTLINE if is_asked_for else "Two cousins inherit a bakery.")
    if "is it good, and is it science fiction" in seen.instructions:
        passed = seen.user_text == OUTLINE
        reason = "a whole world in one seed." if passed else "the outline is not science fiction."
        return obj({"good_quality": True, "is_science_fiction": passed, "reason": reason})
    if "short story that follows the outline" in seen.instructions:
        return say(STORY)
    return None


def judged(seen: ModelRequest) -> Reply | None:
    """Write better drafts with more feedback, until the judge has an ending."""
    if "feedback on a draft of yours" in seen.instructions:
        rounds = sum(item.get("role") == "assistant" for item in seen.items)
        return say(DRAFTS[min(rounds, len(DRAFTS) - 1)])
    if "Judge a draft of an outline" in seen.instructions:
        for draft, feedback in zip(DRAFTS, FEEDBACK, strict=False):
            if seen.user_text.endswith(draft):
                return obj({"score": "needs_improvement", "feedback": feedback})
        return obj({"score": "pass", "feedback": "None."})
    return None


def three_translations(seen: ModelRequest) -> Reply | None:
    """Translate a greeting in three styles; pick the idiomatic one."""
    if style := re.search(r"to Spanish, in an? (\w+) style", seen.instructions):
        return say(SPANISH[style[1]]) if "Good morning" in seen.user_text else None
    if "numbered Spanish translations" in seen.instructions:
        picked = re.search(r"(\d)\. " + re.escape(SPANISH["idiomatic"]), seen.user_text)
        return obj({"number": int(picked[1]) if picked else 1})
    return None


def translators(seen: ModelRequest) -> Reply | None:
    """Call the tools for the languages that are named, and collect what they say."""
    if found := re.fullmatch(r"Translate the user's message to (\w+)\.", seen.instructions):
        known = "good morning" in seen.user_text.lower()
        return say(GOOD_MORNING[found[1]]) if known and found[1] in GOOD_MORNING else None
    if "translated by your tools, all languages at once" in seen.instructions:
        text = re.search(r"['\"](.+)['\"]", seen.user_text)
        calls = [
            call(name, input=text[1] if text else seen.user_text)
            for name in seen.tools
            if name.removeprefix("translate_to_") in seen.user_text.lower() and seen.can_call(name)
        ]
        return call_all(*calls) if calls else say(_collected(seen))
    if seen.instructions.startswith("Proof-read the translations"):
        return say(_collected(seen))
    return None


def _collected(seen: ModelRequest) -> str:
    lines = [
        f"{name.removeprefix('translate_to_').capitalize()}: {result}"
        for name, results in seen.tool_results.items()
        for result in results
    ]
    return "\n".join(lines) or "Which languages would you like?"


def routed(seen: ModelRequest) -> Reply | None:
    """Hand off by the language; the specialists answer a greeting."""
    spoken_by = next(
        (name for name in SPOKEN if f"Answer in {name}, the only language" in seen.instructions),
        None,
    )
    words = seen.user_text.lower()
    if "agent that speaks the language" in seen.instructions:
        for language, (pattern, _) in SPOKEN.items():
            if re.search(rf"\b({pattern})\b", words):
                return call(f"transfer_to_{language.lower()}_agent")
        return say(f"Sorry, nobody here speaks that. We speak {', '.join(SPOKEN)}.")
    if spoken_by and re.search(rf"\b({SPOKEN[spoken_by][0]})\b", words):
        return say(SPOKEN[spoken_by][1])
    return None


def guarded(seen: ModelRequest) -> Reply | None:
    """Recognise homework; answer customers; sum news up with all that was said."""
    if "want maths homework done" in seen.instructions:
        is_homework = re.search(r"solve for|\bequation\b|\bhomework\b", seen.user_text.lower())
        return obj({"is_homework": bool(is_homework)})
    if "support agent of a web shop" in seen.instructions:
        if "solve for x" in seen.user_text:
            return say("x is 3.")
        return say("Of course. You will find it under Settings, Account.")
    if "Sum the news up for our newsletter" in seen.instructions:
        return say(f"News of the week: {seen.user_text}")
    return None


def price(seen: ModelRequest) -> Reply | None:
    """Ask for a quote, then tell it."""
    if "quote_price" not in seen.tools:
        return None
    if seen.can_call("quote_price"):
        return call("quote_price", nights=3)
    if results := seen.tool_results.get("quote_price"):
        euros = re.search(r"euros\D+(\d+)", results[0])
        return say(f"Three nights with us are {euros[1]} euros." if euros else results[0])
    return None


RULES = [story, judged, three_translations, translators, routed, guarded, price]
