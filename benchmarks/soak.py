"""Measures what kills cost: 50 conversations at once on one worker, which is killed twice.

    uv run benchmarks/soak.py

Six turns each, of workflow_activities/, and nothing of it is simulated: a Temporal server, the
offline model over HTTP, the worker in a process of its own, a database: a new SQLite file, or the
one at `DATABASE_URL`. Each figure is checked; the exit code is 1 when one is not as it must be.
"""

import asyncio
import os
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from sqlalchemy import select
from temporalio.api.enums.v1 import EventType, PendingActivityState
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateRPCTimeoutOrCancelledError

from durable_agents import connect, run
from sample_cli.catalog import find
from sample_cli.runner import Session, Settings, session
from workflow_activities import TASK_QUEUE
from workflow_activities.limits import BATCH
from workflow_activities.models import Report
from workflow_activities.storage import BATCHES, TURNS, Database
from workflow_activities.workflows.conversation import ConversationWorkflow

MODEL_CALL = "invoke_model_activity"
LATENCY = 0.5  # seconds that the model takes for an answer

Key = tuple[str, int]  # a workflow's id, and the number of a turn or batch
Handle = WorkflowHandle[ConversationWorkflow, Report]


@dataclass
class Soak:
    """The conversations as their clients see them.

    Attributes:
        ids: The workflows' ids.
        turns: How many each has.
        replies: What was said and what was replied.
        reports: The results, by the workflow's id.
        resent: How many messages were sent again, under the same id, when a connection was lost.
        in_flight: Model calls that were under way at the kills.
    """

    ids: list[str]
    turns: int
    replies: dict[Key, tuple[str, str]] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    resent: int = 0
    in_flight: int = 0
    _more: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def converse(self, client: Client, workflow_id: str) -> None:
        """Hold one conversation."""
        handle = await client.start_workflow(
            ConversationWorkflow.run, workflow_id, id=workflow_id, task_queue=TASK_QUEUE
        )
        for turn in range(1, self.turns + 1):
            message = f"Message {turn} of {workflow_id}: what comes next?"
            reply = await self._send(handle, turn, message)
            async with self._more:
                self.replies[workflow_id, turn] = message, reply
                self._more.notify_all()
        await handle.execute_update(ConversationWorkflow.end_conversation)
        self.reports[workflow_id] = await handle.result()

    async def _send(self, handle: Handle, turn: int, message: str) -> str:
        while True:
            try:
                return await handle.execute_update(
                    ConversationWorkflow.send_message, message, id=f"turn-{turn}"
                )
            except WorkflowUpdateRPCTimeoutOrCancelledError:
                self.resent += 1

    async def replied(self, number: int) -> None:
        """Wait until so many messages have been replied to."""
        async with self._more:
            await self._more.wait_for(lambda: len(self.replies) >= number)


async def serve_and_kill(soak: Soak, here: Session, workers: AsyncExitStack, kills: int) -> None:
    """Run the worker; kill it evenly often, by SIGKILL, and start another at once."""
    sample, client = find("workflow_activities/conversation"), await here.server.client()
    worker = await workers.enter_async_context(here.worker(sample))
    for kill in range(1, kills + 1):
        await soak.replied(len(soak.ids) * soak.turns * kill // (kills + 1))
        await worker.kill()
        begin, before = time.monotonic(), len(soak.replies)
        lost = sum(await asyncio.gather(*(calls_in_flight(client, id) for id in soak.ids)))
        soak.in_flight += lost
        print(f"Killed after {before} replies, {lost} model calls in flight.", flush=True)
        worker = await workers.enter_async_context(here.worker(sample))
        await soak.replied(min(before + lost, len(soak.ids) * soak.turns))
        print(f"  {lost} replies more: {time.monotonic() - begin:.1f} s after the kill", flush=True)


async def calls_in_flight(client: Client, workflow_id: str) -> int:
    """Return how many model calls of a workflow a worker has taken and not reported on."""
    description = await client.get_workflow_handle(workflow_id).describe()
    return sum(
        pending.activity_type.name == MODEL_CALL
        and pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
        for pending in description.raw_description.pending_activities
    )


async def calls_needed(client: Client, workflow_id: str) -> int:
    """Return how many model calls a workflow's history holds, however often each was tried."""
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    return sum(
        event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
        and event.activity_task_scheduled_event_attributes.activity_type.name == MODEL_CALL
        for event in history.events
    )


async def saved(soak: Soak) -> tuple[dict[Key, tuple[str, str]], dict[Key, tuple[int, int]]]:
    """Return what the database has of the conversations: turns, and spans of the batches."""
    database = Database.from_environment()
    of_turns = select(TURNS).where(TURNS.c.workflow_id.in_(soak.ids))
    of_batches = select(BATCHES).where(BATCHES.c.workflow_id.in_(soak.ids))
    async with database.open(), database.transaction() as connection:
        turns = (await connection.execute(of_turns)).all()
        batches = (await connection.execute(of_batches)).all()
    return (
        {(row.workflow_id, row.turn): (row.message, row.reply) for row in turns},
        {(row.workflow_id, row.batch_number): (row.first_turn, row.last_turn) for row in batches},
    )


async def holds(soak: Soak, here: Session) -> bool:
    """Print the figures; return whether all are as they must be."""
    client, model = await here.server.client(), await here.model()
    made = len(model.calls) if model else 0
    needed = sum(await asyncio.gather(*(calls_needed(client, id) for id in soak.ids)))
    rows, spans = await saved(soak)
    wanted = len(soak.ids) * soak.turns
    batches = {
        (id, number): (BATCH * (number - 1) + 1, BATCH * number)
        for id in soak.ids
        for number in range(1, soak.turns // BATCH + 1)
    }
    reported = sum(report.turns for report in soak.reports.values())
    figures = {
        f"messages replied to: {len(soak.replies)} of {wanted}": len(soak.replies) == wanted,
        f"rows of turns: {len(rows)}, as the clients saw them": rows == soak.replies,
        f"batches: {len(spans)} of {len(batches)}, each of its turns": spans == batches,
        f"turns in the reports: {reported}": reported == wanted,
        f"model calls needed: {needed}": needed == wanted,
        f"model calls made: {made}, at most {soak.in_flight} more": (
            needed <= made <= needed + soak.in_flight
        ),
    }
    for figure, right in figures.items():
        print(f"{'ok   ' if right else 'WRONG'} {figure}")
    print(f"      messages sent again by their clients: {soak.resent}")
    return all(figures.values())


async def main(conversations: int = 50, turns: int = 6, *, kills: int = 2) -> None:
    """Hold CONVERSATIONS of TURNS at once, kill the worker KILLS times, and count."""
    run_id = uuid4().hex[:8]
    soak = Soak([f"soak-{run_id}-{number}" for number in range(conversations)], turns)
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{Path(folder, 'soak.db')}")
        settings = Settings(offline=True, latency=LATENCY)
        async with session(settings) as here, AsyncExitStack() as workers:
            os.environ.update(here.env)
            client, begin = await connect(), time.monotonic()
            async with asyncio.TaskGroup() as group:
                group.create_task(serve_and_kill(soak, here, workers, kills))
                for workflow_id in soak.ids:
                    group.create_task(soak.converse(client, workflow_id))
            print(f"{conversations} conversations, {turns} turns each, {kills} kills:")
            print(f"      {time.monotonic() - begin:.1f} s in all")
            if not await holds(soak, here):
                sys.exit(1)


if __name__ == "__main__":
    run(main)
