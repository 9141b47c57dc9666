"""Scripted answers for budgets/."""

import re

from offline_model.model_reply import Reply, call, obj, say
from offline_model.model_request import ModelRequest

# Questions about any subject with their answers; the last two are deep.
ANSWERS = {
    "What does it cost?": "Most of the money is spent in the first third of the project.",
    "Who uses it?": "About one in five residents does, once a week or more.",
    "How long does it take?": "Six years pass from the first sketch to the first day.",
    "What are the alternatives?": "There are cheaper ones, with fewer benefits.",
    "What are the risks?": "Late changes of the design are the largest risk.",
    "What do similar projects show?": "Of 40 similar projects, 31 reached their goals.",
}
DEEP = 2


def plan_questions(request: ModelRequest) -> Reply | None:
    """Split the query into questions."""
    if "Split the query into" not in request.instructions:
        return None
    deep = [*ANSWERS][-DEEP:]
    return obj({"questions": [{"text": text, "is_deep": text in deep} for text in ANSWERS]})


def answer_question(request: ModelRequest) -> Reply | None:
    """Answer a question."""
    if "Answer the question in two or three sentences" not in request.instructions:
        return None
    return say(_answer(request))


def answer_deep_question(request: ModelRequest) -> Reply | None:
    """Draft an answer, have it checked, and give it."""
    if "check_facts" not in request.tools:
        return None
    if request.can_call("check_facts"):
        return call("check_facts", input=_answer(request))
    return say(f"{_answer(request)} A second agent checked this.")


def check_facts(request: ModelRequest) -> Reply | None:
    """Confirm a statement."""
    if "Say in one sentence whether the statement is right" not in request.instructions:
        return None
    return say("The statement is right: two independent sources agree.")


def write_report(request: ModelRequest) -> Reply | None:
    """Write the report from the findings."""
    if "Write a report of a few paragraphs" not in request.instructions:
        return None
    query = re.search(r"Query: (.+)", request.user_text)
    findings = re.findall(r"^## .+\n(.+)", request.user_text, re.MULTILINE)
    return say("\n".join([query[1] if query else "Findings", *findings]))


def _answer(request: ModelRequest) -> str:
    return ANSWERS.get(request.user_text, "Sources differ, and few give figures.")


RULES = [plan_questions, answer_question, answer_deep_question, check_facts, write_report]
