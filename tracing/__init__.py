"""OpenTelemetry spans: one tree per run, without duplicates."""

TASK_QUEUE = "openai-agents-tracing-task-queue"
GROUP = "Operations"
ORDER = 1

WORKER_OUTPUT_PREFIX = "Trace "
"""The first line of a span tree in the worker's output starts with this; `sample run` shows it."""
