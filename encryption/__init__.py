"""Prompts, answers, tool calls, and errors that the Temporal server cannot read."""

TASK_QUEUE = "encryption-task-queue"
GROUP = "Operations"
ORDER = 2
