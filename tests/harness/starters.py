"""Runs the starters of samples in this process, and reads what they left on the server."""

from durable_agents import connect, root_cause

import asyncio
import io
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, redirect_stderr, redirect_stdout
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from unittest.mock import patch

from agents import ModelProvider, OpenAIProvider
from openai import AsyncOpenAI
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Worker

from sample_cli.catalog import Sample, samples
from sample_cli.sample_run import exports, setup_scripts
from tests.harness.workers import check, model_params

MODEL_CALL = "invoke_model_activity"

# What is said in a chat where nobody sits at the terminal: arguments of its starter's `main`.
EXAMPLE_MESSAGES: dict[str, dict[str, Any]] = {
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
}

# Samples that run without a person. Services are started by their own tests.
UNATTENDED = [
    sample
    for sample in samples()
    if sample.starter.stem.endswith("_workflow") or sample.id in EXAMPLE_MESSAGES
]
_starting: ContextVar[str] = ContextVar("_starting")
TOPICS = sorted({sample.topic for sample in samples()})

# What a client makes of a fault is the same in every topic: OpenAI's client, and LiteLLM's.
CLIENTS = ["basic", "model_providers"]


@dataclass
class Run:
    """One workflow that a starter ran, with its history, and the id of the starter's sample."""

    sample: str
    history: WorkflowHistory

    @property
    def id(self) -> str:
        return self.history.workflow_id

    def events(self, *types: EventType.ValueType) -> list[HistoryEvent]:
        """Return the events of the given types, in order."""
        return [event for event in self.history.events if event.event_type in types]

    @property
    def completed(self) -> bool:
        return bool(self.events(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED))

    @property
    def results(self) -> list[bytes]:
        """The run's result as it was encoded; nothing if it did not complete."""
        return [
            payload.data
            for event in self.events(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED)
            for payload in event.workflow_execution_completed_event_attributes.result.payloads
        ]

    @property
    def failed_turns(self) -> list[str]:
        """The types of the root causes for which updates failed, in order."""
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
        """How often each model call was tried, the calls in order."""
        attempts = dict.fromkeys(sorted(self._model_calls()), 0)
        for event in self.events(EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED):
            started = event.activity_task_started_event_attributes
            if started.scheduled_event_id in attempts:
                attempts[started.scheduled_event_id] = started.attempt
        return list(attempts.values())

    @property
    def model_answers(self) -> int:
        """How many model calls have been answered, or have failed for good."""
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
        """The time from the last call's end to the end of the run."""
        calls = self.events(
            EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
            EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED,
        )
        end, last = self.history.events[-1].event_time, calls[-1].event_time
        return (end.ToDatetime() - last.ToDatetime()).total_seconds()


@dataclass
class Outcome:
    """What the starters of some samples did.

    Attributes:
        failures: What each starter ended in, None where it ended well, by the sample's id.
        runs: The workflows that they ran.
    """

    failures: dict[str, BaseException | None]
    runs: list[Run]

    def assert_completed(self) -> None:
        """Check that every starter ended well, and every run completed."""
        failed = {name: error for name, error in self.failures.items() if error}
        assert not failed, failed
        assert all(run.completed for run in self.runs)

    def errors(self, sample: str) -> list[str | None]:
        """Return the type names of what failed: turns of a conversation, or the run."""
        turns = [type for run in self.runs if run.sample == sample for type in run.failed_turns]
        failure = self.failures[sample]
        return [*turns] or ([root_cause(failure).type] if failure else [])


def worker_of(topic: str, client: Client) -> Worker:
    """Return the topic's own worker on a client."""
    worker: Worker = import_module(f"{topic}.run_worker").build_worker(client)
    return worker


def plugin_options(topic: str) -> dict[str, Any]:
    """Return what the topic's worker and starters give to `connect()`."""
    worker = import_module(f"{topic}.run_worker")
    options: dict[str, Any] = getattr(worker, "PLUGIN_OPTIONS", {})
    return options


