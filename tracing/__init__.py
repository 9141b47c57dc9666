"""OpenTelemetry spans of agents, tools and model calls: one tree per run, without duplicates."""

TASK_QUEUE = "openai-agents-tracing-task-queue"
GROUP = "Operations"
ORDER = 1
