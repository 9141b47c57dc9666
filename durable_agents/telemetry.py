"""The runtime of a process: quiet, and with metrics for Prometheus at `METRICS_ADDRESS`."""

from durable_agents.environment import listen_address
from durable_agents.errors import SettingsError
from durable_agents.model_metrics import BUCKETS, SECONDS, ModelCallMetrics, prometheus_name

import os
from collections.abc import Sequence
from functools import cache

from temporalio.client import Interceptor
from temporalio.runtime import (
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

METRICS_ADDRESS = "METRICS_ADDRESS"

_BUCKETS = {
    **{prometheus_name(name): buckets for name, buckets in BUCKETS.items()},
    "temporal_activity_execution_latency": SECONDS,
    "temporal_activity_succeed_endtoend_latency": SECONDS,
}


@cache
def default_runtime() -> Runtime:
    """Return the runtime of this process, which serves metrics if `METRICS_ADDRESS` is set.

    It does not warn of each retry while a server is unavailable. Durations are in seconds, names
    end in their unit, and those of counters in `_total`.

    Raises:
        SettingsError: `METRICS_ADDRESS` is malformed, or cannot be used.
    """
    levels = TelemetryFilter(core_level="WARN", other_level="ERROR").formatted()
    logs = LoggingConfig(filter=f"{levels},temporalio_client::retry=ERROR")
    if (address := listen_address(METRICS_ADDRESS)) is None:
        return Runtime(telemetry=TelemetryConfig(logging=logs))
    host, port = address
    metrics = PrometheusConfig(
        bind_address=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        counters_total_suffix=True,
        unit_suffix=True,
        durations_as_seconds=True,
        histogram_bucket_overrides=_BUCKETS,
    )
    telemetry = TelemetryConfig(logging=logs, metrics=metrics, attach_service_name=False)
    try:
        return Runtime(telemetry=telemetry)
    except ValueError as error:
        problem = f"{METRICS_ADDRESS}: {host} port {port} cannot be used ({error})."
        raise SettingsError(f"{problem} Each process needs its own; starters need none.") from error


def default_interceptors(given: Sequence[Interceptor]) -> Sequence[Interceptor]:
    """Return the interceptors of a client on the default runtime: with `ModelCallMetrics`."""
    if not os.environ.get(METRICS_ADDRESS) or any(isinstance(i, ModelCallMetrics) for i in given):
        return given
    return [ModelCallMetrics(), *given]
