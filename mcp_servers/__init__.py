"""MCP servers of our own: their tools and prompts, called by the worker, each call an activity."""

from temporalio import workflow

# The sandbox of a workflow imports this package, too, and needs none of it anew.
with workflow.unsafe.imports_passed_through():
    from mcp_servers.connections import PLUGIN_OPTIONS

__all__ = ["PLUGIN_OPTIONS", "TASK_QUEUE"]

TASK_QUEUE = "openai-agents-mcp-task-queue"
GROUP = "Integrations"
ORDER = 3
