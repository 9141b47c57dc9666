"""Measures how much longer a turn takes in a long conversation than in a short one.

    uv run benchmarks/growth.py
    uv run benchmarks/growth.py --length 10 --length 300
    uv run benchmarks/growth.py --http

The conversations of all lengths take turns, so other load on the machine affects them alike. Linux
only. docs/scaling.md explains how to use the figures.
"""

from durable_agents import run

import os
import statistics
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Annotated
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle
from typer import Option

from benchmarks.capacity import TEXT, Machine, Measured, cpu_of
from benchmarks.capacity_worker import TEXT as ANSWER
from benchmarks.peers.model_server import ModelServer
from customer_service.models import (
    ConversationResult,
    ConversationState,
    ProcessUserMessageInput,
)
from customer_service.workflows.customer_service import CustomerServiceWorkflow
from sample_cli.session import model_environment

LENGTHS = (10, 300, 10, 300)  # messages answered before; each twice, as a control
AGENT = "Triage agent"

Handle = WorkflowHandle[CustomerServiceWorkflow, ConversationResult]


@dataclass
class Group:
    """Conversations of the same length, and the costs of their turns."""

    length: int
    handles: list[Handle]
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    async def turns(self, number: int, processes: list[Measured]) -> None:
        """Hold the turn `number` of this group, counted from 0, with one after the other."""
        seen = 2 * (self.length + number)
        message = ProcessUserMessageInput(user_input=TEXT, chat_length=seen)
        costs = cpu_of(processes)
        for handle in self.handles:
            started = time.monotonic()
            await handle.execute_update(CustomerServiceWorkflow.process_user_message, message)
            self.seconds.append(time.monotonic() - started)
        self.cpu.append(sum(costs()) / len(self.handles))


async def opened(client: Client, length: int, count: int) -> Group:
    """Return conversations that continue one in which `length` messages were answered."""
    state = ConversationState(
        history=[f"User: {TEXT}", f"{AGENT}: {ANSWER}"] * length,
        items=[{"role": "user", "content": TEXT}, _answer()] * length,
        turns=length,
    )
    return Group(
        length,
        [
            await client.start_workflow(
                CustomerServiceWorkflow.run, state, id=uuid4().hex, task_queue="one"
            )
            for _ in range(count)
        ],
    )


def _answer() -> dict[str, object]:
    content = [{"type": "output_text", "text": ANSWER, "annotations": [], "logprobs": []}]
    item = {"type": "message", "role": "assistant", "status": "completed", "content": content}
    return {"id": "msg_1", **item}


async def main(
    *,
    length: Annotated[list[int] | None, Option(help="Messages before; repeatable.")] = None,
    conversations: int = 10,
    turns: int = 10,
    http: bool = False,
) -> None:
    """Hold TURNS more with CONVERSATIONS of each LENGTH, and compare them with the first LENGTH.

    The model is in the worker's process; with --http, it is a server that OpenAI's client calls.
    """
    async with AsyncExitStack() as stack:
        if http:
            model = ModelServer()
            await stack.enter_async_context(model.running())
            os.environ |= model_environment(model.base_url)
        machine = await stack.enter_async_context(Machine.running())
        worker = await machine.worker("one", *(["--http"] if http else []))
        groups = [await opened(machine.client, each, conversations) for each in length or LENGTHS]
        for number in range(turns + 1):
            for group in groups:
                if number == 1:  # the first turn warms up
                    group.seconds, group.cpu = [], []
                await group.turns(number, [worker])
        first = statistics.median(groups[0].seconds)
        for group in groups:
            median = statistics.median(group.seconds)
            cpu = statistics.median(group.cpu)
            print(
                f"after {group.length} messages: {1000 * median:.1f} ms a turn, "
                f"{median / first:.2f} times the first; worker CPU {1000 * cpu:.1f} ms"
            )


if __name__ == "__main__":
    run(main)
