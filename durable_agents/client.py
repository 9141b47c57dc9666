"""The Temporal client that workers and starters share: settings, plugins, and lost connections."""

from durable_agents.handles import is_transient
from durable_agents.plugin import durability_plugin

import asyncio
import os
import re
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from functools import cache
from typing import Any, overload
from urllib.parse import urlsplit

from agents import set_trace_processors
from pydantic import AnyHttpUrl
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import (
    Client,
    FetchWorkflowHistoryEventsInput,
    Interceptor,
    OutboundInterceptor,
    WorkflowHistoryEventAsyncIterator,
)
from temporalio.common import RetryPolicy
from temporalio.converter import DataConverter
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.openai_agents import ModelActivityParameters, OpenAIAgentsPlugin
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.service import RPCError, RPCStatusCode

CONNECT_TIMEOUT = 10.0  # seconds
RESTART_TIMEOUT = 60.0  # seconds
POLL_INTERVAL = 0.5  # seconds


class SettingsError(Exception):
    """A setting is invalid. The message names it and never repeats a secret."""


def model_call_defaults() -> ModelActivityParameters:
    """Return the timeouts and the retry policy of model calls. Only Temporal retries them.

    A call may take 10 minutes, since reasoning models are slow. Its worker heartbeats, so a call
    lost in a crash is rescheduled after 10 s. There is no `schedule_to_close_timeout`: it would
    also count the time in which no worker is up.
    """
    return ModelActivityParameters(
        start_to_close_timeout=timedelta(minutes=10),
        heartbeat_timeout=timedelta(seconds=10),
        retry_policy=RetryPolicy(
            initial_interval=timedelta(seconds=1),
            backoff_coefficient=2,
            maximum_interval=timedelta(seconds=60),
            maximum_attempts=12,
            # A request that the Agents SDK cannot send; a payload that the server rejects.
            non_retryable_error_types=["UserError", "PayloadsTooLarge"],
        ),
    )


@overload
async def connect(
    *,
    data_converter: DataConverter | None = None,
    interceptors: Sequence[Interceptor] = (),
    runtime: Runtime | None = None,
    **plugin_options: Any,
) -> Client: ...


@overload  # for a dictionary with only plugin options: `connect(**PLUGIN_OPTIONS)`
async def connect(**plugin_options: Any) -> Client: ...


async def connect(
    *,
    data_converter: DataConverter | None = None,
    interceptors: Sequence[Interceptor] = (),
    runtime: Runtime | None = None,
    **plugin_options: Any,
) -> Client:
    """Connect to Temporal with the agents plugin and the durability plugin.

    `temporalio.envconfig` reads the address, namespace, API key, TLS settings, and profiles
    (`TEMPORAL_ADDRESS`, …); the default is `localhost:7233`. While no server answers, connecting is
    retried for 10 seconds, or for `TEMPORAL_CONNECT_TIMEOUT` seconds. Waiting for a workflow's
    result survives a server restart of up to a minute.

    Args:
        data_converter: Pass only a codec and a failure converter, as in
            `DataConverter(payload_codec=...)`: the agents plugin sets its own payload converter.
        interceptors: More interceptors for the client and its workers.
        runtime: Receives the SDK's metrics and logs.
        plugin_options: Arguments of `OpenAIAgentsPlugin`. `model_params` defaults to
            `model_call_defaults()`.

    Raises:
        ConnectionError: No server answers; names the address.
        SettingsError: A setting of Temporal or of the model is invalid; names it.
    """
    settings, timeout = connect_settings(), connect_timeout()
    base_url = check_model_settings()
    if base_url and not is_openai(base_url):
        set_trace_processors([])  # the default one sends traces to OpenAI, whatever the model is
    if runtime is None:
        _silence_retries()
    plugin = OpenAIAgentsPlugin(**{"model_params": model_call_defaults(), **plugin_options})
    return await connect_within(
        timeout,
        **settings,
        data_converter=data_converter or DataConverter.default,
        runtime=runtime,
        interceptors=[*interceptors, ResultPolling()],
        plugins=[plugin, durability_plugin()],
    )


@cache
def _silence_retries() -> None:
    """Suppress the SDK core's warning for each retry while a server is unavailable."""
    levels = TelemetryFilter(core_level="WARN", other_level="ERROR").formatted()
    logging = LoggingConfig(filter=f"{levels},temporalio_client::retry=ERROR")
    with suppress(RuntimeError):  # the process has a default runtime already
        Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=logging)))


