"""The scratchpad as an agent sees it: the workflow keeps the notes, whatever becomes of a session.

A session is the memory of a process. When it dies, its notes are lost, and what it was asked last
may or may not have been done. So nothing more is asked of it: a new one is given all notes that
are known to be written, and then the call whose answer is missing.
"""

from durable_agents import root_cause

import asyncio
import json
from contextlib import AsyncExitStack

from agents import FunctionTool
from agents.mcp import MCPServer
from agents.tool_context import ToolContext
from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception
from temporalio.openai_agents.workflow import stateful_mcp_server

with workflow.unsafe.imports_passed_through():
    from mcp.types import CallToolResult, Tool

    from mcp_servers.calls import SESSION, SESSION_CALLS, text_of_result

MOST_SESSIONS = 5
RESTORE = "restore_notes"  # ours: the agent is not shown it


class LastingScratchpad:
    """Sessions of the scratchpad, one after the other, which look like one.

    Attributes:
        notes: What is known to be written.
        sessions: How many there have been.
    """

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.sessions = 0
        self._session: MCPServer | None = None
        self._closing = AsyncExitStack()
        self._one_at_a_time = asyncio.Lock()  # the model may ask for several calls at once

    async def tools(self) -> list[FunctionTool]:
        """Return the server's tools for an agent.

        `Agent(mcp_servers=...)` takes a session as it is, but nothing that stands before one.

        Raises:
            ApplicationError: `SessionLost`, too many sessions have died.
        """
        while True:
            try:
                listed = await (await self._open()).list_tools()
            except FailureError as error:
                await self._give_up(error)
                continue
            return [self._tool(tool) for tool in listed if tool.name != RESTORE]

    async def call(self, name: str, arguments: dict[str, object]) -> CallToolResult:
        """Call a tool, in a new session if need be.

        Raises:
            ApplicationError: `SessionLost`, too many sessions have died.
        """
        async with self._one_at_a_time:
            while True:
                try:
                    result = await (await self._open()).call_tool(name, arguments)
                except FailureError as error:
                    await self._give_up(error)
                    continue
                if name == "add_note" and not result.is_error:
                    self.notes.append(str(arguments.get("text")))
                return result

    async def close(self) -> None:
        """End the session. One that has failed has ended already."""
        self._session, closing = None, self._closing
        self._closing = AsyncExitStack()
        try:
            await closing.aclose()
        except FailureError as error:
            if is_cancelled_exception(error):
                raise

    def _tool(self, tool: Tool) -> FunctionTool:
        async def invoke(context: ToolContext[object], arguments: str) -> str:
            try:
                given = json.loads(arguments or "{}")
            except (ValueError, RecursionError):
                given = None
            if not isinstance(given, dict):
                return f"{tool.name} was not called: its arguments must be a JSON object"
            return text_of_result(await self.call(tool.name, given))

        return FunctionTool(
            name=tool.name,
            description=tool.description or "",
            params_json_schema=tool.input_schema,
            on_invoke_tool=invoke,
            strict_json_schema=False,
        )

    async def _open(self) -> MCPServer:
        """Return the session, or a new one that has been given the notes."""
        if self._session is None:
            self.sessions += 1
            # Copies: the session writes its queue into what it is given.
            opening = stateful_mcp_server("scratchpad", SESSION_CALLS.copy(), SESSION.copy())
            session = await self._closing.enter_async_context(opening)
            if self.notes:
                await session.call_tool(RESTORE, {"texts": self.notes})
            self._session = session
        return self._session

    async def _give_up(self, error: FailureError) -> None:
        """End the session after a failed call. A cancellation is not one, and is passed on."""
        if is_cancelled_exception(error):
            raise error
        cause = root_cause(error)
        workflow.logger.warning("Session %s has died: %s", self.sessions, cause)
        await self.close()
        if self.sessions >= MOST_SESSIONS:
            raise ApplicationError(
                f"{self.sessions} sessions have died, the last one of {cause}", type="SessionLost"
            ) from None
