"""Holds conversations with three applications while it kills every process, and checks the result.

    uv run benchmarks/soak.py

The applications are customer_service/, goal_agent/, and workflow_activities/, with a worker process
each. They share a Temporal server that stores its state in a file, the offline model over HTTP, and
PostgreSQL (SQLite if it is not installed). Each worker is killed three times, and PostgreSQL,
Temporal, and the model once each. The exit code is 1 if a turn fails, or if a message, turn, batch,
or invoice is lost or duplicated.
"""

from durable_agents import connect, is_transient, query_if_available, run, update_reliably
from durable_agents.database import Database

import asyncio
import os
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import select
from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from customer_service import TASK_QUEUE as CUSTOMER_SERVICE
from customer_service.models import ConversationState, ProcessUserMessageInput
from customer_service.workflows.customer_service import CustomerServiceWorkflow
from goal_agent import TASK_QUEUE as GOAL_AGENT
from goal_agent.goals import BOOK_TRIP
from goal_agent.models import CombinedInput, ConversationStatus, StepState
from goal_agent.workflows.goal import AgentGoalWorkflow
from offline_model.server import OfflineModel
from sample_cli.catalog import ROOT
from sample_cli.processes import Background, free_port
from sample_cli.session import model_environment
from sample_cli.temporal_server import temporal_cli
from tests.harness.postgres import PostgreSQL
from workflow_activities import TASK_QUEUE as WORKFLOW_ACTIVITIES
from workflow_activities.limits import BATCH_SIZE
from workflow_activities.storage import BATCHES, DEFAULT_URL, SCHEMA, TURNS
from workflow_activities.workflows.conversation import ConversationWorkflow

T = TypeVar("T")

TOPICS = ("customer_service", "goal_agent", "workflow_activities")
MODEL_CALL = "invoke_model_activity"
WORKER_RUNS = "Worker on task queue"  # printed by a worker once it has connected
LATENCY = 0.5  # seconds before each answer of the model
POLL_INTERVAL = 0.5  # seconds
DOWN = 3.0  # seconds before PostgreSQL, Temporal, or the model is restarted
TURNS_OF_NOTES = 6
QUESTIONS = [
    "How many bags may I bring?",
    "Is there wifi on the plane?",
    "When does boarding start?",
    "May I bring my dog?",
]


async def until_available(request: Callable[[], Awaitable[T]]) -> T:
    """Return the result of an idempotent request; repeat it while the server is unavailable."""
    while True:
        try:
            return await request()
        except RPCError as error:
            if not is_transient(error):
                raise
        await asyncio.sleep(POLL_INTERVAL)


