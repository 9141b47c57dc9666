"""Remote MCP servers called by the model provider: credentials and human approval."""

TASK_QUEUE = "openai-agents-hosted-mcp-task-queue"
GROUP = "Integrations"
ORDER = 2

# The environment variable with the credential for each MCP host.
CREDENTIALS = {"api.githubcopilot.com": "GITHUB_MCP_TOKEN"}

# A workflow can reference only these variables of the worker's environment.
PLUGIN_OPTIONS = {"resolvable_worker_env_vars": list(CREDENTIALS.values())}
