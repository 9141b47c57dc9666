"""A conversation that lives as long as the customer does: handoffs, a chat, long histories."""

TASK_QUEUE = "openai-agents-task-queue"
GROUP = "Applications"
ORDER = 1

SEARCH_ATTRIBUTE = "NeedsPerson=Bool"
"""The custom search attribute, as `temporal server start-dev --search-attribute` takes it. If it is
not registered, conversations work, but those that need a person cannot be listed."""