async def start(client: Client, workflow: Any, argument: object, id: str, queue: str) -> Any:
    """Start a workflow, or return the one that an earlier attempt has started."""
    return await until_available(
        lambda: client.start_workflow(
            workflow,
            argument,
            id=id,
            task_queue=queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
    )


async def ask(handle: WorkflowHandle[Any, Any], query: Callable[[Any], T]) -> T:
    """Return a query's result, once a worker answers it."""
    while True:
        result = await query_if_available(handle, query)
        if result is not None:
            return result
        await asyncio.sleep(POLL_INTERVAL)


async def calls_needed(client: Client, id: str) -> int:
    """Return how many model calls a workflow has scheduled; retries do not count."""
    history = await client.get_workflow_handle(id).fetch_history()
    scheduled = [event.activity_task_scheduled_event_attributes for event in history.events]
    return sum(event.activity_type.name == MODEL_CALL for event in scheduled)


@dataclass
class Soak:
    """The conversations as their clients see them.

    Attributes:
        answered: Messages and their answers, in order, by workflow id.
        problems: Errors that clients received, and results that differ from the expected ones.
        sent: The number of messages sent, without those pending when a conversation failed.
        max_sent: The number that may be sent before the next kill, so each kill meets some of them.
    """

    answered: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    sent: int = 0
    max_sent: int = 0
    _more: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def count(self) -> int:
        """The number of answered messages."""
        return sum(map(len, self.answered.values()))

    async def converse_all(self, client: Client, ids: list[str]) -> None:
        """Hold all conversations concurrently."""
        await asyncio.gather(*[self.converse(client, id) for id in ids])

    async def converse(self, client: Client, id: str) -> None:
        """Hold one conversation, of the topic that its id names; record the error if it fails."""
        conversations = (self._serve_customer, self._reach_goal, self._keep_notes)
        [converse] = [it for topic, it in zip(TOPICS, conversations, strict=True) if topic in id]
        self.answered[id] = []
        try:
            await converse(client, id)
        except Exception as error:  # any error that reaches a client is a problem
            self.problems.append(f"{id}: {type(error).__name__}: {error}")
            async with self._more:
                self.sent -= 1  # its pending message must not block the others
                self._more.notify_all()

    async def reached(self, count: int) -> None:
        """Wait until `count` messages have been answered."""
        async with self._more:
            await self._more.wait_for(lambda: self.count >= count)

    async def allow(self, max_sent: int) -> None:
        """Let the conversations send up to `max_sent` messages in total."""
        async with self._more:
            self.max_sent = max(self.max_sent, max_sent)
            self._more.notify_all()

    async def _next_message(self) -> None:
        """Wait until another message may be sent."""
        async with self._more:
            await self._more.wait_for(lambda: self.sent < self.max_sent)
            self.sent += 1

    async def _note(self, id: str, message: str, answer: str) -> None:
        async with self._more:
            self.answered[id].append((message, answer))
            self._more.notify_all()

    async def _keep_notes(self, client: Client, id: str) -> None:
        handle = await start(client, ConversationWorkflow.run, id, id, WORKFLOW_ACTIVITIES)
        for turn in range(1, TURNS_OF_NOTES + 1):
            text = f"Message {turn} of {id}: what comes next?"
            send = ConversationWorkflow.send_message
            await self._next_message()
            reply = await update_reliably(handle, send, text, id=f"turn-{turn}")
            await self._note(id, text, reply)
        await update_reliably(handle, ConversationWorkflow.end_conversation)
        report = await until_available(handle.result)
        self._check(f"{id}: turns in the report", report.turns, TURNS_OF_NOTES)

    async def _serve_customer(self, client: Client, id: str) -> None:
        handle = await start(
            client, CustomerServiceWorkflow.run, ConversationState(), id, CUSTOMER_SERVICE
        )
        lines: list[str] = []
        for turn, text in enumerate(QUESTIONS, start=1):
            message = ProcessUserMessageInput(user_input=text, chat_length=len(lines))
            send = CustomerServiceWorkflow.process_user_message
            await self._next_message()
            lines += await update_reliably(handle, send, message, id=f"turn-{turn}")
            await self._note(id, text, lines[-1])
        history = await ask(handle, CustomerServiceWorkflow.get_chat_history)
        self._check(f"{id}: lines of the history", history, lines)
        await update_reliably(handle, CustomerServiceWorkflow.end_conversation)
        await until_available(handle.result)

    async def _reach_goal(self, client: Client, id: str) -> None:
        argument = CombinedInput(agent_goal=BOOK_TRIP.id)
        handle = await start(client, AgentGoalWorkflow.run, argument, id, GOAL_AGENT)
        left, number = list(BOOK_TRIP.example_prompts), 0
        while True:
            history = await ask(handle, AgentGoalWorkflow.get_conversation_history)
            if history.activity is ConversationStatus.ENDED:
                break
            if history.activity is ConversationStatus.CONFIRMING and history.tool_data:
                step = history.tool_data.step_id
                await update_reliably(handle, AgentGoalWorkflow.confirm_step, step, id=step)
            elif history.activity is ConversationStatus.IDLE and history.answered >= number:
                if not left:
                    self.problems.append(f"{id}: the goal was not reached")
                    await until_available(lambda: handle.signal(AgentGoalWorkflow.end_chat))
                    break
                text, number = left.pop(0), number + 1
                send = AgentGoalWorkflow.send_prompt
                await self._next_message()
                await update_reliably(handle, send, text, id=f"prompt-{number}")
                await self._note(id, text, "")
            await asyncio.sleep(POLL_INTERVAL)
        result = await until_available(handle.result)
        said = [message.text for message in result.messages if message.actor == "user"]
        self._check(f"{id}: prompts", said, BOOK_TRIP.example_prompts)
        state = result.tool_data and result.tool_data.state
        self._check(f"{id}: the last step", state, StepState.DONE)
        errors = [message.error for message in result.messages if message.error]
        self._check(f"{id}: failed turns", errors, [])

    def _check(self, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            self.problems.append(f"{what}: {found}; expected {wanted}")


class Surroundings:
    """The processes that the conversations depend on; each can be killed and restarted."""

    def __init__(self, folder: Path) -> None:
        """Choose free ports; `running` starts the processes."""
        self.folder = folder
        self.model_calls = 0
        self._temporal_port, self._model_port = free_port(), free_port()
        self._processes: dict[str, Background] = {}
        self._model: OfflineModel | None = None
        installed = any(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
        self._postgres = PostgreSQL() if installed else None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run everything except the workers, and set the environment variables that lead there."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._end)
            url = f"sqlite:///{self.folder / 'soak.db'}"
            if self._postgres:
                stack.enter_context(self._postgres)
                url = self._postgres.new_database()
            for name in [name for name in os.environ if name.startswith("TEMPORAL_")]:
                del os.environ[name]
            os.environ |= {
                "NO_PROXY": "127.0.0.1",
                **model_environment(f"http://127.0.0.1:{self._model_port}/v1"),
                "TEMPORAL_ADDRESS": f"127.0.0.1:{self._temporal_port}",
                "DATABASE_URL": url,
                "LEDGER": str(self.folder / "ledger.db"),
            }
            self._start_model()
            await self._start_temporal()
            yield

    async def start_worker(self, topic: str) -> None:
        """Start the worker of a topic, and wait until it has connected."""
        worker = await self._start(topic, [sys.executable, ROOT / topic / "run_worker.py"])
        while WORKER_RUNS not in worker.tail(1000):
            if not worker.alive:
                raise RuntimeError(f"the worker of {topic} exited:\n{worker.tail()}")
            await asyncio.sleep(0.1)

    async def kill_worker(self, topic: str) -> None:
        """Kill the worker of a topic with SIGKILL, and start another at once."""
        await self._processes[topic].kill()
        await self.start_worker(topic)

    async def kill_temporal(self) -> None:
        """Kill the Temporal server, and restart it with the same database file."""
        await self._processes["temporal"].kill()
        await asyncio.sleep(DOWN)
        await self._start_temporal()

    async def kill_model(self) -> None:
        """Stop the model, which drops all calls in flight, and start another."""
        await asyncio.to_thread(self._stop_model)
        await asyncio.sleep(DOWN)
        await asyncio.to_thread(self._start_model)

    async def kill_postgres(self) -> None:
        """Stop PostgreSQL, and restart it."""
        if not self._postgres:
            print("  skipped: PostgreSQL is not installed", flush=True)
            return
        await asyncio.to_thread(self._postgres.stop)
        await asyncio.sleep(DOWN)
        await asyncio.to_thread(self._postgres.start)

    async def _end(self) -> None:
        for process in self._processes.values():
            await process.kill()
        self._stop_model()

    async def _start(self, name: str, command: list[str | Path]) -> Background:
        log = self.folder / f"{name}-{uuid4().hex[:8]}.log"
        process = await Background.start(name, command, dict(os.environ), log)
        self._processes[name] = process
        return process

    async def _start_temporal(self) -> None:
        server = [temporal_cli(), "server", "start-dev", "--headless", "--log-level", "error"]
        where = ["--ip", "127.0.0.1", "--port", str(self._temporal_port)]
        database = ["--db-filename", str(self.folder / "temporal.db")]
        pragmas = ["--sqlite-pragma=journal_mode=WAL", "--sqlite-pragma=synchronous=NORMAL"]
        await self._start("temporal", [*server, *where, *database, *pragmas])
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", self._temporal_port)
                writer.close()
                return
            await asyncio.sleep(0.1)

    def _start_model(self) -> None:
        self._model = OfflineModel(latency=LATENCY, port=self._model_port).__enter__()

    def _stop_model(self) -> None:
        if self._model:
            self.model_calls += len(self._model.calls)
            self._model.__exit__(None, None, None)
            self._model = None


async def kill_everything(soak: Soak, on: Surroundings, wanted: int, rounds: int) -> None:
    """Kill each worker `rounds` times and everything else once, evenly spread over the messages."""
    others = [on.kill_postgres, on.kill_temporal, on.kill_model]
    kills: list[tuple[str, Callable[[], Awaitable[None]]]] = []
    for number in range(max(rounds, len(others))):
        if number < rounds:
            for topic in TOPICS:
                kills.append((f"worker of {topic}", partial(on.kill_worker, topic)))
        if number < len(others):
            kills.append((others[number].__name__.removeprefix("kill_"), others[number]))
    for number, (name, kill) in enumerate(kills, start=1):
        await soak.allow(min(wanted * (number + 1) // (len(kills) + 1), wanted - 1))
        await soak.reached(wanted * number // (len(kills) + 1))
        await asyncio.sleep(LATENCY / 2)  # so the messages just allowed are in model calls
        done, pending, killed_at = soak.count, soak.sent - soak.count, time.monotonic()
        print(f"{done:4} messages answered, {pending} pending: killing the {name}", flush=True)
        await kill()
        print(f"     back after {time.monotonic() - killed_at:.1f} s", flush=True)
    await soak.allow(wanted)


async def check_rows(soak: Soak) -> None:
    """Check that each turn, batch, and invoice is stored once, as the clients received it."""
    notes = {id: turns for id, turns in soak.answered.items() if "workflow_activities" in id}
    database = Database.from_environment(DEFAULT_URL, SCHEMA)
    async with database.open(), database.transaction() as connection:
        turns = (await connection.execute(select(TURNS))).all()
        batches = (await connection.execute(select(BATCHES))).all()
    found = {(row.workflow_id, row.turn): (row.message, row.reply) for row in turns}
    wanted = {(id, n): turn for id, turns in notes.items() for n, turn in enumerate(turns, 1)}
    if found != wanted or len(turns) != len(wanted):
        soak.problems.append(f"{len(turns)} rows of turns do not match the {len(wanted)} answered")
    of_batches = Counter(row.workflow_id for row in batches)
    if of_batches != Counter(dict.fromkeys(notes, TURNS_OF_NOTES // BATCH_SIZE)):
        soak.problems.append(f"batches: {of_batches}")
    with sqlite3.connect(os.environ["LEDGER"]) as ledger:
        [invoices] = ledger.execute("SELECT count(*) FROM invoices").fetchone()
    if invoices != (goals := sum("goal_agent" in id for id in soak.answered)):
        soak.problems.append(f"{invoices} invoices for {goals} bookings")


async def main(conversations: int = 80, *, rounds: int = 3) -> None:
    """Hold CONVERSATIONS concurrently; kill each worker ROUNDS times, everything else once."""
    soak, run_id = Soak(), uuid4().hex[:8]
    ids = [f"{TOPICS[number % len(TOPICS)]}-{run_id}-{number}" for number in range(conversations)]
    lengths = (len(QUESTIONS), len(BOOK_TRIP.example_prompts), TURNS_OF_NOTES)
    length = dict(zip(TOPICS, lengths, strict=True))
    wanted = sum(length[topic] for topic in TOPICS for id in ids if topic in id)
    with tempfile.TemporaryDirectory() as folder:
        on = Surroundings(Path(folder))
        async with on.running():
            client, started = await connect(), time.monotonic()
            await asyncio.gather(*[on.start_worker(topic) for topic in TOPICS])
            killing = asyncio.create_task(kill_everything(soak, on, wanted, rounds))
            talking = asyncio.create_task(soak.converse_all(client, ids))
            await asyncio.wait({talking, killing}, return_when=asyncio.FIRST_COMPLETED)
            if killing.done():
                await killing  # raises if a restart failed
            else:
                soak.problems.append("the conversations finished before every process was killed")
                killing.cancel()
                with suppress(asyncio.CancelledError):
                    await killing
            await talking
            seconds = time.monotonic() - started
            await check_rows(soak)
            needed = sum([await calls_needed(client, id) for id in ids])
        print(f"{conversations} conversations: {soak.count} of {wanted} messages answered")
        print(f"{seconds:.1f} s; model calls: {on.model_calls} made, {needed} needed")
        print(f"problems: {len(soak.problems)}")
    for problem in soak.problems:
        print(f"Problem: {problem}")
    if soak.problems or soak.count != wanted:
        sys.exit(1)


if __name__ == "__main__":
    run(main)
