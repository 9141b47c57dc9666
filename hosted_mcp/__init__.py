"""Remote MCP servers, called by the model provider."""

from typing import TypedDict

TASK_QUEUE = "openai-agents-hosted-mcp-task-queue"
GROUP = "Integrations"
ORDER = 2

# The environment variable with the credential for each MCP host.
CREDENTIALS = {"api.githubcopilot.com": "GITHUB_MCP_TOKEN"}


class PluginOptions(TypedDict):
    """Options of the agents plugin that the worker and the starters share."""

    resolvable_worker_env_vars: list[str]


# A workflow can reference only these variables of the worker's environment.
PLUGIN_OPTIONS = PluginOptions(resolvable_worker_env_vars=list(CREDENTIALS.values()))
