"""A model's reasoning next to its answer, over the Responses API or Chat Completions."""

TASK_QUEUE = "reasoning-content-task-queue"
GROUP = "Integrations"
ORDER = 5
