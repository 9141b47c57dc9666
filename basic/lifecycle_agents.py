"""The two agents of the lifecycle samples: one draws a number, the other doubles odd numbers.

Function tools in a workflow must be `async def`, even if they await nothing: the Agents SDK runs
synchronous functions on a thread, and workflow code must not use threads.
"""

from agents import Agent, AgentHooks, function_tool
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from basic.models import FinalResult


async def random_number(maximum: int) -> int:
    """Draw a random number from 0 to `maximum`."""
    # The same number on replay. The sandbox rejects the `random` module.
    return workflow.random().randint(0, maximum)


async def multiply_by_two(number: int) -> int:
    """Multiply a number by two."""
    return number * 2


def build_start_agent(hooks: AgentHooks[None] | None = None) -> Agent[None]:
    """Return an agent that draws a number and hands odd numbers off to a doubling agent.

    Args:
        hooks: Hooks of the first agent; they do not receive the second agent's events.
    """
    doubling = Agent[None](
        name="Multiply Agent",
        instructions="Multiply the number by two, then return the result.",
        tools=[function_tool(multiply_by_two)],
        output_type=FinalResult,
    )
    return Agent[None](
        name="Start Agent",
        instructions="""
            Draw a random number with your tool.
            If it is even, stop and return it. If it is odd, hand off to the Multiply Agent.
        """,
        tools=[function_tool(random_number)],
        handoffs=[doubling],
        output_type=FinalResult,
        hooks=hooks,
    )
