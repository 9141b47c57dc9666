"""What the model says in financial_research_agent/."""

import re

from offline_model.answers.research_bot import (
    NOTICE,
    found,
    planned,
    read,
    subject_of,
    summary,
)
from offline_model.model_reply import Reply, call, call_all, obj
from offline_model.model_request import ModelRequest

# What a financial report looks into, and what a page on it says.
ASPECTS = {
    "revenue": "revenue of {} rose by 6 % to 1.9 billion EUR in the last financial year",
    "margins": "the operating margin of {} fell from 9 % to 7 %, for the price of batteries",
    "competitors": "the three largest of {} hold 41 % of the market",
    "risks": "recalls cost {} 35 million EUR in a year, most of it for brakes",
    "debt": "net debt of {} is 1.4 times what is earned before interest and tax",
    "guidance": "management of {} expects growth between 4 % and 7 %, and says so with care",
    "filings": "the annual filings of {} name two suppliers on which half of the parts depend",
    "earnings call": "investors asked those of {} about stocks, which fell by 12 %",
    "cash flow": "free cash flow of {} turned positive, at 48 million EUR",
    "capital spending": "{} put 110 million EUR into plants, a tenth less than before",
    "regulation": "a subsidy for buyers from {} runs out in 18 months",
    "supply chain": "delivery times of {} came down from 14 weeks to 6",
    "pricing": "prices of {} rose by 3 % on average",
    "market share": "the share of {} in their market grew by one point",
    "outlook": "analysts of {} expect 5 % a year until the end of the decade",
    "valuation": "shares of {} trade at 13 times the earnings",
    "dividend": "{} paid out a third of their profit",
    "management": "two heads of {} left within a year, and were followed from inside",
    "employees": "{} employ 8,200 people, 300 more than before",
    "customers": "businesses are 38 % of the customers of {}, and order again more often",
}

# A sentence with a figure, and whether a link follows.
_LINE = re.compile(r"^(?!#|\*).*\d.*$", re.MULTILINE)


def plan(seen: ModelRequest) -> Reply | None:
    """Look into one aspect after the other, as many as the user asks for."""
    if "Plan web searches for a financial analysis" not in seen.instructions:
        return None
    return planned(seen.user_text, ASPECTS, "analysis")


def search(seen: ModelRequest) -> Reply | None:
    """Find a page on the term, with a figure."""
    if "Sum up what the pages say for a financial analyst" not in seen.instructions:
        return None
    return found(seen.user_text, ASPECTS)


def analysis(seen: ModelRequest) -> Reply | None:
    """Say something of fundamentals, with a figure that has no source, or of risks."""
    kind = re.search(r"You are a financial analyst for (\w+):", seen.instructions)
    if not kind:
        return None
    if kind[1] == "risk":
        text = "What weighs most is named in the findings; none of it looks out of hand."
    else:
        figures = len(re.findall(r"\d+(?:\.\d+)? %", seen.user_text))
        text = f"Growth should come to 15 % next year. The findings name {figures} shares in all."
    return obj({"summary": text})


def report(seen: ModelRequest) -> Reply | None:
    """Ask both analysts, then write; leave out what the verifier quotes."""
    if "Write a financial report that answers the question" not in seen.instructions:
        return None
    asked = [str(item.get("content")) for item in seen.items if item.get("role") == "user"]
    material = asked[0] if asked else ""
    question, findings = read(material)
    revising = "The verifier's points" in seen.user_text
    tools = [name for name in seen.tools if seen.can_call(name)]
    if tools and not revising:
        figures = "\n".join(text for _, text in findings)
        return call_all(*(call(name, input=f"{question}\n{figures}") for name in tools))
    analyses = _analyses(seen)
    quoted = re.findall(r'"([^"]+)"', seen.user_text) if revising else []
    body = [f"## {heading}\n\n{text}" for heading, text in findings]
    body += [f"## {name}\n\n{_without(text, quoted)}" for name, text in analyses]
    return obj(
        {
            "short_summary": summary(question, [heading for heading, _ in findings]),
            "markdown_report": "\n\n".join([f"# {question}", NOTICE, *body]),
            "follow_up_questions": [f"How does {subject_of(question)} do in other countries?"],
        }
    )


def _analyses(seen: ModelRequest) -> list[tuple[str, str]]:
    """Return the headings and texts of what the analysts said in the whole conversation."""
    calls = [item for item in seen.items if item.get("type") == "function_call"]
    names = {item["call_id"]: str(item["name"]) for item in calls}
    outputs = [item for item in seen.items if item.get("type") == "function_call_output"]
    return [
        (names[item["call_id"]].replace("_", " ").capitalize(), str(item["output"]))
        for item in outputs
        if item["call_id"] in names
    ]


def _without(text: str, quoted: list[str]) -> str:
    for sentence in quoted:
        text = text.replace(sentence, "").strip()
    return text or "Nothing that a source supports."


def verdict(seen: ModelRequest) -> Reply | None:
    """Object to each sentence that has a figure and no source."""
    if "Audit a financial report" not in seen.instructions:
        return None
    lines = [line for line in _LINE.findall(seen.user_text) if not line.startswith("Question:")]
    sentences = [
        sentence
        for line in lines
        if "](http" not in line
        for sentence in re.split(r"(?<=[.!?])\s+", line)
        if re.search(r"\d", sentence)
    ]
    issues = [f'No source stands behind this figure: "{sentence}"' for sentence in sentences]
    return obj({"verified": not issues, "issues": issues})


RULES = [plan, search, analysis, report, verdict]
