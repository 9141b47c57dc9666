"""Self-hosted MCP servers, called by the worker."""

TASK_QUEUE = "openai-agents-mcp-task-queue"
GROUP = "Integrations"
ORDER = 3
