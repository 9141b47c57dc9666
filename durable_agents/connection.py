"""Keeps a client through a server's restart: retries connecting, and polling for a result."""

from durable_agents.handles import is_transient
from durable_agents.settings import SettingsError

import asyncio
import re
import sys
import time
from typing import Any

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import (
    Client,
    FetchWorkflowHistoryEventsInput,
    Interceptor,
    OutboundInterceptor,
    WorkflowHistoryEventAsyncIterator,
)
from temporalio.service import RPCError, RPCStatusCode

POLL_INTERVAL = 0.5  # seconds
RESTART_TIMEOUT = 60.0  # seconds
REFUSED = frozenset({"PermissionDenied", "Unauthenticated"})


async def connect_within(seconds: float, *, target_host: str, **options: Any) -> Client:
    """Connect to a server, retrying for so many seconds while it does not answer.

    Raises:
        ConnectionError: It did not answer in time.
        SettingsError: It refused the credentials, has no such namespace, or a setting is invalid.
    """
    deadline, waiting = time.monotonic() + seconds, False
    while True:
        try:
            client = await Client.connect(target_host, **options)
            await _check_namespace(client, target_host)
            return client
        except ValueError as error:  # half a certificate, an address that is not one
            raise SettingsError(f"Temporal's settings: {error}") from error
        except RuntimeError as error:  # the SDK raises nothing narrower
            code, reason = status_of(error)
            if code in REFUSED:
                raise SettingsError(f"Temporal at {target_host} refused: {reason}") from error
            if time.monotonic() >= deadline:
                raise ConnectionError(f"No Temporal server at {target_host} ({reason})") from error
        if not waiting:
            waiting = True
            line = f"Waiting up to {seconds:g} s for a Temporal server at {target_host} ({reason})"
            print(line, file=sys.stderr, flush=True)
        await asyncio.sleep(POLL_INTERVAL)


async def _check_namespace(client: Client, target_host: str) -> None:
    """Raise SettingsError if there is no such namespace; a worker would say it on a page."""
    request = DescribeNamespaceRequest(namespace=client.namespace)
    try:
        await client.workflow_service.describe_namespace(request)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            text = f"Temporal at {target_host} has no namespace {client.namespace!r}."
            raise SettingsError(text) from error


def status_of(error: RuntimeError) -> tuple[str, str]:
    """Return the gRPC status and the message in an error of the SDK's core."""
    code = re.search(r"code: (\w+)", str(error))
    message = re.search(r'(?:message|error): "((?:[^"\\]|\\.)+)"', str(error))
    return code[1] if code else "", message[1] if message else str(error)


class ResultPolling(Interceptor):
    """Continues to wait for a workflow's result while the server restarts.

    The SDK alone gives up after about six seconds, although the workflow runs on.
    """

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        """Wrap how the client polls for the end of a workflow."""
        return _Outbound(next)


class _Outbound(OutboundInterceptor):
    def fetch_workflow_history_events(
        self, input: FetchWorkflowHistoryEventsInput
    ) -> WorkflowHistoryEventAsyncIterator:
        events = super().fetch_workflow_history_events(input)
        if not input.wait_new_event or input.rpc_timeout:
            return events
        fetch = events.fetch_next_page

        async def fetch_next_page(*, page_size: int | None = None) -> None:
            down_since = 0.0
            while True:
                try:
                    return await fetch(page_size=page_size)
                except RPCError as error:
                    down_since = down_since or time.monotonic()
                    for_good = time.monotonic() - down_since > RESTART_TIMEOUT
                    if for_good or not is_transient(error):
                        raise
                await asyncio.sleep(POLL_INTERVAL)

        events.fetch_next_page = fetch_next_page  # type: ignore[method-assign]
        return events
