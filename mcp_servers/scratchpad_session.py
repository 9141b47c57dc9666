"""A scratchpad whose sessions may crash: the workflow keeps the notes and restores them.

A session lives in the memory of a process. If the process crashes, its notes are lost, and the
outcome of its last call is unknown. So a failed session is never called again: a new one receives
all notes whose write was confirmed, and then the call that was not answered.
"""

from durable_agents import root_cause

import asyncio
import json
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from agents import FunctionTool
from agents.mcp import MCPServer
from agents.tool_context import ToolContext
from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception
from temporalio.openai_agents.workflow import stateful_mcp_server

with workflow.unsafe.imports_passed_through():
    from mcp.types import CallToolResult, Tool

    from mcp_servers.calls import SESSION_CALL_OPTIONS, SESSION_OPTIONS, result_text

MAX_SESSIONS = 5
RESTORE = "restore_notes"  # called by this module; not offered to the agent


class RecoverableScratchpad:
    """Presents successive scratchpad sessions as one. Use with `async with`.

    Attributes:
        notes: The notes whose write was confirmed.
        sessions: The number of sessions so far.
    """

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.sessions = 0
        self._session: MCPServer | None = None
        self._stack = AsyncExitStack()
        self._lock = asyncio.Lock()  # the model may request several calls at once

    async def __aenter__(self) -> Self:
        """Return the scratchpad. The first call opens a session."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the session, unless the worker is only dropping the workflow from memory.

        Python closes the coroutines of an evicted workflow with GeneratorExit, which forbids any
        further `await`. The workflow still runs on the server, and so must its session.
        """
        if exc_type is not GeneratorExit:
            await self.close()

    async def tools(self) -> list[FunctionTool]:
        """Return the server's tools for an agent.

        `Agent(mcp_servers=...)` accepts a session, but not an object that replaces sessions.

        Raises:
            ApplicationError: `SessionLost`: `MAX_SESSIONS` sessions failed.
        """
        while True:
            try:
                listed = await (await self._open()).list_tools()
            except FailureError as error:
                await self._discard_session(error)
                continue
            return [self._tool(tool) for tool in listed if tool.name != RESTORE]

    async def call(self, name: str, arguments: dict[str, object]) -> CallToolResult:
        """Call a tool; if the session fails, call it again in a new one.

        Raises:
            ApplicationError: `SessionLost`: `MAX_SESSIONS` sessions failed.
        """
        async with self._lock:
            while True:
                try:
                    result = await (await self._open()).call_tool(name, arguments)
                except FailureError as error:
                    await self._discard_session(error)
                    continue
                if name == "add_note" and not result.is_error:
                    self.notes.append(str(arguments.get("text")))
                return result

    async def close(self) -> None:
        """End the session. A session that has failed has already ended."""
        self._session, stack = None, self._stack
        self._stack = AsyncExitStack()
        try:
            await stack.aclose()
        except FailureError as error:
            if is_cancelled_exception(error):
                raise

    def _tool(self, tool: Tool) -> FunctionTool:
        async def invoke(context: ToolContext[object], arguments: str) -> str:
            try:
                parsed = json.loads(arguments or "{}")
            except (ValueError, RecursionError):
                parsed = None
            if not isinstance(parsed, dict):
                return f"{tool.name} was not called: its arguments must be a JSON object"
            return result_text(await self.call(tool.name, parsed))

        return FunctionTool(
            name=tool.name,
            description=tool.description or "",
            params_json_schema=tool.input_schema,
            on_invoke_tool=invoke,
            strict_json_schema=False,
        )

    async def _open(self) -> MCPServer:
        if self._session is None:
            self.sessions += 1
            # Copies: the plugin sets the session's task queue in them.
            opening = stateful_mcp_server(
                "scratchpad", SESSION_CALL_OPTIONS.copy(), SESSION_OPTIONS.copy()
            )
            session = await self._stack.enter_async_context(opening)
            if self.notes:
                await session.call_tool(RESTORE, {"texts": self.notes})
            self._session = session
        return self._session

    async def _discard_session(self, error: FailureError) -> None:
        """End the session after a failed call; re-raise a cancellation."""
        if is_cancelled_exception(error):
            raise error
        cause = root_cause(error)
        workflow.logger.warning("Session %s failed: %s", self.sessions, cause)
        await self.close()
        if self.sessions >= MAX_SESSIONS:
            raise ApplicationError(
                f"{self.sessions} sessions failed; the last error: {cause}", type="SessionLost"
            ) from None
