"""Scripted answers for financial_research_agent/."""

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

# Aspects of a company or market, and what a page on each says.
ASPECTS = {
    "revenue": "revenue of {} rose by 6% to 1.9 billion EUR in the last financial year",
    "margins": "the operating margin of {} fell from 9% to 7%, because of battery prices",
    "competitors": "the three largest {} hold 41% of the market",
    "risks": "recalls cost {} 35 million EUR in one year, most of it for brakes",
    "debt": "net debt of {} is 1.4 times earnings before interest and tax",
    "guidance": "management of {} expects growth between 4% and 7%",
    "filings": "the annual filings of {} name two suppliers for half of all parts",
    "earnings call": "investors in {} asked about inventories, which fell by 12 %",
    "cash flow": "free cash flow of {} turned positive, at 48 million EUR",
    "capital spending": "{} invested 110 million EUR in plants, a tenth less than the year before",
    "regulation": "a subsidy for customers of {} expires in 18 months",
    "supply chain": "lead times of {} fell from 14 weeks to 6",
    "pricing": "prices of {} rose by 3% on average",
    "market share": "the market share of {} grew by one point",
    "outlook": "analysts of {} expect growth of 5% a year until the end of the decade",
    "valuation": "shares of {} trade at 13 times earnings",
    "dividend": "{} paid out a third of their profit",
    "management": "two chief executives of {} left within a year, and were replaced internally",
    "employees": "{} employ 8,200 people, 300 more than the year before",
    "customers": "businesses are 38% of the customers of {}, and reorder more often",
}

# A line with a figure that is not a heading or a notice.
_FIGURE_LINE = re.compile(r"^(?!#|\*).*\d.*$", re.MULTILINE)


def plan(seen: ModelRequest) -> Reply | None:
    """Plan one search per aspect, as many as the user asks for."""
    if "Plan web searches for a financial analysis" not in seen.instructions:
        return None
    return planned(seen.user_text, ASPECTS, "analysis")


def search(seen: ModelRequest) -> Reply | None:
    """Return a page for the search term, with a figure."""
    if "Summarize what the pages say for a financial analyst" not in seen.instructions:
        return None
    return found(seen.user_text, ASPECTS)


def analysis(seen: ModelRequest) -> Reply | None:
    """Analyze risks, or fundamentals with a figure that has no source."""
    kind = re.search(r"You are a financial analyst for (\w+):", seen.instructions)
    if not kind:
        return None
    if kind[1] == "risk":
        text = "The findings name the main risks. All of them look manageable."
    else:
        figures = len(re.findall(r"\d+(?:\.\d+)?%", seen.user_text))
        text = f"Growth should reach 15% next year. The findings contain {figures} percentages."
    return obj({"summary": text})


def report(seen: ModelRequest) -> Reply | None:
    """Call both analysts, then write a report without the sentences that the verifier quotes."""
    if "Write a financial report that answers the question" not in seen.instructions:
        return None
    users = [str(item.get("content")) for item in seen.items if item.get("role") == "user"]
    material = users[0] if users else ""
    question, findings = read(material)
    revising = "The verifier's issues" in seen.user_text
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
            "follow_up_questions": [
                f"How does {subject_of(question)} compare with other countries?"
            ],
        }
    )


def _analyses(seen: ModelRequest) -> list[tuple[str, str]]:
    """Return the headings and texts of all analyses in the conversation."""
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
    return text or "No sourced analysis is available."


def verdict(seen: ModelRequest) -> Reply | None:
    """Return an issue for each sentence with a figure and no source."""
    if "Audit a financial report" not in seen.instructions:
        return None
    lines = [
        line for line in _FIGURE_LINE.findall(seen.user_text) if not line.startswith("Question:")
    ]
    sentences = [
        sentence
        for line in lines
        if "](http" not in line
        for sentence in re.split(r"(?<=[.!?])\s+", line)
        if re.search(r"\d", sentence)
    ]
    issues = [f'This figure has no source: "{sentence}"' for sentence in sentences]
    return obj({"verified": not issues, "issues": issues})


RULES = [plan, search, analysis, report, verdict]
