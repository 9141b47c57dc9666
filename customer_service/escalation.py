"""Escalation: a tool that calls a person, and a search attribute that finds the conversation."""

from collections.abc import Callable
from datetime import timedelta

from agents import RunContextWrapper
from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributeKey
from temporalio.exceptions import ActivityError, is_cancelled_exception

from customer_service import SEARCH_ATTRIBUTE
from customer_service.activities.escalation import is_registered, send_notification
from customer_service.models import AirlineContext

NEEDS_PERSON = SearchAttributeKey.for_bool(SEARCH_ATTRIBUTE.partition("=")[0])
ATTEMPTS = RetryPolicy(maximum_attempts=3)


async def escalate_to_human(passenger: RunContextWrapper[AirlineContext], reason: str) -> str:
    """Ask a person of the airline to take over.

    Args:
        passenger: The shared context; not shown to the model.
        reason: What the customer needs, in one sentence.
    """
    context, conversation = passenger.context, workflow.info().workflow_id
    context.escalated = True
    if context.notified:
        return "A person has already been notified."
    try:
        await workflow.execute_activity(
            send_notification,
            args=[conversation, f"{conversation} needs a person: {reason}"],
            start_to_close_timeout=timedelta(seconds=30),
            heartbeat_timeout=timedelta(seconds=10),  # a crashed worker is noticed early
            retry_policy=ATTEMPTS,
        )
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        return "The conversation is marked for a person, but the notification failed."
    context.notified = True
    return "A person has been notified and will join this conversation."


async def mark(is_escalated: Callable[[], bool]) -> None:
    """Set the search attribute to the latest value, if the server has it registered."""
    try:
        registered = await workflow.execute_activity(
            is_registered,
            NEEDS_PERSON.name,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=ATTEMPTS,
        )
    except ActivityError:
        registered = False
    if registered:
        workflow.upsert_search_attributes([NEEDS_PERSON.value_set(is_escalated())])
    else:
        workflow.logger.warning("Search attribute %s is not registered", NEEDS_PERSON.name)


def is_marked() -> bool:
    """Return whether an earlier run has set the search attribute."""
    return workflow.info().typed_search_attributes.get(NEEDS_PERSON) or False
