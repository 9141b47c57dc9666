"""The code that all samples share: client, command line, worker, durability, and tools."""

from durable_agents import interrupts as interrupts  # first: the imports below are slow
from durable_agents.cli import run
from durable_agents.client import connect
from durable_agents.deadlines import time_limit
from durable_agents.errors import RUN_ERRORS, InvalidInput, TooLarge, require_text, root_cause
from durable_agents.handles import WorkflowClosed, is_transient, query_if_available, update_reliably
from durable_agents.payloads import encoded_size
from durable_agents.plugin import durability_plugin
from durable_agents.recorder import TurnRecorder
from durable_agents.tools import activity_tool
from durable_agents.worker import serve

__all__ = [
    "RUN_ERRORS",
    "InvalidInput",
    "TooLarge",
    "TurnRecorder",
    "WorkflowClosed",
    "activity_tool",
    "connect",
    "durability_plugin",
    "encoded_size",
    "is_transient",
    "query_if_available",
    "require_text",
    "root_cause",
    "run",
    "serve",
    "time_limit",
    "update_reliably",
]
