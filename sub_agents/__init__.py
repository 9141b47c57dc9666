"""Sub-agents as child workflows: delegation, and fleets of hundreds."""

TASK_QUEUE = "sub-agents-task-queue"
GROUP = "Long-lived agents"
ORDER = 6
