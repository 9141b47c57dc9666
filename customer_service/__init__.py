"""An airline's customer service: handoffs, a chat, escalation."""

TASK_QUEUE = "openai-agents-task-queue"
GROUP = "Applications"
ORDER = 1

SEARCH_ATTRIBUTE = "NeedsPerson=Bool"
"""Custom search attribute, in the form of `temporal server start-dev --search-attribute`. If it is
not registered, conversations work but escalated ones cannot be listed."""
