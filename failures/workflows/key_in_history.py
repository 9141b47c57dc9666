"""API keys are readable in the workflow history and in the Temporal UI.

Cause: The input of a model call includes the settings of the agent's tools, and history records it.
The `authorization` of a `HostedMCPTool` is in every one of them, readable by anyone who can read
the namespace, until the retention period ends.

Cure: `temporal_worker_env_ref("NAME")` records the name of an environment variable. The worker
resolves it if the plugin's `resolvable_worker_env_vars` lists it. Secrets that have to be in the
history need a payload codec that encrypts.
"""

import os
from typing import Any

from agents import Agent, HostedMCPTool, Runner
from temporalio import workflow
from temporalio.openai_agents import temporal_worker_env_ref

with workflow.unsafe.imports_passed_through():
    from failures.stage import Stage

GROUP = "Secrets"
QUESTION = "Where is my order?"
NAIVE = r"the model's request had the key; the history has it [1-9]\d* times?"
DURABLE = r"the model's request had the key; the history has it 0 times"
CURE = "hosted_mcp/servers.py: mcp_server"
TEST = "tests/hosted_mcp/test_simple_mcp.py"

os.environ.setdefault("ORDERS_KEY", "orders-key-4711")  # as the deployment sets it
ORDERS_KEY = os.environ["ORDERS_KEY"]


@workflow.defn
class Naive:
    @workflow.run
    async def run(self, question: str) -> str:
        orders = HostedMCPTool(
            tool_config={
                "type": "mcp",
                "server_label": "orders",
                "server_url": "https://orders.example/mcp",
                "authorization": ORDERS_KEY,
                "require_approval": "never",
            }
        )
        result = await Runner.run(Agent("Support", tools=[orders]), question)
        return result.final_output_as(str)


@workflow.defn
class Durable:
    @staticmethod
    def plugin_options() -> dict[str, Any]:
        return {"resolvable_worker_env_vars": ["ORDERS_KEY"]}

    @workflow.run
    async def run(self, question: str) -> str:
        orders = HostedMCPTool(
            tool_config={
                "type": "mcp",
                "server_label": "orders",
                "server_url": "https://orders.example/mcp",
                "authorization": temporal_worker_env_ref("ORDERS_KEY"),
                "require_approval": "never",
            }
        )
        result = await Runner.run(Agent("Support", tools=[orders]), question)
        return result.final_output_as(str)


async def play(stage: Stage, _failure: object) -> str:
    """Look for the key in what the model received, and in the recorded history."""
    async with stage.worker():
        handle = await stage.start(QUESTION)
        outcome = await stage.outcome(handle)
    if not outcome.startswith("completed"):
        return outcome
    [call] = stage.model.calls
    had = "had" if ORDERS_KEY in str(call.body) else "did not have"
    events = [event.SerializeToString() async for event in handle.fetch_history_events()]
    found = sum(event.count(ORDERS_KEY.encode()) for event in events)
    return f"the model's request {had} the key; the history has it {found} time{'s' * (found != 1)}"
