"""Runs the starters of samples in this process, and reads the workflows that they ran."""

from durable_agents import connect, root_cause
from durable_agents.model_calls import OpenAIClient

import asyncio
import io
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import ExitStack, asynccontextmanager, redirect_stderr, redirect_stdout
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from unittest.mock import patch

import pytest
from agents import ModelProvider, OpenAIProvider
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Worker

from sample_cli.catalog import Sample, samples
from sample_cli.sample_run import exports, setup_scripts
from tests.harness.environment import variables
from tests.harness.workers import check, model_params

MODEL_CALL = "invoke_model_activity"

CHILD_CLOSED = (
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
)

# Arguments of `main` for chats: the messages, since no person is at a terminal.
EXAMPLE_MESSAGES: dict[str, dict[str, Any]] = {
    "conversations/chat": {
        "message": ["I have a shady balcony.", "What can I grow there?"],
        "end": True,
    },
    "conversations/stop_and_steer": {},  # its default script
    "customer_service/customer_service": {
        "message": ["How many bags may I bring?", "I would like to talk to a human."],
        "end": True,
    },
    "goal_agent/goal": {
        "prompt": [
            "Find me an event in Oslo in June.",
            "The jazz one. I fly from Berlin.",
            "Book the cheapest. My email is ada@example.org.",
        ],
        "yes": True,
    },
    "streaming/stream": {
        "message": ["Tell me a story about a lighthouse.", "And then?"],
        "end": True,
    },
    "versioning/deploy": {"pinned": True},  # the other chat gets stuck
}

# The samples that run without a person. Services are started by their own tests.
UNATTENDED = [
    sample
    for sample in samples()
    if sample.starter.stem.endswith("_workflow") or sample.id in EXAMPLE_MESSAGES
]
SERVICES = [sample for sample in samples() if sample.is_service]
_starting: ContextVar[str] = ContextVar("_starting")
TOPICS = sorted({sample.topic for sample in samples()})

# A topic for each kind of model client: a client handles faults the same in every topic.
CLIENTS = ["basic", "model_providers"]
# A topic for each kind of model client, and for each kind of conversation.
REPRESENTATIVE = [*CLIENTS, "customer_service", "goal_agent"]


def each_topic(always: Collection[str] = REPRESENTATIVE) -> pytest.MarkDecorator:
    """Parametrize a test by topic; for topics that are not in `always`, it is exhaustive."""
    marks = {topic: [] if topic in always else [pytest.mark.exhaustive] for topic in TOPICS}
    params = [pytest.param(topic, marks=marks[topic]) for topic in TOPICS]
    return pytest.mark.parametrize("topic", params)


