"""A research assistant: a plan, parallel web searches, and a report that names failed searches."""

TASK_QUEUE = "openai-agents-research-bot-task-queue"
GROUP = "Applications"
ORDER = 3
