"""A durable chat that streams its answers to any number of readers, with a small history.

The agent runs with plain `Runner.run`. The worker publishes its text as signals (publisher.py), and
readers fetch it with a query, which leaves no event.
"""

from durable_agents.messages import update_id

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from streaming.chat import Chat
    from streaming.models import ChatState, StreamPage, TextChunk, Transcript


@workflow.defn
class StreamingChatWorkflow:
    """Answers messages one at a time until someone ends the chat or it is idle too long."""

    @workflow.init
    def __init__(self, state: ChatState | None = None) -> None:
        """Restore the state: messages may arrive before `run` starts."""
        self._chat = Chat(state or ChatState())

    @workflow.run
    async def run(self, state: ChatState | None = None) -> Transcript:
        """Return the transcript; `state` comes from the run that this one continues, if any."""
        try:
            await self._chat.wait_for_end()
            if not self._chat.ending:
                workflow.continue_as_new(self._chat.state)  # no await before this
        except asyncio.CancelledError:
            await self._close()
            raise
        return await self._close()

    async def _close(self) -> Transcript:
        transcript = await self._chat.close()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return transcript

    @workflow.update
    async def ask(self, text: str) -> str:
        """Answer a message. A resend under the same update id returns the same answer.

        Raises:
            TurnFailed: There is no answer. The chat is as before.
            ChatEnded: The chat ended before the message was answered.
        """
        return await self._chat.answer(text, update_id())

    @ask.validator
    def _check_message(self, text: str) -> None:
        self._chat.check(text, update_id())

    @workflow.update
    async def end(self) -> Transcript:
        """Stop the turn in flight, and end the chat."""
        return await self._chat.close()

    @workflow.signal
    def publish(self, chunk: TextChunk) -> None:
        """Add text of the turn in flight; the worker sends it while the model writes."""
        self._chat.stream.add_text(chunk)

    @workflow.query
    def read(self, offset: int) -> StreamPage:
        """Return the events from `offset` on; -1 returns everything that is kept."""
        return self._chat.read(offset)
