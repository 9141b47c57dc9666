"""Every rule of answers fires when the samples of its topic run."""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest

from offline_model import engine
from offline_model.answers import Rule, load_rules
from offline_model.model_reply import Reply
from offline_model.model_request import ModelRequest
from offline_model.server import OfflineModel
from sample_cli.session import model_environment
from tests.harness.starters import EXAMPLE_MESSAGES, TOPICS, run_samples, samples_of

# Arguments of starters for rules that the examples of the end-to-end tests do not fire.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "basic/dynamic_system_prompt": {"style": "pirate"},  # random by default
    "customer_service/customer_service": {
        "message": [
            "How many bags may I bring?",
            "Please change my seat to 12A. My confirmation number is ABC123.",
            "I would like to talk to a human.",
        ],
        "end": True,
    },
}

# Settings that make rules fire: goal_agent summarizes a conversation that reaches this limit.
SETTINGS = {"goal_agent": ("goal_agent.activities.settings.MAX_MESSAGES", 4)}


class Firings:
    """The rules, and the names of those that have answered a request."""

    def __init__(self) -> None:
        self.rules = [self._watched(rule) for rule in load_rules()]
        self.names: set[str] = set()

    def _watched(self, rule: Rule) -> Rule:
        def watched(request: ModelRequest) -> Reply | None:
            reply = rule(request)
            if reply is not None:
                self.names.add(name_of(rule))
            return reply

        return watched


def answers_of(topic: str) -> str:
    """Return the name of the module with the answers for a topic; some topics share one."""
    return f"offline_model.answers.{topic}"


def name_of(rule: Rule) -> str:
    """Return `topic.rule`."""
    return f"{rule.__module__.rpartition('.')[2]}.{rule.__name__}"


@pytest.fixture
def firings(monkeypatch: pytest.MonkeyPatch) -> Iterator[Firings]:
    firings = Firings()
    monkeypatch.setattr(engine, "load_rules", lambda: firings.rules)
    for sample, arguments in ARGUMENTS.items():
        monkeypatch.setitem(EXAMPLE_MESSAGES, sample, arguments)
    with OfflineModel() as model:
        for name, value in model_environment(model.base_url).items():
            monkeypatch.setenv(name, value)
        yield firings


@pytest.mark.exhaustive
@pytest.mark.parametrize("topic", [name for name in TOPICS if find_spec(answers_of(name))])
async def test_every_rule_fires_when_its_topic_runs(
    topic: str, firings: Firings, monkeypatch: pytest.MonkeyPatch
) -> None:
    if topic in SETTINGS:
        monkeypatch.setattr(*SETTINGS[topic])
    outcome = await run_samples(topic, samples_of(topic))
    outcome.assert_completed()
    rules = import_module(answers_of(topic)).RULES

    assert {name_of(rule) for rule in rules} - firings.names == set()
