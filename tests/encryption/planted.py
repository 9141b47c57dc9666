"""A workflow with a secret in every place that can carry text."""

from durable_agents import activity_tool

from datetime import timedelta

from agents import Agent, Runner
from agents.testing import ScriptedModel, assistant_message, function_call
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.worker import Worker

QUEUE = "planted-secrets"


@activity.defn
async def account(name: str) -> str:
    """Look up an account."""
    activity.heartbeat("SECRET-heartbeat")
    if name == "SECRET-unknown":
        raise ApplicationError(
            "SECRET-failure",
            {"detail": "SECRET-detail"},
            type="UnknownAccount",
            non_retryable=True,
            category=ApplicationErrorCategory.BENIGN,
        )
    return f"SECRET-balance of {name}"


@workflow.defn
class PlantedWorkflow:
    """Runs an agent, continues after an update, and fails."""

    def __init__(self) -> None:
        self._continued = False
        self._notes: list[str] = []

    @workflow.run
    async def run(self, prompt: str) -> str:
        """Fail with a secret."""
        tool = activity_tool(account, summary="SECRET-summary")
        agent = Agent("Clerk", instructions="SECRET-instructions", tools=[tool])
        await Runner.run(agent, prompt)
        workflow.set_current_details("SECRET-current")
        workflow.upsert_memo({"memo": "SECRET-upserted"})
        await workflow.sleep(timedelta(milliseconds=1), summary="SECRET-timer")
        await workflow.wait_condition(lambda: self._continued)
        raise ApplicationError("SECRET-error", "SECRET-information", type="Planted")

    @workflow.update
    async def proceed(self, text: str) -> str:
        """Let the workflow fail."""
        self._continued = True
        return f"SECRET-updated {text}"

    @workflow.update
    async def refuse(self, text: str) -> None:
        """Fail the update."""
        raise ApplicationError(f"SECRET-refused {text}", type="Refused")

    @workflow.signal
    async def note(self, text: str) -> None:
        """Keep a note."""
        self._notes.append(text)

    @workflow.query
    def notes(self) -> list[str]:
        """Return the notes."""
        return self._notes


def build_worker(client: Client) -> Worker:
    return Worker(client, task_queue=QUEUE, workflows=[PlantedWorkflow], activities=[account])


def model() -> ScriptedModel:
    """Return a model that looks up an unknown account, and another one."""
    names = ("SECRET-unknown", "SECRET-known")
    calls = [function_call("account", {"name": name}, call_id=name) for name in names]
    return ScriptedModel([[call] for call in calls] + [[assistant_message("SECRET-answer")]])
