"""Ways to combine agents, and the cost of each."""

TASK_QUEUE = "openai-agents-patterns-task-queue"
GROUP = "Patterns"
ORDER = 1