async def connect_within(seconds: float, *, target_host: str, **options: Any) -> Client:
    """Connect to a server; retry for `seconds` while it does not answer.

    Raises:
        ConnectionError: It did not answer in time.
        SettingsError: A setting is invalid, or the server rejected the credentials or namespace.
    """
    deadline, waiting = time.monotonic() + seconds, False
    while True:
        try:
            client = await Client.connect(target_host, **options)
            await _check_namespace(client, target_host)
            return client
        except ValueError as error:  # half a certificate, an invalid address
            raise SettingsError(f"Temporal's settings: {error}") from error
        except RuntimeError as error:  # the SDK raises nothing narrower
            message = re.search(r'(?:message|error): "((?:[^"\\]|\\.)+)"', str(error))
            reason = message[1] if message else str(error)
            if re.search(r"code: (PermissionDenied|Unauthenticated)", str(error)):
                raise SettingsError(f"Temporal at {target_host} refused: {reason}") from error
            if time.monotonic() >= deadline:
                raise ConnectionError(f"No Temporal server at {target_host} ({reason})") from error
        if not waiting:
            waiting = True
            line = f"Waiting up to {seconds:g} s for a Temporal server at {target_host} ({reason})"
            print(line, file=sys.stderr, flush=True)
        await asyncio.sleep(POLL_INTERVAL)


async def _check_namespace(client: Client, target_host: str) -> None:
    request = DescribeNamespaceRequest(namespace=client.namespace)
    try:
        await client.workflow_service.describe_namespace(request)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            problem = f"Temporal at {target_host} has no namespace {client.namespace!r}."
            raise SettingsError(f"{problem} Set TEMPORAL_NAMESPACE.") from error


def connect_settings() -> ClientConnectConfig:
    """Return the arguments of `Client.connect` that the environment and profiles set."""
    try:
        settings = ClientConfig.load_client_connect_config()
    except OSError as error:
        raise SettingsError(f"Temporal's settings: {error.strerror}: {error.filename}") from error
    except (RuntimeError, TypeError, ValueError) as error:  # malformed TOML, an unknown profile
        raise SettingsError(f"Temporal's settings: {error}") from error
    settings.setdefault("target_host", "localhost:7233")
    return settings


def connect_timeout() -> float:
    """Return `TEMPORAL_CONNECT_TIMEOUT`, in seconds."""
    text = os.environ.get("TEMPORAL_CONNECT_TIMEOUT") or str(CONNECT_TIMEOUT)
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= 3600:
        raise SettingsError(f"TEMPORAL_CONNECT_TIMEOUT is {text!r}; give 0 to 3600 seconds.")
    return seconds


def check_model_settings() -> str:
    """Return `OPENAI_BASE_URL`, or an empty string; check that keys can be sent as headers."""
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        if not _is_printable(os.environ.get(name, "")):
            raise SettingsError(
                f"{name} contains a space, a line break, or a character that is not ASCII. "
                "Set it to the value alone."
            )
    url = os.environ.get("OPENAI_BASE_URL", "")
    try:
        is_valid = not url or (AnyHttpUrl(url) and "://" in url and _is_printable(url))
    except ValueError:
        is_valid = False
    if not is_valid:
        raise SettingsError(
            "OPENAI_BASE_URL is not an HTTP address; give one such as https://api.openai.com/v1."
        )
    return url


def is_openai(url: str) -> bool:
    """Return whether an address is OpenAI's own."""
    return f".{urlsplit(url).hostname}".endswith(".openai.com")


def _is_printable(text: str) -> bool:
    return all("!" <= character <= "~" for character in text)


class ResultPolling(Interceptor):
    """Keeps waiting for a workflow's result while the server restarts; the SDK waits for 6 s."""

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: D102
        return _ResultPollingOutbound(next)


class _ResultPollingOutbound(OutboundInterceptor):
    def fetch_workflow_history_events(
        self, input: FetchWorkflowHistoryEventsInput
    ) -> WorkflowHistoryEventAsyncIterator:
        events = super().fetch_workflow_history_events(input)
        if not input.wait_new_event or input.rpc_timeout:
            return events
        fetch = events.fetch_next_page

        async def fetch_next_page(*, page_size: int | None = None) -> None:
            deadline = None
            while True:
                try:
                    return await fetch(page_size=page_size)
                except RPCError as error:
                    deadline = deadline or time.monotonic() + RESTART_TIMEOUT
                    if time.monotonic() > deadline or not is_transient(error):
                        raise
                await asyncio.sleep(POLL_INTERVAL)

        events.fetch_next_page = fetch_next_page  # type: ignore[method-assign]
        return events
