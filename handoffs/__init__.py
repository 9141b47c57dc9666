"""Handoffs, and control over what the next agent sees."""

TASK_QUEUE = "openai-agents-handoffs-task-queue"
GROUP = "Patterns"
ORDER = 2
