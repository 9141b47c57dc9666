"""Run hooks that record how a turn's history grows."""

from typing import Any

from agents import Agent, RunContextWrapper, RunHooks, TResponseInputItem
from temporalio import workflow


class HistoryMeter(RunHooks[None]):
    """Records the size of the history before each model call."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    async def on_llm_start(
        self,
        context: RunContextWrapper[None],
        agent: Agent[Any],
        system_prompt: str | None,
        input_items: list[TResponseInputItem],
    ) -> None:
        """Record the size, as of the current workflow task."""
        self.sizes.append(workflow.info().get_current_history_size())
