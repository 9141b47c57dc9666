"""The Temporal client that workers and starters share: settings, plugins, and lost connections."""

from durable_agents.environment import check_model_settings, connect_settings, connect_timeout
from durable_agents.errors import SettingsError
from durable_agents.handles import ResultPolling
from durable_agents.model_calls import OpenAIModels
from durable_agents.plugin import DurabilityPlugin
from durable_agents.telemetry import default_interceptors, default_runtime

import asyncio
import re
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from agents import set_trace_processors
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, Interceptor, Plugin
from temporalio.common import RetryPolicy
from temporalio.converter import DataConverter
from temporalio.openai_agents import ModelActivityParameters, OpenAIAgentsPlugin
from temporalio.runtime import Runtime
from temporalio.service import RPCError, RPCStatusCode

POLL_INTERVAL = 0.5  # seconds


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
            maximum_interval=timedelta(seconds=60),
            maximum_attempts=12,
            # A request that the Agents SDK cannot send; a payload that the server rejects.
            non_retryable_error_types=["UserError", "PayloadsTooLarge"],
        ),
    )


async def connect(
    *,
    data_converter: DataConverter = DataConverter.default,
    interceptors: Sequence[Interceptor] = (),
    runtime: Runtime | None = None,
    plugins: Sequence[Plugin] = (),
    **options: Any,
) -> Client:
    """Connect to Temporal with the agents plugin and the durability plugin.

    `temporalio.envconfig` reads the address, namespace, API key, TLS settings, and profiles
    (`TEMPORAL_ADDRESS`, …); the default is `localhost:7233`. While no server answers, connecting is
    retried for 10 seconds, or for `TEMPORAL_CONNECT_TIMEOUT` seconds. Waiting for a workflow's
    result survives a server restart of up to a minute. Payloads are encrypted if `ENCRYPTION_KEYS`
    is set (`encryption.py`).

    Args:
        data_converter: Pass only a codec and a failure converter, as in
            `DataConverter(payload_codec=...)`: the agents plugin sets its own payload converter.
        interceptors: More interceptors for the client and its workers.
        runtime: Receives the SDK's metrics and logs. By default, metrics are served to Prometheus
            if `METRICS_ADDRESS` is set (`telemetry.py`).
        plugins: More plugins for the client and its workers, applied after both.
        options: Arguments of `OpenAIAgentsPlugin`. `model_params` must include a timeout, and
            defaults to `model_call_defaults()`; `model_provider` defaults to `OpenAIModels()`.

    Raises:
        ConnectionError: No server answers; names the address.
        SettingsError: A setting of Temporal or of the model is invalid; names it.
    """
    settings, timeout = connect_settings(), connect_timeout()
    if not check_model_settings():
        set_trace_processors([])  # the default one sends traces to OpenAI, whatever the model is
    if runtime is None:
        runtime, interceptors = default_runtime(), default_interceptors(interceptors)
    models = OpenAIModels()
    defaults = {"model_params": model_call_defaults(), "model_provider": models}
    agents = OpenAIAgentsPlugin(**{**defaults, **options})
    own = [] if "model_provider" in options else [models]
    return await connect_within(
        timeout,
        **settings,
        data_converter=data_converter,
        runtime=runtime,
        interceptors=[*interceptors, ResultPolling()],
        plugins=[agents, DurabilityPlugin(), *own, *plugins],
    )


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
            request = DescribeNamespaceRequest(namespace=client.namespace)
            await client.workflow_service.describe_namespace(request)
            return client
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:  # the first real request reports it
                return client
            problem = f"Temporal at {target_host} has no namespace {client.namespace!r}."
            raise SettingsError(f"{problem} Set TEMPORAL_NAMESPACE.") from error
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
