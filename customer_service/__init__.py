"""A conversation that lives as long as the customer does: handoffs, a chat, long histories."""

TASK_QUEUE = "openai-agents-task-queue"
