"""The loop of a conversation: answers prompts until it ends, or continues as new."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from goal_agent.turns import FAILED, IDLE_AFTER, Turns, stop_if_cancelled

with workflow.unsafe.imports_passed_through():
    from goal_agent.activities.settings import look_up_settings
    from goal_agent.sizes import MAX_RUN_BYTES
    from goal_agent.steps import Steps
    from goal_agent.talk import Talk


class Loop:
    """Answers prompts; cancels what is in flight when the conversation ends."""

    def __init__(self, talk: Talk, steps: Steps) -> None:
        self._talk, self._steps = talk, steps

    async def run(self) -> bool:
        """Answer prompts; return whether to continue in a new run."""
        talking = asyncio.create_task(self._talk_until_done())
        try:
            await workflow.wait_condition(lambda: talking.done() or self._talk.ending)
        except asyncio.CancelledError:  # not `finally`: a run that is evicted must not await
            await _stopped(talking)
            raise
        continues = talking.done() and talking.result() and not self._talk.ending
        await _stopped(talking)
        return continues

    def close(self) -> None:
        """Report what was in flight as unknown, and unanswered prompts as such."""
        self._steps.cancel_waiting()
        self._steps.give_up_running()
        self._talk.close()

    async def _talk_until_done(self) -> bool:
        settings = await workflow.execute_activity(
            look_up_settings,
            self._talk.goal,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=RetryPolicy(maximum_attempts=3),
        )
        stop_if_cancelled()
        turns = Turns(self._talk, self._steps, settings)
        if self._talk.is_new:
            self._talk.say("agent", settings.goal.starter)
        while await self._has_prompt():
            done = await turns.take_next()
            if done and not self._talk.queue:
                return False
            suggested = workflow.info().is_continue_as_new_suggested()
            if suggested or self._talk.has_added(settings.max_messages, MAX_RUN_BYTES):
                self._talk.summary = await turns.summary() or self._talk.summary
                return True
        return False

    async def _has_prompt(self) -> bool:
        """Wait for the next prompt; end the conversation on idle timeout or on request."""
        self._talk.busy = False
        try:
            await workflow.wait_condition(lambda: self._talk.has_news, timeout=IDLE_AFTER)
        except TimeoutError:
            self._talk.ending = True
        self._talk.busy = True
        return not self._talk.ending


async def _stopped(talking: asyncio.Task[bool]) -> None:
    """Cancel a task, and the model calls and tools that it has in flight; wait until it is done."""
    talking.cancel()
    with suppress(asyncio.CancelledError, *FAILED):
        await talking
