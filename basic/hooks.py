"""Hooks: what happens inside a run, of a whole run or of one agent.

Hooks run in the workflow, so they run again on every replay. `workflow.logger` stays silent then,
where `print` would repeat itself; the lists here are rebuilt to exactly what they were.
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
    """Notes the events of a run, with the tokens used until then."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def note(self, event: str, context: RunContextWrapper[None]) -> None:
        """Add an event."""
        self.events.append(f"{event} [{context.usage.total_tokens} tokens]")
        workflow.logger.info("%s", self.events[-1])

    @override
    async def on_agent_start(self, context: AgentHookContext[None], agent: Agent[None]) -> None:
        self.note(f"{agent.name} starts", context)

    @override
    async def on_llm_start(
        self,
        context: RunContextWrapper[None],
        agent: Agent[None],
        system_prompt: str | None,
        input_items: list[TResponseInputItem],
    ) -> None:
        self.note(f"{agent.name} asks the model", context)

    @override
    async def on_llm_end(
        self, context: RunContextWrapper[None], agent: Agent[None], response: ModelResponse
    ) -> None:
        self.note(f"{agent.name} has the model's answer", context)

    @override
    async def on_tool_start(
        self, context: RunContextWrapper[None], agent: Agent[None], tool: Tool
    ) -> None:
        self.note(f"{agent.name} calls {tool.name}", context)

    @override
    async def on_tool_end(
        self, context: RunContextWrapper[None], agent: Agent[None], tool: Tool, result: object
    ) -> None:
        self.note(f"{tool.name} returns {result}", context)

    @override
    async def on_handoff(
        self, context: RunContextWrapper[None], from_agent: Agent[None], to_agent: Agent[None]
    ) -> None:
        self.note(f"{from_agent.name} hands off to {to_agent.name}", context)

    @override
    async def on_agent_end(
        self, context: AgentHookContext[None], agent: Agent[None], output: object
    ) -> None:
        self.note(f"{agent.name} ends with {output}", context)


class AgentLog(AgentHooks[None]):
    """Numbers the events of the agent that it is set on; the other agents stay unheard."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def note(self, event: str) -> None:
        """Add an event under the next number."""
        self.events.append(f"{len(self.events) + 1}. {event}")
        workflow.logger.info("%s", self.events[-1])

    @override
    async def on_start(self, context: AgentHookContext[None], agent: Agent[None]) -> None:
        self.note(f"{agent.name} starts")

    @override
    async def on_tool_start(
        self, context: RunContextWrapper[None], agent: Agent[None], tool: Tool
    ) -> None:
        self.note(f"{agent.name} calls {tool.name}")

    @override
    async def on_tool_end(
        self, context: RunContextWrapper[None], agent: Agent[None], tool: Tool, result: object
    ) -> None:
        self.note(f"{tool.name} returns {result}")

    @override
    async def on_end(
        self, context: AgentHookContext[None], agent: Agent[None], output: object
    ) -> None:
        self.note(f"{agent.name} ends with {output}")
