"""Runs the agents on one message at a time. A turn is kept as a whole, or not at all."""

import asyncio
from typing import cast

from agents import (
    HandoffOutputItem,
    ItemHelpers,
    MessageOutputItem,
    RunItem,
    Runner,
    ToolCallItem,
    TResponseInputItem,
)
from temporalio import workflow

from customer_service.specialists import build_agents

with workflow.unsafe.imports_passed_through():
    from customer_service.conversation import Conversation
    from customer_service.errors import TurnFailed, TurnStopped
    from customer_service.status import StatusHooks


class TurnRunner:
    """Runs the turns of a conversation.

    Attributes:
        hooks: What the agents are doing.
        count: How many turns have started.
    """

    def __init__(self, conversation: Conversation) -> None:
        """Run the turns of `conversation`."""
        self.hooks = StatusHooks()
        self.count = 0
        self._conversation = conversation
        self._task: asyncio.Task[list[str]] | None = None

    async def run(self, text: str) -> list[str]:
        """Answer a message; return the lines that the turn adds to the history.

        Raises:
            TurnFailed: There is no answer. The history is as before.
            TurnStopped: `stop` was called. The history is as before.
        """
        async with self._conversation.turn:
            self.count += 1
            self._task = asyncio.create_task(self._answer(text))
            try:
                return await self._task
            except workflow.NondeterminismError:
                raise
            except (Exception, asyncio.CancelledError) as error:
                if self.hooks.stopped:
                    raise TurnStopped from None
                if isinstance(error, asyncio.CancelledError):  # the worker evicts this run
                    raise
                raise TurnFailed from error
            finally:
                self.hooks.clear()

    def stop(self) -> bool:
        """Cancel the turn in flight; return whether there was one."""
        if not self._task or self._task.done():
            return False
        self.hooks.stopped = True
        return self._task.cancel()

    async def _answer(self, text: str) -> list[str]:
        """Run the agents on copies of the state; keep what they did once they have finished."""
        conversation, agents = self._conversation, build_agents()
        state = conversation.state
        agent = agents.get(state.agent) or next(iter(agents.values()))
        context = state.context.model_copy()
        items = [*state.items, {"role": "user", "content": text}]
        said = cast("list[TResponseInputItem]", items)
        try:
            result = await Runner.run(agent, said, context=context, hooks=self.hooks)
        finally:
            conversation.keep_escalation(context)
        return conversation.add_turn(
            [f"User: {text}", *lines_of(result.new_items)], result, context
        )


def lines_of(items: list[RunItem]) -> list[str]:
    """Return what a person is shown of a turn: messages, tools, and handoffs."""
    lines = []
    for item in items:
        match item:
            case MessageOutputItem():
                lines.append(f"{item.agent.name}: {ItemHelpers.text_message_output(item)}")
            case ToolCallItem():
                lines.append(f"({item.agent.name} uses {item.tool_name})")
            case HandoffOutputItem():
                lines.append(f"({item.source_agent.name} hands over to {item.target_agent.name})")
            case _:
                pass
    return lines
