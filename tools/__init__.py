"""Hosted tools, run by the model provider."""

TASK_QUEUE = "openai-agents-tools-task-queue"
GROUP = "Integrations"
ORDER = 1
