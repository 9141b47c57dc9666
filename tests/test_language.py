"""Texts and names: the field's words, the names of the style sheet, nothing about a machine."""

import ast
import re
from pathlib import Path

import pytest

from sample_cli.catalog import ROOT
from tests.harness.source import CODE, functions, module_name, modules, text_files, tree
from tests.harness.starters import TOPICS

WORDS = re.compile(
    r"\b(t[o]ld|m[e]nd(s|ed)?|for e[v]er|beg[u]n|who[e]ver|nobody[']s|goes o[n]|all e[l]se)\b",
    re.IGNORECASE,
)  # the brackets keep this line from matching itself
MAX_LINES_WITH_WORDS = 20  # such as quoted prompts

# Names that the style sheet replaced, by the folder in which they were. "" is any folder.
MODULES = {
    "durable_agents": {"entry", "safety"},
    "customer_service": {"rules", "specialists", "messaging"},
    "goal_agent": {"talk", "steps", "turns", "view", "playing"},
    "offline_model": {"body", "hosted", "seen"},
    "research_bot": {"causes"},
    "sample_cli": {"play", "runner", "report"},
    "workflow_activities": {"watching"},
}
NAMES = {
    "": {"FastWorker", "LastingScratchpad", "OneModel", "Voice", "_surely", "_told", "hardest"},
    "customer_service": {"Doing", "answer_to", "check_place", "latest"},
    "goal_agent": {"Conversations", "Steps", "Turns", "_in_time", "as_seen", "check_step", "play"},
    "mcp_servers": {"_give_up", "tell_the_model", "variable"},
    "offline_model": {"Passage", "Seen", "Use"},
    "research_bot": {"cause_of", "news", "picture", "showing", "up_to_its_end"},
    "sample_cli": {"Play", "played", "prepared", "settled", "told", "while_alive"},
    "tests": {"Halt"},
    "workflow_activities": {"carry_out", "conclude", "note"},
}
CONSTANTS = re.compile(
    r"(LONGEST|MOST)_.*|BEAT|FINAL|HOPELESS|LOOK_AGAIN|LOOK_EVERY|NO_NEWS|PASSING|PATIENCE|THEIRS"
    r"|WORKER_PRINTS"
)

MACHINE = {
    "a home folder": re.compile(r"/(?:home/(?!user\b)|Users/|root/)\w"),
    "the path of this repository": re.compile(re.escape(str(ROOT)) + r"\b"),
    "a registry's address": re.compile(r"https?://\S*(?:/simple\b|artifactory|index-url)"),
}


def test_words_to_avoid_are_rare() -> None:
    lines = [
        f"{name}: {line.strip()}"
        for name, text in text_files()
        for line in text.splitlines()
        if WORDS.search(line)
    ]
    assert len(lines) <= MAX_LINES_WITH_WORDS, "\n".join(lines)


@pytest.mark.parametrize("folder", CODE)
def test_replaced_module_names_are_gone(folder: str) -> None:
    replaced = MODULES.get(folder, set())
    assert not {module_name(file) for file in modules(folder) if file.stem in replaced}


def names(file: Path) -> set[str]:
    """Return the names of a module's classes, functions, methods, and constants."""
    found = {function.name for function in functions(file)}
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found |= {node.id} if CONSTANTS.fullmatch(node.id) else set()
    return found


@pytest.mark.parametrize("folder", CODE)
def test_replaced_names_are_gone(folder: str) -> None:
    replaced = NAMES[""] | NAMES.get(folder, set())
    for file in modules(folder):
        left = {name for name in names(file) if name in replaced or CONSTANTS.fullmatch(name)}
        assert not left, file


@pytest.mark.parametrize("topic", TOPICS)
def test_readme_of_a_topic_ends_with_see_also_and_next(topic: str) -> None:
    text = (ROOT / topic / "README.md").read_text(encoding="utf-8")
    labels = re.findall(r"(?:^|^#+ |\*\*)(See also|Next)\b", text, re.MULTILINE)
    assert labels[-2:] == ["See also", "Next"]
    assert not re.search(r"^#+ (?!Next)", text[text.rindex("See also") :], re.MULTILINE)


def test_tracked_files_contain_nothing_about_a_machine() -> None:
    for name, text in text_files():
        for what, pattern in MACHINE.items():
            found = pattern.search(text)
            assert not found, f"{name}: {what}: {found[0]}"
