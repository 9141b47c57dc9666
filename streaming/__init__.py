"""Answers that stream to a terminal or a page, and survive refreshes and kills."""

TASK_QUEUE = "streaming-task-queue"
GROUP = "Long-lived agents"
ORDER = 2
