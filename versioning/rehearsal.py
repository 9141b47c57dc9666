"""The steps of a rehearsed deployment, which shows each answer and the build that gave it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta

from temporalio.common import AutoUpgradeVersioningOverride, VersioningOverride
from temporalio.service import RPCError

from versioning.chat import Chat
from versioning.deployment import Deployment
from versioning.rollout import wait_until_drained, wake_chats
from versioning.worker_processes import WorkerProcesses

PLACE = "I have a shady balcony."
QUESTION = "What can I grow there?"
DRAIN_LIMIT = timedelta(minutes=10)  # a server with default settings checks every few minutes

StartChat = Callable[[VersioningOverride | None], Awaitable[str]]


class Rehearsal:
    """Deploys builds of the chat, and shows what happens to open chats.

    Args:
        deployment: The deployment. Its worker of v2 runs already, or starts.
        workers: The workers of the other builds.
        start_chat: Starts a chat, with an override of its versioning behavior; returns its id.
    """

    def __init__(
        self, deployment: Deployment, workers: WorkerProcesses, start_chat: StartChat
    ) -> None:
        self._deployment, self._workers, self._start_chat = deployment, workers, start_chat

    async def play(self, *, all_steps: bool) -> None:
        """Play all steps, or those with pinned chats; leave v2 current."""
        await self._deployment.wait_for_worker("v2")
        try:
            await self._play_pinned_chats()
            if all_steps:
                await self._play_auto_upgraded_chat()
        finally:
            await self._deployment.set_current("v2")  # the other workers stop

    async def _play_pinned_chats(self) -> None:
        """Open chats on v1, deploy v2, wake the idle chat, and stop the worker of v1."""
        await self._workers.start("v1")
        async with AsyncExitStack() as stack:
            await self._deploy("v1", "1. v1 is current: new chats start on it.")
            chats = [await stack.enter_async_context(self._open_chat()) for _ in range(3)]
            for chat in chats:
                await chat.ask(PLACE)
            await self._deploy("v2", "2. v2 is current: chats move to it with their next message.")
            for chat in chats[:2]:
                await chat.ask(QUESTION)
            newest = await stack.enter_async_context(self._open_chat())
            await newest.ask(PLACE)
            print("3. The idle chat is woken, so it moves as well.", flush=True)
            await wake_chats(self._deployment, "v1")
            print("   Waiting until the server reports that v1 has drained ...", flush=True)
            await wait_until_drained(self._deployment, "v1", DRAIN_LIMIT)
            await self._workers.stop("v1")
            print("   v1 has drained, and its worker is stopped.", flush=True)
            await chats[-1].ask(QUESTION)

    async def _play_auto_upgraded_chat(self) -> None:
        """Move a chat onto code that cannot replay it; recover it by a rollback, and by a patch."""
        await self._workers.start("v1", "v2-patched")
        await self._deploy("v1", "4. v1 is current again. A chat is not pinned: it auto-upgrades.")
        async with self._open_chat(AutoUpgradeVersioningOverride()) as chat:
            await chat.ask(PLACE)
            await self._deploy("v2", "5. v2 is current. It cannot replay the chat, which is stuck:")
            asking = asyncio.create_task(chat.ask(QUESTION))
            print(f"   {await chat.failure()}", flush=True)
            await self._deploy("v1", "6. Rolled back to v1, which answers the pending message.")
            await asking
            await self._deploy("v2-patched", "7. v2-patched is current. It replays the old turns.")
            await chat.ask(QUESTION)

    async def _deploy(self, build: str, note: str) -> None:
        await self._deployment.set_current(build)
        print(note, flush=True)

    @asynccontextmanager
    async def _open_chat(self, override: VersioningOverride | None = None) -> AsyncIterator[Chat]:
        """Start a chat; end it after the block, or terminate it if the block fails."""
        chat = Chat(self._deployment, await self._start_chat(override))
        try:
            yield chat
            await chat.end()
        except BaseException:
            with suppress(RPCError):  # it has closed
                await chat.terminate()
            raise
