"""A model's reasoning next to its answer."""

TASK_QUEUE = "reasoning-content-task-queue"
GROUP = "Integrations"
ORDER = 5
