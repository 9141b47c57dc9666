"""Hooks that log the events of a whole run, or of one agent.

Hooks run in the workflow, so they run again on replay. `workflow.logger` is silent during replay,
while `print` would repeat its output. The lists of events are rebuilt identically.
"""

from agents import (
    Agent,
    AgentHookContext,
    AgentHooks,
    ModelResponse,
    RunContextWrapper,
    RunHooks,
    Tool,
    TResponseInputItem,
)
from temporalio import workflow
from typing_extensions import override


class RunLog(RunHooks[None]):
    """Logs the events of a run, each with the tokens used so far."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def record(self, event: str, context: RunContextWrapper[None]) -> None:
        """Append an event, with the tokens used so far, and log it."""
        self.events.append(f"{event} [{context.usage.total_tokens} tokens]")
        workflow.logger.info("%s", self.events[-1])

    @override
    async def on_agent_start(self, context: AgentHookContext[None], agent: Agent[None]) -> None:
        self.record(f"{agent.name} starts", context)

    @override
    async def on_llm_start(
        self,
        context: RunContextWrapper[None],
        agent: Agent[None],
        system_prompt: str | None,
        input_items: list[TResponseInputItem],
    ) -> None:
        self.record(f"{agent.name} calls the model", context)

    @override
    async def on_llm_end(
        self, context: RunContextWrapper[None], agent: Agent[None], response: ModelResponse
    ) -> None:
        self.record(f"{agent.name} receives the model's answer", context)

    @override
    async def on_tool_start(
        self, context: RunContextWrapper[None], agent: Agent[None], tool: Tool
    ) -> None:
        self.record(f"{agent.name} calls {tool.name}", context)

    @override
    async def on_tool_end(
        self, context: RunContextWrapper[None], agent: Agent[None], tool: Tool, result: object
    ) -> None:
        self.record(f"{tool.name} returns {result}", context)

    @override
    async def on_handoff(
        self, context: RunContextWrapper[None], from_agent: Agent[None], to_agent: Agent[None]
    ) -> None:
        self.record(f"{from_agent.name} hands off to {to_agent.name}", context)

    @override
    async def on_agent_end(
        self, context: AgentHookContext[None], agent: Agent[None], output: object
    ) -> None:
        self.record(f"{agent.name} finishes with {output}", context)


class AgentLog(AgentHooks[None]):
    """Logs the numbered events of the one agent that it is attached to."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def record(self, event: str) -> None:
        """Append an event with the next number, and log it."""
        self.events.append(f"{len(self.events) + 1}. {event}")
        workflow.logger.info("%s", self.events[-1])

    @override
    async def on_start(self, context: AgentHookContext[None], agent: Agent[None]) -> None:
        self.record(f"{agent.name} starts")

    @override
    async def on_tool_start(
        self, context: RunContextWrapper[None], agent: Agent[None], tool: Tool
    ) -> None:
        self.record(f"{agent.name} calls {tool.name}")

    @override
    async def on_tool_end(
        self, context: RunContextWrapper[None], agent: Agent[None], tool: Tool, result: object
    ) -> None:
        self.record(f"{tool.name} returns {result}")

    @override
    async def on_end(
        self, context: AgentHookContext[None], agent: Agent[None], output: object
    ) -> None:
        self.record(f"{agent.name} finishes with {output}")