@dataclass
class Run:
    """A workflow run that a starter caused: the id of the starter's sample, and the history."""

    sample: str
    history: WorkflowHistory
    is_child: bool = False

    @property
    def id(self) -> str:
        return self.history.workflow_id

    def events(self, *types: EventType.ValueType) -> list[HistoryEvent]:
        """Return the events of the given types, in order."""
        return [event for event in self.history.events if event.event_type in types]

    @property
    def completed(self) -> bool:
        """Whether it completed, or continued as new: another run follows.

        The failure of a child workflow is its parent's to handle.
        """
        if self.is_child:
            return bool(self.events(*CHILD_CLOSED))
        return bool(
            self.events(
                EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
                EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
            )
        )

    @property
    def results(self) -> list[bytes]:
        """The encoded result; empty if the run did not complete."""
        return [
            payload.data
            for event in self.events(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED)
            for payload in event.workflow_execution_completed_event_attributes.result.payloads
        ]

    @property
    def failed_turns(self) -> list[str]:
        """The types of the root causes of failed updates, in order."""
        completed = self.events(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED)
        outcomes = [
            e.workflow_execution_update_completed_event_attributes.outcome for e in completed
        ]
        types = []
        for outcome in outcomes:
            if outcome.HasField("failure"):
                failure = outcome.failure
                while failure.HasField("cause"):
                    failure = failure.cause
                types.append(failure.application_failure_info.type)
        return types

    @property
    def model_attempts(self) -> list[int]:
        """The number of attempts of each model call, in order."""
        attempts = dict.fromkeys(sorted(self._model_calls()), 0)
        for event in self.events(EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED):
            started = event.activity_task_started_event_attributes
            if started.scheduled_event_id in attempts:
                attempts[started.scheduled_event_id] = started.attempt
        return list(attempts.values())

    @property
    def model_answers(self) -> int:
        """The number of model calls that have completed or failed permanently."""
        completed = self.events(EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED)
        failed = self.events(EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED)
        ids = {e.activity_task_completed_event_attributes.scheduled_event_id for e in completed}
        ids |= {e.activity_task_failed_event_attributes.scheduled_event_id for e in failed}
        return len(self._model_calls() & ids)

    def _model_calls(self) -> set[int]:
        scheduled = self.events(EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
        return {
            event.event_id
            for event in scheduled
            if event.activity_task_scheduled_event_attributes.activity_type.name == MODEL_CALL
        }

    @property
    def seconds_after_last_call(self) -> float:
        """The time from the end of the last call, or child, or from the start, to the end."""
        calls = self.events(
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
            EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
            EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED,
            EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED,
            EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_FAILED,
        )
        end, last = self.history.events[-1].event_time, calls[-1].event_time
        return (end.ToDatetime() - last.ToDatetime()).total_seconds()


@dataclass
class Outcome:
    """The outcome of starters.

    Attributes:
        failures: The exception of each starter, or None, by the sample's id.
        runs: The workflows that they ran.
    """

    failures: dict[str, BaseException | None]
    runs: list[Run]

    def assert_completed(self) -> None:
        """Check that every starter succeeded, and every run completed."""
        failed = {name: error for name, error in self.failures.items() if error}
        assert not failed, failed
        assert all(run.completed for run in self.runs)

    def errors(self, sample: str) -> list[str | None]:
        """Return the error types of failed turns of a conversation, or of the run."""
        turns = [type for run in self.runs if run.sample == sample for type in run.failed_turns]
        failure = self.failures[sample]
        return [*turns] or ([root_cause(failure).type] if failure else [])


def worker_of(topic: str, client: Client) -> Worker:
    """Return the topic's own worker on a client."""
    worker: Worker = import_module(f"{topic}.run_worker").build_worker(client)
    return worker


def plugin_options(topic: str) -> dict[str, Any]:
    """Return the options that the topic's worker and starters pass to `connect()`."""
    worker = import_module(f"{topic}.run_worker")
    options: dict[str, Any] = getattr(worker, "PLUGIN_OPTIONS", {})
    return options


@asynccontextmanager
async def provider_of(topic: str) -> AsyncIterator[ModelProvider]:
    """Yield the model provider of the topic's worker, or the plugin's default."""
    worker = import_module(f"{topic}.run_worker")
    if hasattr(worker, "open_provider"):
        async with worker.open_provider() as provider:
            yield provider
    else:
        async with OpenAIClient() as openai:
            yield OpenAIProvider(openai_client=openai)


def samples_of(topic: str) -> list[Sample]:
    """Return the samples of a topic that run without a person."""
    return [sample for sample in UNATTENDED if sample.topic == topic]


def largest_samples(topic: str) -> list[Sample]:
    """Return the three samples of a topic whose recorded runs have the most activities."""
    return sorted(samples_of(topic), key=recorded_activities, reverse=True)[:3]


def recorded_activities(sample: Sample) -> int:
    """Return how many activities the recorded run of a sample has."""
    return _recorded(sample).count("EVENT_TYPE_ACTIVITY_TASK_SCHEDULED")


def recorded_model_calls(sample: Sample) -> int:
    """Return how many model calls the recorded run of a sample has."""
    return _recorded(sample).count(f'"name": "{MODEL_CALL}"')


def _recorded(sample: Sample) -> str:
    return sample.history.read_text(encoding="utf-8") if sample.history.exists() else ""


class Starters:
    """Starters of samples that run concurrently, with their default arguments."""

    def __init__(self, chosen: Iterable[Sample]) -> None:
        self._mains = {sample.id: asyncio.ensure_future(_main(sample)) for sample in chosen}
        self.workflows: dict[str, str] = {}
        """The sample id of each started workflow, by workflow id."""

    @property
    def pending(self) -> int:
        """The number of starters that have not ended."""
        return sum(not main.done() for main in self._mains.values())

    async def outcome(self, client: Client) -> Outcome:
        """Wait until all starters have ended."""
        ends = await asyncio.gather(*self._mains.values(), return_exceptions=True)
        return Outcome(dict(zip(self._mains, ends, strict=True)), await self.runs(client))

    async def runs(self, client: Client) -> list[Run]:
        """Return the runs that the starters have started, their later runs, and their children."""
        return [
            Run(sample, history, history.workflow_id != id)
            for id, sample in list(self.workflows.items())
            for history in await histories_of_tree(client, id)
        ]

    def cancel(self) -> None:
        """Cancel the starters that have not ended."""
        for main in self._mains.values():
            main.cancel()


async def histories_of(client: Client, workflow_id: str) -> list[WorkflowHistory]:
    """Return the history of each run of a workflow, the first run first."""
    histories = [await client.get_workflow_handle(workflow_id).fetch_history()]
    while run_id := _previous_run(histories[0]):
        handle = client.get_workflow_handle(workflow_id, run_id=run_id)
        histories.insert(0, await handle.fetch_history())
    return histories


async def histories_of_tree(client: Client, workflow_id: str) -> list[WorkflowHistory]:
    """Return the histories of a workflow, and then those of its child workflows."""
    histories = await histories_of(client, workflow_id)
    started = [event for history in histories for event in history.events]
    for event in started:
        if event.HasField("child_workflow_execution_started_event_attributes"):
            child = event.child_workflow_execution_started_event_attributes.workflow_execution
            histories += await histories_of_tree(client, child.workflow_id)
    return histories


def _previous_run(history: WorkflowHistory) -> str:
    started = history.events[0].workflow_execution_started_event_attributes
    return started.continued_execution_run_id


async def _main(sample: Sample) -> None:
    _starting.set(sample.id)
    await import_module(f"{sample.topic}.{sample.starter.stem}").main(
        **EXAMPLE_MESSAGES.get(sample.id, {})
    )


def command_line(sample: Sample) -> list[str]:
    """Return the command line with which a sample runs without a person."""
    arguments = []
    for name, value in EXAMPLE_MESSAGES.get(sample.id, {}).items():
        for item in value if isinstance(value, list) else [value]:
            arguments += [f"--{name}"] if item is True else [f"--{name}", item]
    return arguments


@asynccontextmanager
async def setup_for(chosen: Iterable[Sample]) -> AsyncIterator[None]:
    """Run the setup scripts of samples; set the variables that they export during the block."""
    scripts = {script for sample in chosen for script in setup_scripts(sample)}
    with ExitStack() as stack:
        for script in scripts:
            printed = io.StringIO()
            with redirect_stdout(printed), redirect_stderr(printed):
                await import_module(f"{script.parent.name}.{script.stem}").main()
            stack.enter_context(variables(**exports(printed.getvalue())))
        yield


@asynccontextmanager
async def starting(chosen: Iterable[Sample], **workflow_options: Any) -> AsyncIterator[Starters]:
    """Run the real `main()` of samples for the duration of the block.

    Args:
        chosen: The samples.
        workflow_options: Additional arguments of each `start_workflow`.
    """
    chosen = list(chosen)
    start = Client.start_workflow
    async with setup_for(chosen):
        with patch.object(Client, "start_workflow", autospec=True) as started:
            starters = Starters(chosen)

            async def record_start(*args: Any, **options: Any) -> object:
                if sample := _starting.get(""):  # otherwise, the test itself starts it
                    starters.workflows[options["id"]] = sample
                return await start(*args, **{**options, **workflow_options})

            started.side_effect = record_start
            try:
                yield starters
            finally:
                starters.cancel()


async def start_all(chosen: Iterable[Sample], client: Client) -> Outcome:
    """Run the starters of samples concurrently until all have ended."""
    async with starting(chosen) as starters:
        return await starters.outcome(client)


@asynccontextmanager
async def topic_worker(topic: str, **profile: Any) -> AsyncIterator[tuple[Client, Worker]]:
    """Run a topic's worker with its real provider, and a short backoff between attempts.

    `profile` are more arguments of `connect()`.
    """
    async with provider_of(topic) as provider:
        options = {**plugin_options(topic), "model_provider": provider, **profile}
        client = await connect(**{**options, "model_params": model_params(12)})
        worker = worker_of(topic, client)
        async with worker:
            yield client, worker


async def run_samples(topic: str, chosen: Iterable[Sample], **profile: Any) -> Outcome:
    """Run samples concurrently; check that no workflow task failed, and that histories replay."""
    async with topic_worker(topic, **profile) as (client, worker):
        outcome = await start_all(chosen, client)
        await check([run.history for run in outcome.runs], client, worker)
    return outcome
