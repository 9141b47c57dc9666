"""The Temporal client that workers and starters share."""

import atexit
import os
import re
import time
from datetime import timedelta
from typing import Any

from agents import set_trace_processors
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.envconfig import ClientConfig
from temporalio.openai_agents import ModelActivityParameters, OpenAIAgentsPlugin

from durable_agents.plugin import durability_plugin

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


async def connect(**plugin_options: Any) -> Client:
    """Connect to Temporal with the agents plugin and the safety plugin.

    Where to is read by `temporalio.envconfig`: `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`,
    `TEMPORAL_API_KEY`, TLS, and profiles; `localhost:7233` when nothing is set.

    Args:
        plugin_options: Arguments of `OpenAIAgentsPlugin`. `model_params` defaults to
            `model_call_defaults()`.

    Raises:
        ConnectionError: No server answers; names the address.
    """
    settings = ClientConfig.load_client_connect_config()
    address = settings.setdefault("target_host", "localhost:7233")
    if "OPENAI_BASE_URL" in os.environ:
        set_trace_processors([])  # the default one sends traces to OpenAI, whoever the model is
    plugin = OpenAIAgentsPlugin(**{"model_params": model_call_defaults(), **plugin_options})
    try:
        return await Client.connect(**settings, plugins=[plugin, durability_plugin()])
    except RuntimeError as error:  # the SDK raises nothing narrower
        reason = re.search(r'message: "([^"]+)"', str(error))
        detail = reason[1] if reason else str(error)
        raise ConnectionError(f"No Temporal server at {address} ({detail})") from error
