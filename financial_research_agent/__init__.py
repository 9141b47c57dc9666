"""A report writer with analysts as tools, and a verifier."""

TASK_QUEUE = "financial-research-task-queue"
GROUP = "Applications"
ORDER = 4
