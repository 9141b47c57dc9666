"""What the model says in research_bot/."""

import re
from collections.abc import Iterable

from offline_model.model_reply import Page, Reply, obj, say_citing, together, web_search
from offline_model.model_request import ModelRequest

# What may be asked of any subject, and what a page on it says.
ASPECTS = {
    "overview": "most of what is planned for {} takes longer to plan than to do",
    "costs": "most of the money for {} goes into the first third of the work, and a fifth more "
    "than planned is spent in the end",
    "examples": "who began with one small part of {} and grew from there was content later",
    "risks": "what harms {} most are changes that are decided late",
    "benefits": "the good of {} is felt after some three years, and lasts",
    "alternatives": "there are cheaper things than {}, which do less and can be given up again",
    "history": "the first wave of {} came in the 1890s, and a second one in the 1980s",
    "statistics": "of 40 cases of {} that were counted, 31 reached what they were meant for",
    "criticism": "critics of {} say that the forecasts were too bright in 4 of 10 cases",
    "regulation": "two permits are the rule for {}, and an early hearing shortens both",
    "funding": "half the money for {} commonly comes from programmes that few apply for",
    "timeline": "six years pass for {} from the first sketch to the first day of use",
    "public opinion": "most people speak against {} at first, and for it two years later",
    "technology": "those parts of {} break least that are bought ready-made",
    "environment": "the footprint of {} is made good in about five years",
    "maintenance": "the upkeep of {} is 3 % of the price each year",
    "case study": "one well-told case of {} failed at first, for want of someone in charge",
    "expert opinion": "experts on {} agree that the order of the steps decides",
    "comparison": "among the things like it, {} did best where distances were short",
    "outlook": "more of {} is planned for the next ten years than was done in the last",
}
NOTICE = "*Made up by the offline stand-in for a model.*"
USUAL = 6
FEWEST, MOST = 5, 20

_ASKED_FOR = re.compile(
    r"\b(?:in|with|using|make|do|run)\s+(\d+)\s+(?:\w+\s+)?searches\b", re.IGNORECASE
)
_EMPTY = re.compile(
    r"a|about|after|all|an|analyse|and|any|are|as|at|be|been|before|but|by|can|case|could|did|do|does|doing|for|from|"
    r"had|has|have|how|i|if|in|into|is|it|its|know|make|makes|may|me|my|of|on|one|or|our|please|"
    r"report|research|shall|should|so|some|tell|that|the|their|them|there|these|they|this|to|was|"
    r"we|were|what|when|where|which|who|whose|why|will|with|would|write|you|your",
    re.IGNORECASE,
)


def plan(seen: ModelRequest) -> Reply | None:
    """Look into one aspect after the other, as many as the user asks for."""
    if "Plan web searches that together answer" not in seen.instructions:
        return None
    return planned(seen.user_text, ASPECTS, "report")


def planned(question: str, aspects: Iterable[str], goal: str) -> Reply:
    """Plan a search for each of the first aspects, as many as the question asks for."""
    subject = subject_of(question)
    searches = [
        {"reason": f"The {goal} needs the {aspect}.", "query": f"{subject} {aspect}"}
        for aspect in list(aspects)[: wanted(question)]
    ]
    return obj({"searches": searches})


def wanted(text: str) -> int:
    """Return how many searches the user asks for, within the limits of a plan."""
    asked = _ASKED_FOR.search(text)
    return min(max(int(asked[1]), FEWEST), MOST) if asked else USUAL


def subject_of(text: str) -> str:
    """Return the words of a question that carry its meaning: enough for a search engine."""
    words = re.findall(r"[\w'-]+", _ASKED_FOR.sub("", text))
    return " ".join([word for word in words if not _EMPTY.fullmatch(word)][:6]) or "it"


def search(seen: ModelRequest) -> Reply | None:
    """Find a page on the term, and tell what it says of the aspect that the term ends in."""
    if "Someone else writes a report from your summary" not in seen.instructions:
        return None
    return found(seen.user_text, ASPECTS)


def found(message: str, aspects: dict[str, str]) -> Reply:
    """Search for what a message asks for, and cite a page."""
    asked = re.search(r"Search term: (.+)", message)
    term = (asked[1] if asked else message).strip()
    aspect = next((name for name in aspects if term.endswith(f" {name}")), None)
    subject = term.removesuffix(f" {aspect}")
    said = aspects[aspect] if aspect else "opinions on {} differ, and few give numbers"
    slug = re.sub(r"\W+", "-", term.lower()).strip("-")
    page = Page(f"{term[:1].upper()}{term[1:]}", f"https://library.example/{slug}")
    text = f"(offline stand-in) It is written that {said.format(subject)}."
    return together(web_search(term, page), say_citing(text, page))


def report(seen: ModelRequest) -> Reply | None:
    """Put the findings together, a section each."""
    if "Write a research report that answers the question" not in seen.instructions:
        return None
    question, findings = read(seen.user_text)
    sections = [f"## {heading}\n\n{text}" for heading, text in findings]
    return obj(
        {
            "short_summary": summary(question, [heading for heading, _ in findings]),
            "markdown_report": "\n\n".join([f"# {question}", NOTICE, *sections]),
            "follow_up_questions": [
                f"What would change the answer on {subject_of(question)}?",
                *(f"What is behind this: {heading}?" for heading, _ in findings[:1]),
            ],
        }
    )


def read(message: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the question in a writer's material, and the headings and texts of its findings."""
    question = re.search(r"Question: (.+)", message)
    findings = re.findall(r"^## (.+)\n(.+)", message, re.MULTILINE)
    clean = [(heading, text.replace("(offline stand-in) ", "")) for heading, text in findings]
    return question[1].strip() if question else "What was found", clean


def summary(question: str, headings: Iterable[str]) -> str:
    """Sum up what the report is about, from the ends of its headings."""
    subject = subject_of(question)
    parts = [heading.removeprefix(subject).strip() for heading in headings]
    return f"(offline stand-in) On {subject}, the report tells of {_listed(parts)}."


def _listed(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), *parts[-1:]] if parts[1:] else parts or ["nothing"])


RULES = [plan, search, report]
