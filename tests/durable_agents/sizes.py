"""A workflow that sends oversized values in every way that a workflow can."""

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

LARGE = 2_200_000
"""Bytes, above the limit of one message."""

HALF = 1_900_000
"""Bytes. One workflow task can send two, but not three."""

RETRIES = RetryPolicy(initial_interval=timedelta(milliseconds=20), maximum_attempts=3)


class Activities:
    """Counts its runs."""

    def __init__(self) -> None:
        self.runs = 0

    @activity.defn
    async def take(self, text: str) -> str:
        """Take any input."""
        self.runs += 1
        return "taken"

    @activity.defn
    async def give(self, size: int) -> str:
        """Return a result of `size` bytes."""
        self.runs += 1
        return "x" * size

    @activity.defn
    async def fail(self, size: int) -> str:
        """Fail with a message of `size` bytes."""
        self.runs += 1
        raise ApplicationError("m" * size, non_retryable=True)


@workflow.defn
class Child:
    """Accepts any input."""

    @workflow.run
    async def run(self, text: str) -> str:
        """Return at once."""
        return "done"

    @workflow.signal
    async def notify(self, text: str) -> None:
        """Take any text."""


@workflow.defn
class Sender:
    """Sends an oversized value in the requested way; the case `caught` catches the error."""

    def __init__(self) -> None:
        self.finished = False

    @workflow.run
    async def run(self, case: str, carried: str = "") -> str:
        """Return the outcome."""
        if case == "wait":
            await workflow.wait_condition(lambda: self.finished)
            return "finished"
        if case == "caught":
            try:
                await self.send("activity input")
            except ApplicationError as error:
                return f"caught {error.type}"
        return await self.send(case)

    async def send(self, case: str) -> str:
        """Send an oversized value in one way."""
        large, timeout = "p" * LARGE, timedelta(seconds=20)
        options = workflow.ActivityConfig(start_to_close_timeout=timeout, retry_policy=RETRIES)
        match case:
            case "activity input":
                return await workflow.execute_activity_method(Activities.take, large, **options)
            case "activity result":
                return await workflow.execute_activity_method(Activities.give, LARGE, **options)
            case "activity failure":
                return await workflow.execute_activity_method(Activities.fail, LARGE, **options)
            case "local activity result":
                return await workflow.execute_local_activity_method(
                    Activities.give,
                    LARGE,
                    start_to_close_timeout=timeout,
                    retry_policy=RETRIES,
                )
            case "calls at once":
                calls = [
                    workflow.start_activity_method(Activities.take, "p" * HALF, **options)
                    for _ in range(3)
                ]
                return str([await call for call in calls])
            case "calls one after another":
                for _ in range(3):
                    await workflow.execute_activity_method(Activities.take, "p" * HALF, **options)
                return "sent"
            case "child input":
                return await workflow.execute_child_workflow(Child.run, large)
            case "child memo":
                return await workflow.execute_child_workflow(Child.run, "", memo={"m": large})
            case "child signal":
                # Abandoned: the server would close it in the middle of its first task.
                child = await workflow.start_child_workflow(
                    Child.run, "", parent_close_policy=workflow.ParentClosePolicy.ABANDON
                )
                await child.signal(Child.notify, large)
            case "external signal":
                me = workflow.get_external_workflow_handle(workflow.info().workflow_id)
                await me.signal("finish", large)
            case "continue as new":
                workflow.continue_as_new(args=["wait", large])
            case "continue as new memo":
                workflow.continue_as_new(args=["wait"], memo={"m": large})
            case "continue as new within the limits":
                half = "p" * HALF
                workflow.continue_as_new(args=["nothing", half], memo={"m": half})
            case "memo":
                workflow.upsert_memo({"m": large})
            case "result":
                return large
            case "failure":
                raise ApplicationError("m" * LARGE, type="Huge")
            case "failure details":
                raise ApplicationError("m", large)
            case "long chain of causes":
                raise ApplicationError("m") from nested_causes(150)
            case "endless chain of causes":
                raise ApplicationError("m") from nested_causes(2_000)
            case "lone surrogate in a failure":
                raise ApplicationError("half an emoji: \ud83d", type="Odd")
        return "sent"

    @workflow.update
    async def reply(self, size: int) -> str:
        """Return `size` bytes."""
        return "r" * size

    @workflow.update
    async def fail(self, size: int) -> str:
        """Fail with `size` bytes."""
        raise ApplicationError("r" * size, type="Huge")

    @workflow.update
    async def refuse(self, size: int) -> str:
        """Reject every call, in the validator."""
        return ""

    @refuse.validator
    def check_refuse(self, size: int) -> None:
        """Reject with `size` bytes."""
        raise ValueError("r" * size)

    @workflow.update
    async def refuse_with_details(self, size: int) -> str:
        """Reject every call, in the validator."""
        return ""

    @refuse_with_details.validator
    def check_refuse_with_details(self, size: int) -> None:
        """Reject with details of `size` bytes."""
        raise ApplicationError("refused", "d" * size)

    @workflow.signal
    def finish(self, text: str = "") -> None:
        """Let the run complete."""
        self.finished = True

    @workflow.query
    def ask(self, size: int) -> str:
        """Return `size` bytes."""
        return "q" * size


def nested_causes(count: int) -> ApplicationError:
    """Return an error with `count` causes, each of the one before."""
    error = ApplicationError("root")
    for _ in range(count):
        outer = ApplicationError("outer")
        outer.__cause__ = error
        error = outer
    return error
