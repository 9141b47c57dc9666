"""The Temporal client that workers and starters share."""

from durable_agents.connection import ResultPolling, connect_within
from durable_agents.plugin import durability_plugin
from durable_agents.settings import (
    check_model_settings,
    connect_settings,
    connect_timeout,
    is_openai,
)

import atexit
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, overload

from agents import set_trace_processors
from temporalio.client import Client, Interceptor
from temporalio.common import RetryPolicy
from temporalio.converter import DataConverter
from temporalio.openai_agents import ModelActivityParameters, OpenAIAgentsPlugin
from temporalio.runtime import Runtime

# A script that ends right after a client call may crash: a thread of the SDK is still returning
# while the interpreter shuts down (temporalio/sdk-python issue 300). This gives it the time.
atexit.register(time.sleep, 0.05)


def model_call_defaults() -> ModelActivityParameters:
    """Return the timeouts and retries of model calls. Temporal alone retries them.

    A call may take 10 minutes, as long as a reasoning model may think. Its worker heartbeats every
    second, so a call that is lost with its worker is rescheduled after 10 s. There is no
    `schedule_to_close_timeout`: it would count the time that no worker is up, and a run outlives
    that.
    """
    return ModelActivityParameters(
        start_to_close_timeout=timedelta(minutes=10),
        heartbeat_timeout=timedelta(seconds=10),
        retry_policy=RetryPolicy(
            initial_interval=timedelta(seconds=1),
            backoff_coefficient=2,
            maximum_interval=timedelta(seconds=60),
            maximum_attempts=12,
            # A request that the Agents SDK cannot even make; a payload that the server rejects.
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


@overload  # a dict with only options of the plugin, as in `connect(**PLUGIN_OPTIONS)`
async def connect(**plugin_options: Any) -> Client: ...


async def connect(
    *,
    data_converter: DataConverter | None = None,
    interceptors: Sequence[Interceptor] = (),
    runtime: Runtime | None = None,
    **plugin_options: Any,
) -> Client:
    """Connect to Temporal with the agents plugin and the durability plugin.

    `temporalio.envconfig` reads the address: `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`,
    `TEMPORAL_API_KEY`, TLS, and profiles; `localhost:7233` when nothing is set. A server that does
    not answer is retried for 10 seconds, or as many as `TEMPORAL_CONNECT_TIMEOUT` says. Waiting
    for a workflow's result survives a server restart of up to a minute.

    Args:
        data_converter: Pass only a codec and a failure converter, as in
            `DataConverter(payload_codec=...)`: the agents plugin sets its own payload converter.
        interceptors: Further interceptors of the client, and of its workers.
        runtime: Where the SDK's metrics and logs go.
        plugin_options: Arguments of `OpenAIAgentsPlugin`. `model_params` defaults to
            `model_call_defaults()`.

    Raises:
        ConnectionError: No server answers; names the address.
        SettingsError: A setting of Temporal or of the model is invalid; names it.
    """
    settings, timeout = connect_settings(), connect_timeout()
    base_url = check_model_settings()
    if base_url and not is_openai(base_url):
        set_trace_processors([])  # the default one sends traces to OpenAI, whoever the model is
    plugin = OpenAIAgentsPlugin(**{"model_params": model_call_defaults(), **plugin_options})
    options: dict[str, Any] = {"data_converter": data_converter, "runtime": runtime}
    return await connect_within(
        timeout,
        **settings,
        **{name: value for name, value in options.items() if value is not None},
        interceptors=[*interceptors, ResultPolling()],
        plugins=[plugin, durability_plugin()],
    )
