"""A research assistant: a plan, searches side by side, and a report that says what it lacks."""

TASK_QUEUE = "openai-agents-research-bot-task-queue"
GROUP = "Applications"
ORDER = 3
