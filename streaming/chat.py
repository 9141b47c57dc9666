"""A chat in its current run: answers messages one at a time, and waits for the end."""

from durable_agents import RUN_ERRORS, require_text, root_cause
from durable_agents.deadlines import IdleTimer
from durable_agents.messages import model_input_of

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import cast

from agents import Runner, RunResult, TResponseInputItem
from temporalio import workflow

from streaming.answer_stream import AnswerStream
from streaming.errors import ChatBusy, ChatEnded, TurnFailed
from streaming.models import MAX_MESSAGE_LENGTH, ChatState, StreamPage, Transcript, Turn
from streaming.storyteller import build_agent

IDLE_TIMEOUT = timedelta(hours=1)
MAX_PENDING = 5
"""Messages, including the one being answered. The server allows ten updates in flight."""
MAX_REASON_LENGTH = 1_000  # characters


class Chat:
    """A chat in its current run.

    Attributes:
        state: Passed to the next run. Replaced as a whole, so a failed turn leaves it as it was.
        stream: The events that readers fetch.
        ending: Whether new messages are rejected.
    """

    def __init__(self, state: ChatState) -> None:
        # Set explicitly: payloads leave out unset fields, and the stream changes in place.
        self.state = state.model_copy(update={"stream": state.stream})
        self.stream = AnswerStream(state.stream)
        self.ending = False
        self._turn = asyncio.Lock()
        self._running: asyncio.Task[RunResult] | None = None
        self._asked = 0  # in this run
        self._idle_timer = IdleTimer()

    def check(self, text: str, id: str) -> None:
        """Raise unless the chat can answer a message, or has answered it already."""
        require_text(text, "text", max_length=MAX_MESSAGE_LENGTH)
        if self.state.find_answer(id) is not None:
            return
        if self.ending:
            raise ChatEnded
        # A full run continues as new once no message is pending, so no more may queue up.
        if self._idle_timer.in_flight >= (1 if self._is_full() else MAX_PENDING):
            raise ChatBusy(self._idle_timer.in_flight)

    async def answer(self, text: str, id: str) -> str:
        """Answer a message, after those before it; raise `TurnFailed` or `ChatEnded`."""
        with self._idle_timer.busy():
            async with self._turn:
                known = self.state.find_answer(id)
                return await self._run_turn(text, id) if known is None else known

    def read(self, offset: int) -> StreamPage:
        """Return the events from `offset` on."""
        page = self.stream.read(offset, self.state.turns)
        page.ended = self.ending and not self._idle_timer.in_flight
        return page

    async def wait_for_end(self) -> None:
        """Return once the chat should continue as new and no message is pending, or is ending.

        Ends the chat if no message has been pending for `IDLE_TIMEOUT`.
        """
        if not await self._idle_timer.wait(lambda: self.ending or self._is_drained(), IDLE_TIMEOUT):
            self.ending = True

    async def close(self) -> Transcript:
        """Stop the turn in flight, reject pending messages, and return the transcript."""
        self.ending = True
        while self._idle_timer.in_flight:
            if self._running:
                self._running.cancel()
            with suppress(TimeoutError):  # a call that completes just now swallows a cancellation
                await workflow.wait_condition(lambda: not self._idle_timer.in_flight, timeout=1)
        return Transcript(turns=self.state.turns)

    def _is_full(self) -> bool:
        full = self._asked >= self.state.turns_per_run
        return full or workflow.info().is_continue_as_new_suggested()

    def _is_drained(self) -> bool:
        return self._is_full() and workflow.all_handlers_finished()

    async def _run_turn(self, text: str, id: str) -> str:
        if self.ending:
            raise ChatEnded
        self._asked += 1
        self.state.started += 1
        number = self.state.started
        self.stream.start(number, text, id)
        try:
            result = await self._run_agent(text)
            answer = result.final_output_as(str)
            turn = Turn(number=number, id=id, question=text, answer=answer)
            self.state = self.state.with_turn(turn, model_input_of(result))
        except (*RUN_ERRORS, asyncio.CancelledError) as error:
            if self.ending:
                self.stream.fail("the chat ended")
                raise ChatEnded from None
            if isinstance(error, asyncio.CancelledError):  # the worker evicts this run
                raise
            reason = str(root_cause(error))[:MAX_REASON_LENGTH]
            self.stream.fail(reason)
            raise TurnFailed(reason) from error
        self.stream.finish(answer)
        return answer

    async def _run_agent(self, text: str) -> RunResult:
        prompt = [*self.state.items, {"role": "user", "content": text}]
        agent, items = build_agent(), cast("list[TResponseInputItem]", prompt)
        self._running = asyncio.create_task(Runner.run(agent, items))
        return await self._running
