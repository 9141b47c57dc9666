"""People approve, edit, or reject tool calls, even days later."""

TASK_QUEUE = "human-in-the-loop-task-queue"
GROUP = "Long-lived agents"
ORDER = 3

SEARCH_ATTRIBUTE = "PendingApprovals=KeywordList"
"""Custom search attribute, in the form of `temporal server start-dev --search-attribute`."""
