"""Turns of 100 tool calls whose history stays small."""

TASK_QUEUE = "long-runs-task-queue"
GROUP = "Long-lived agents"
ORDER = 4
