"""Self-hosted MCP servers: the worker calls their tools and prompts, each call as an activity."""

TASK_QUEUE = "openai-agents-mcp-task-queue"
GROUP = "Integrations"
ORDER = 3
