"""Hosted tools, run by the model provider: web search, code, file search, and images."""

from durable_agents.client import model_call_defaults

from dataclasses import replace
from datetime import timedelta

TASK_QUEUE = "openai-agents-tools-task-queue"
GROUP = "Integrations"
ORDER = 1

# A hosted tool runs inside the model call. An image or a long search takes minutes, but not ten.
PLUGIN_OPTIONS = {
    "model_params": replace(model_call_defaults(), start_to_close_timeout=timedelta(minutes=5))
}
