"""One budget for a whole tree of agents."""

TASK_QUEUE = "budgets-task-queue"
GROUP = "Long-lived agents"
ORDER = 6
