"""Spans of agents, tools and model calls, by OpenTelemetry: one tree a run, nothing twice."""

TASK_QUEUE = "openai-agents-tracing-task-queue"
GROUP = "Operations"
ORDER = 1

# What the worker tells of a run begins so.
WORKER_OUTPUT_PREFIX = "Trace "
