"""Runs the steps that follow a turn, each kind with its own timeout and retry policy."""

from temporalio import workflow
from temporalio.exceptions import FailureError

with workflow.unsafe.imports_passed_through():
    from workflow_activities.activities.database import DatabaseActivities
    from workflow_activities.activities.notifications import send_notification
    from workflow_activities.limits import (
        NOTIFICATION_RETRIES,
        NOTIFICATION_TIMEOUT,
        RECORD_RETRIES,
        RECORD_TIMEOUT,
    )
    from workflow_activities.models import Event, Failure, Report, Step, Turn

CHANNEL = "all"  # every service in the worker's NOTIFY_URLS; its log by default


async def run_step(task_id: str, step: Step) -> Event:
    """Run a step until it succeeds or its retries are exhausted; return the outcome."""
    try:
        outcome, detail = "done", await _execute(task_id, step)
    except FailureError as error:
        outcome, detail = "failed", Failure.of(error).message
    workflow.logger.info("%s %s: %s, %s", step.kind, step.number, outcome, detail)
    return Event(kind=step.kind, number=step.number, outcome=outcome, detail=detail)


async def report_on(task_id: str) -> Report:
    """Return the database's counts for the conversation."""
    return await workflow.execute_activity_method(
        DatabaseActivities.generate_report,
        task_id,
        start_to_close_timeout=RECORD_TIMEOUT,
        retry_policy=RECORD_RETRIES,
    )


async def _execute(task_id: str, step: Step) -> str:
    if step.kind == "save":
        return await workflow.execute_activity_method(
            DatabaseActivities.save_to_database,
            args=[task_id, step.turns[0]],
            start_to_close_timeout=RECORD_TIMEOUT,
            retry_policy=RECORD_RETRIES,
        )
    if step.kind == "batch":
        return await workflow.execute_activity_method(
            DatabaseActivities.process_batch,
            args=[task_id, step.turns, step.number],
            start_to_close_timeout=RECORD_TIMEOUT,
            retry_policy=RECORD_RETRIES,
        )
    return await workflow.execute_activity(
        send_notification,
        args=[task_id, _summary(step.turns[0]), CHANNEL],
        start_to_close_timeout=NOTIFICATION_TIMEOUT,
        retry_policy=NOTIFICATION_RETRIES,
    )


def _summary(turn: Turn) -> str:
    if turn.error is not None:
        return f"Turn {turn.number} failed: {turn.error}"
    return f"Turn {turn.number} was answered: {turn.reply}"
