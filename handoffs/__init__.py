"""Handoffs: what the next agent gets to see of the conversation."""

TASK_QUEUE = "openai-agents-handoffs-task-queue"
GROUP = "Patterns"
ORDER = 2
