"""The fast profile: which calls are local, with which options, and what is recorded."""

from durable_agents.fast import MAX_CALLS, MAX_TIMEOUT, _WorkflowOutbound
from durable_agents.payloads import is_sent

import asyncio
from dataclasses import fields
from datetime import timedelta
from typing import Any, cast

import pytest
from temporalio.worker import (
    StartActivityInput,
    StartLocalActivityInput,
    WorkflowOutboundInterceptor,
)

SHORT, LONG = timedelta(seconds=1), MAX_TIMEOUT + timedelta(seconds=1)


class Call(asyncio.Future[None]):
    """A call in flight."""

    def __init__(self, *, is_local: bool) -> None:
        super().__init__()
        self.is_local = is_local

    def _resolve_failure(self, error: BaseException) -> None:
        self.set_exception(error)


class Starter(WorkflowOutboundInterceptor):
    """Starts calls without a workflow."""

    def __init__(self) -> None:
        """Have no next interceptor."""

    def start_activity(self, input: StartActivityInput) -> Any:
        return Call(is_local=False)

    def start_local_activity(self, input: StartLocalActivityInput) -> Any:
        self.local = input
        assert not is_sent.get()
        return Call(is_local=True)


class Calls:
    """The calls of a run with the fast profile."""

    def __init__(self) -> None:
        self.starter = Starter()
        self._outbound = _WorkflowOutbound(self.starter)

    def start(self, **options: Any) -> Call:
        """Start a call, with a short timeout unless `options` have one."""
        unset = dict.fromkeys(field.name for field in fields(StartActivityInput))
        given = options or {"start_to_close_timeout": SHORT}
        input = StartActivityInput(**{**unset, "activity": "call", **given})
        return cast("Call", self._outbound.start_activity(input))


@pytest.mark.parametrize(
    ("timeouts", "is_local"),
    [
        ({"schedule_to_close_timeout": SHORT}, True),
        ({"schedule_to_close_timeout": LONG}, False),
        ({"start_to_close_timeout": SHORT, "schedule_to_close_timeout": LONG}, True),
        ({"start_to_close_timeout": LONG, "schedule_to_close_timeout": SHORT}, False),
    ],
)
async def test_timeout_of_an_attempt_decides(
    timeouts: dict[str, timedelta], is_local: bool
) -> None:
    assert Calls().start(**timeouts).is_local is is_local


async def test_options_of_a_call_are_kept() -> None:
    names = {field.name for field in fields(StartLocalActivityInput)} - {"local_retry_threshold"}
    options = {name: object() for name in names if not name.endswith("timeout")}
    calls = Calls()
    calls.start(start_to_close_timeout=SHORT, **options)
    assert options.items() <= vars(calls.starter.local).items()


async def test_later_payloads_count_as_sent() -> None:
    Calls().start()
    assert is_sent.get()


@pytest.mark.parametrize("outcome", [None, asyncio.CancelledError(), RuntimeError("lost")])
async def test_results_are_recorded_with_an_activity_that_starts_after_them_and_completes(
    outcome: BaseException | None,
) -> None:
    calls = Calls()
    local = [calls.start() for _ in range(MAX_CALLS)]
    early = calls.start()
    for call in local:
        call.set_result(None)
    await asyncio.sleep(0)  # its callbacks run
    late = calls.start()
    assert [each.is_local for each in (*local, early, late)] == [True] * MAX_CALLS + [False] * 2
    early.set_result(None)  # it may have been sent before the results
    await asyncio.sleep(0)
    assert not calls.start().is_local
    if outcome is None:
        late.set_result(None)
    elif isinstance(outcome, asyncio.CancelledError):
        late.cancel()
    else:
        late.set_exception(outcome)  # such as a cancellation before it was sent
    await asyncio.sleep(0)
    assert calls.start().is_local is (outcome is None)
