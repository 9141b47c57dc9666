"""Pauses a turn where it can continue in another workflow run."""

from typing import Any

from agents import Agent, RunContextWrapper, RunHooks, TResponseInputItem
from temporalio import workflow

MAX_EVENTS = 150
"""Events of one run. Low, so that a short demonstration continues as new; the server suggests that
at 4,096 events or 4 MB, which is also checked. Too low a limit makes each run one call long."""


class TurnPaused(Exception):
    """The turn is before a model call: every tool call has its result, and no call is pending.

    It is not a failure: catch it in `run`, since it would fail the workflow task there.
    """

    def __init__(self, agent: str, items: list[TResponseInputItem], tokens: int) -> None:
        super().__init__(f"{agent} is paused")
        self.agent, self.items, self.tokens = agent, items, tokens


class PauseWhenLong(RunHooks[Any]):
    """Raises TurnPaused before a model call if the run's history is long: `Runner.run(hooks=)`.

    Nested agents do not get these hooks, so they always finish first.

    Attributes:
        turns: Model calls so far, which the next run's `max_turns` must not allow again.
    """

    def __init__(self) -> None:
        self.turns = 0

    async def on_llm_start(
        self,
        context: RunContextWrapper[Any],
        agent: Agent[Any],
        system_prompt: str | None,
        input_items: list[TResponseInputItem],
    ) -> None:
        """Pause, unless this run has made no progress yet."""
        info = workflow.info()
        is_long = info.get_current_history_length() >= MAX_EVENTS
        if self.turns and (is_long or info.is_continue_as_new_suggested()):
            raise TurnPaused(agent.name, list(input_items), context.usage.total_tokens)
        self.turns += 1
