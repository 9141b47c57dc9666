"""Remote MCP servers called by the model provider: credentials and human approval."""

TASK_QUEUE = "openai-agents-hosted-mcp-task-queue"
GROUP = "Integrations"
ORDER = 2

# What a worker shows to which MCP server: the name of an environment variable, for each host.
CREDENTIALS = {"api.githubcopilot.com": "GITHUB_MCP_TOKEN"}

# No other variable of the worker's environment can be named by a workflow.
PLUGIN_OPTIONS = {"resolvable_worker_env_vars": list(CREDENTIALS.values())}
