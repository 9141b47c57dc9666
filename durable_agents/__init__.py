"""What the samples share and readers copy: connecting, running, serving, safety, and tools."""

from durable_agents.causes import root_cause
from durable_agents.client import connect
from durable_agents.entry import run
from durable_agents.handles import WorkflowClosed, is_transient, query_if_available, update_reliably
from durable_agents.safety import InvalidInput
from durable_agents.tools import activity_tool
from durable_agents.worker import serve

__all__ = [
    "InvalidInput",
    "WorkflowClosed",
    "activity_tool",
    "connect",
    "is_transient",
    "query_if_available",
    "root_cause",
    "run",
    "serve",
    "update_reliably",
]
