"""Sets the search attribute by which conversations that need a person are listed."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributeKey
from temporalio.exceptions import ActivityError

from customer_service import SEARCH_ATTRIBUTE
from customer_service.activities.escalation import is_registered

NEEDS_PERSON = SearchAttributeKey.for_bool(SEARCH_ATTRIBUTE.partition("=")[0])


class NeedsPersonMark:
    """The search attribute of this conversation, as far as the server has it registered."""

    def __init__(self) -> None:
        self._value = workflow.info().typed_search_attributes.get(NEEDS_PERSON) or False
        self._setting: asyncio.Task[None] | None = None

    def update(self, value: bool) -> None:
        """Set the attribute in the background, if its value changes."""
        if value != self._value:
            self._value = value
            self._setting = asyncio.create_task(self._set())

    async def _set(self) -> None:
        try:
            registered = await workflow.execute_activity(
                is_registered,
                NEEDS_PERSON.name,
                start_to_close_timeout=timedelta(seconds=10),
                retry_policy=RetryPolicy(maximum_attempts=3),
            )
        except ActivityError:
            registered = False
        if registered:  # the value may have changed meanwhile: set the latest
            workflow.upsert_search_attributes([NEEDS_PERSON.value_set(self._value)])
        else:
            workflow.logger.warning("Search attribute %s is not registered", NEEDS_PERSON.name)
