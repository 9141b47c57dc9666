"""Marks a conversation that needs a person, so that it can be found."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributeKey
from temporalio.exceptions import ActivityError

from customer_service import SEARCH_ATTRIBUTE

with workflow.unsafe.imports_passed_through():
    from customer_service.activities.search import is_registered

NEEDS_PERSON = SearchAttributeKey.for_bool(SEARCH_ATTRIBUTE.partition("=")[0])


class Mark:
    """The search attribute of this run's conversation; an earlier run's value is kept."""

    def __init__(self) -> None:
        """Read what is set."""
        self._value = workflow.info().typed_search_attributes.get(NEEDS_PERSON) or False
        self._setting: asyncio.Task[None] | None = None

    def update(self, value: bool) -> None:
        """Set the attribute if its value changes and the server knows it; does not wait for it."""
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
        if registered:  # the latest value: another one may have been set meanwhile
            workflow.upsert_search_attributes([NEEDS_PERSON.value_set(self._value)])
        else:
            workflow.logger.warning("Search attribute %s is not registered", NEEDS_PERSON.name)
