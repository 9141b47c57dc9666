"""The main loop: answers prompts until the conversation ends or continues as new."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from goal_agent.conversation.turn import (
    IDLE_TIMEOUT,
    TURN_ERRORS,
    TurnRunner,
    stop_if_cancelling,
)

with workflow.unsafe.imports_passed_through():
    from goal_agent.activities.settings import look_up_settings
    from goal_agent.conversation.tool_call import PendingToolCall
    from goal_agent.conversation.transcript import Transcript
    from goal_agent.limits import MAX_RUN_BYTES


async def run_turns(transcript: Transcript, tool_call: PendingToolCall) -> bool:
    """Answer prompts; return whether to continue as new.

    When the conversation ends, model calls and tools in flight are cancelled.
    """
    task = asyncio.create_task(_answer_prompts(transcript, tool_call))
    try:
        await workflow.wait_condition(lambda: task.done() or transcript.ending)
    except asyncio.CancelledError:  # not `finally`: an evicted run must not await
        await _cancel(task)
        raise
    continues = task.done() and task.result() and not transcript.ending
    await _cancel(task)
    return continues


async def _answer_prompts(transcript: Transcript, tool_call: PendingToolCall) -> bool:
    settings = await workflow.execute_activity(
        look_up_settings,
        transcript.goal,
        start_to_close_timeout=timedelta(seconds=10),
        retry_policy=RetryPolicy(maximum_attempts=3),
    )
    stop_if_cancelling()
    runner = TurnRunner(transcript, tool_call, settings)
    if transcript.is_new:
        transcript.add("agent", settings.goal.starter)
    while await _wait_for_prompt(transcript):
        goal_reached = await runner.run_next()
        if goal_reached and not transcript.queue:
            return False
        suggested = workflow.info().is_continue_as_new_suggested()
        if suggested or transcript.has_added(settings.max_messages, MAX_RUN_BYTES):
            transcript.summary = await runner.summarize() or transcript.summary
            return True
    return False


async def _wait_for_prompt(transcript: Transcript) -> bool:
    """Wait for the next prompt; end the conversation on idle timeout or on request."""
    transcript.busy = False
    try:
        await workflow.wait_condition(
            lambda: bool(transcript.queue) or transcript.ending, timeout=IDLE_TIMEOUT
        )
    except TimeoutError:
        transcript.ending = True
    transcript.busy = True
    return not transcript.ending


async def _cancel(task: asyncio.Task[bool]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, *TURN_ERRORS):
        await task