@asynccontextmanager
async def provider_of(topic: str) -> AsyncIterator[ModelProvider]:
    """Yield the model provider of the topic's worker, or the plugin's default; close it then."""
    worker = import_module(f"{topic}.run_worker")
    if hasattr(worker, "open_provider"):
        async with worker.open_provider() as provider:
            yield provider
    else:
        async with AsyncOpenAI(max_retries=0) as openai:
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
    """The starters of some samples, running side by side with their defaults."""

    def __init__(self, chosen: Iterable[Sample]) -> None:
        self._mains = {sample.id: asyncio.ensure_future(_main(sample)) for sample in chosen}
        self.workflows: dict[str, str] = {}
        """The sample of each workflow that was started, by the workflow's id."""

    @property
    def pending(self) -> int:
        """How many have not ended."""
        return sum(not main.done() for main in self._mains.values())

    async def outcome(self, client: Client) -> Outcome:
        """Wait until all have ended."""
        ends = await asyncio.gather(*self._mains.values(), return_exceptions=True)
        return Outcome(dict(zip(self._mains, ends, strict=True)), await self.runs(client))

    async def runs(self, client: Client) -> list[Run]:
        """Return the workflows that they have started."""
        return [
            Run(sample, await client.get_workflow_handle(id).fetch_history())
            for id, sample in list(self.workflows.items())
        ]

    def cancel(self) -> None:
        """Stop waiting for those that have not ended."""
        for main in self._mains.values():
            main.cancel()


async def _main(sample: Sample) -> None:
    _starting.set(sample.id)
    await import_module(f"{sample.topic}.{sample.starter.stem}").main(
        **EXAMPLE_MESSAGES.get(sample.id, {})
    )


def command_line(sample: Sample) -> list[str]:
    """Return the arguments with which a sample runs without a person."""
    arguments = []
    for name, value in EXAMPLE_MESSAGES.get(sample.id, {}).items():
        for item in value if isinstance(value, list) else [value]:
            arguments += [f"--{name}"] if item is True else [f"--{name}", item]
    return arguments


@asynccontextmanager
async def prepared(chosen: Iterable[Sample]) -> AsyncIterator[None]:
    """Run the setup scripts that samples need; what they export is set while the block lasts."""
    scripts = {script for sample in chosen for script in setup_scripts(sample)}
    with patch.dict(os.environ):
        for script in scripts:
            printed = io.StringIO()
            with redirect_stdout(printed), redirect_stderr(printed):
                await import_module(f"{script.parent.name}.{script.stem}").main()
            os.environ.update(exports(printed.getvalue()))
        yield


@asynccontextmanager
async def starting(chosen: Iterable[Sample], **workflow_options: Any) -> AsyncIterator[Starters]:
    """Run the real `main()` of samples for as long as the block lasts.

    Args:
        chosen: The samples.
        workflow_options: More arguments for each `start_workflow`.
    """
    chosen = list(chosen)
    start = Client.start_workflow
    async with prepared(chosen):
        with patch.object(Client, "start_workflow", autospec=True) as started:
            starters = Starters(chosen)

            async def noting(*args: Any, **options: Any) -> object:
                starters.workflows[options["id"]] = _starting.get()
                return await start(*args, **{**options, **workflow_options})

            started.side_effect = noting
            try:
                yield starters
            finally:
                starters.cancel()


async def start_all(chosen: Iterable[Sample], client: Client) -> Outcome:
    """Run the starters of samples side by side, to their ends."""
    async with starting(chosen) as starters:
        return await starters.outcome(client)


@asynccontextmanager
async def serving(topic: str) -> AsyncIterator[tuple[Client, Worker]]:
    """Serve a topic with the real provider, and short waits between the attempts of a call."""
    async with provider_of(topic) as provider:
        options = {**plugin_options(topic), "model_provider": provider}
        client = await connect(**{**options, "model_params": model_params(12)})
        worker = worker_of(topic, client)
        async with worker:
            yield client, worker


async def play(topic: str, chosen: Iterable[Sample]) -> Outcome:
    """Run samples side by side; check that no workflow task failed and that all replays."""
    async with serving(topic) as (client, worker):
        outcome = await start_all(chosen, client)
        await check([run.history for run in outcome.runs], client, worker)
    return outcome
