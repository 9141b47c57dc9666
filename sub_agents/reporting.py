"""Reports a sub-agent's steps to the workflow that started it."""

from collections.abc import Callable
from typing import Any, TypeVar

from agents import Agent, RunContextWrapper, RunHooks, Tool, TResponseInputItem
from temporalio import workflow
from temporalio.exceptions import FailureError

from sub_agents.children import raise_if_cancelled, shorten
from sub_agents.models import MAX_STEPS, StepReport

W = TypeVar("W")


class StepReports(RunHooks[Any]):
    """Signals each model call and tool call to the parent: `Runner.run(hooks=)`.

    A report adds two events to this history and one to the parent's, and workflow tasks to both, so
    there are at most `MAX_STEPS`. Without a parent, or after it has closed, there are none.

    Args:
        signal: The signal of the parent's workflow.
    """

    def __init__(self, signal: Callable[[W, StepReport], None]) -> None:
        self._signal, self._sent = signal, 0
        parent = workflow.info().parent
        self._parent_id = parent.workflow_id if parent else None

    async def on_llm_start(
        self,
        context: RunContextWrapper[Any],
        agent: Agent[Any],
        system_prompt: str | None,
        input_items: list[TResponseInputItem],
    ) -> None:
        """Report a model call."""
        await self._report("model call")

    async def on_tool_start(
        self, context: RunContextWrapper[Any], agent: Agent[Any], tool: Tool
    ) -> None:
        """Report a tool call."""
        await self._report(tool.name)

    async def _report(self, step: str) -> None:
        if self._parent_id is None or self._sent == MAX_STEPS:
            return
        self._sent += 1
        parent = workflow.get_external_workflow_handle(self._parent_id)
        report = StepReport(agent_id=workflow.info().workflow_id, step=shorten(step, 100))
        try:
            await parent.signal(self._signal, report)
        except FailureError:  # it has closed
            raise_if_cancelled()
            self._parent_id = None
