"""The code that all samples share: client, command line, worker, durability, and tools."""

from durable_agents import interrupts as interrupts  # first: the imports below are slow
from durable_agents.cli import run as run
from durable_agents.client import connect as connect
from durable_agents.errors import RUN_ERRORS as RUN_ERRORS
from durable_agents.errors import InvalidInput as InvalidInput
from durable_agents.errors import TooLarge as TooLarge
from durable_agents.errors import require_text as require_text
from durable_agents.errors import root_cause as root_cause
from durable_agents.handles import WorkflowClosed as WorkflowClosed
from durable_agents.handles import is_transient as is_transient
from durable_agents.handles import query_if_available as query_if_available
from durable_agents.handles import update_reliably as update_reliably
from durable_agents.payloads import encoded_size as encoded_size
from durable_agents.plugin import DurabilityPlugin as DurabilityPlugin
from durable_agents.tools import activity_tool as activity_tool
from durable_agents.worker import serve as serve

interrupts.collect_garbage()
