"""A plan, parallel searches, and a report that names failed ones."""

TASK_QUEUE = "openai-agents-research-bot-task-queue"
GROUP = "Applications"
ORDER = 3
