"""A workflow with one of each kind of step, for the tests of timelines and recorded histories."""

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

SOON = RetryPolicy(initial_interval=timedelta(milliseconds=10))
MINUTE = timedelta(minutes=1)


@activity.defn(name="invoke_model_activity")
async def ask_model() -> dict[str, object]:
    if activity.info().attempt == 1:
        raise ApplicationError("slow down", type="RateLimit")
    return {"output": [{"type": "function_call", "name": "get_weather", "arguments": "{}"}]}


@activity.defn
async def get_weather() -> str:
    return "sunny"


@activity.defn
async def save() -> None:
    raise ApplicationError("disk full", type="DiskFull", non_retryable=True)


@workflow.defn(sandboxed=False)
class Leg:
    @workflow.run
    async def run(self) -> None: ...


@workflow.defn(sandboxed=False)
class Trip:
    """Does one of each thing that a timeline shows."""

    def __init__(self) -> None:
        self._go = False

    @workflow.signal
    def go(self) -> None:
        self._go = True

    @workflow.update
    def rename(self, name: str) -> None:
        raise ApplicationError("no such name", type="BadName")

    @workflow.run
    async def run(self, last: bool) -> None:
        if last:
            return
        await workflow.wait_condition(lambda: self._go)
        for name in ("invoke_model_activity", "get_weather"):
            await workflow.execute_activity(
                name, start_to_close_timeout=MINUTE, retry_policy=SOON, summary="Guide"
            )
        try:
            await workflow.execute_activity(save, start_to_close_timeout=MINUTE)
        except ActivityError:
            await workflow.execute_child_workflow(Leg.run)
        workflow.continue_as_new(True)
