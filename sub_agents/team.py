"""The sub-agents of one lead: child workflows that a model starts with a tool."""

from durable_agents import InvalidInput, require_text

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from agents import FunctionTool, ModelBehaviorError, RunContextWrapper, function_tool
from temporalio import workflow
from temporalio.exceptions import FailureError
from temporalio.workflow import ParentClosePolicy

from sub_agents.children import child_id, describe_failure, raise_if_cancelled, shorten
from sub_agents.models import MAX_STEPS, ParentClosePolicyName, StepReport, SubAgent

MAX_SUB_AGENTS = 10  # of one lead
MAX_TASK_LENGTH = 4_000  # characters
MAX_RESULT_LENGTH = 4_000  # characters
TIMEOUT = timedelta(hours=1)  # of a sub-agent, including time in which no worker is up

W = TypeVar("W")


class Team:
    """The sub-agents of one workflow.

    Args:
        when_parent_closes: What happens to a running sub-agent when this workflow closes.
        timeout: The execution timeout of a sub-agent; it includes time in which no worker is up.
    """

    def __init__(
        self, when_parent_closes: ParentClosePolicyName, timeout: timedelta = TIMEOUT
    ) -> None:
        self._members: dict[str, SubAgent] = {}
        self._policy = ParentClosePolicy[when_parent_closes.upper()]
        self._timeout = timeout

    @property
    def members(self) -> list[SubAgent]:
        """The sub-agents, in the order in which they were started."""
        return list(self._members.values())

    def record(self, report: StepReport) -> None:
        """Add a step of a sub-agent; ignore unknown senders and more than `MAX_STEPS` steps."""
        member = self._members.get(report.agent_id)
        if member and len(member.steps) < MAX_STEPS:
            member.steps.append(report.step)

    def tool(
        self,
        child: Callable[[W, str], Awaitable[str]],
        name: str,
        description: str,
        task_queue: str | None = None,
    ) -> FunctionTool:
        """Return a child workflow as a tool, which takes a task and returns the child's result.

        A child that fails, times out, or is cancelled or terminated is reported to the model in one
        sentence. When this workflow is cancelled, it closes, and the parent close policy applies.

        Args:
            child: The `run` method of the child workflow.
            name: The name of the tool, which numbers its children: `PARENT/NAME-1`.
            description: What the sub-agent does, for the model.
            task_queue: The task queue of the child; the parent's by default.
        """

        async def delegate(task: str) -> str:
            """Delegate a task.

            Args:
                task: The task, complete in itself: the sub-agent sees nothing else.
            """
            try:
                require_text(task, "task", max_length=MAX_TASK_LENGTH)
                member = self._add(name, task)
            except InvalidInput as error:
                return f"{name} was not started: {error.message}"
            return await self._result(member, child, task, task_queue)

        return function_tool(
            delegate,
            name_override=name,
            description_override=description,
            failure_error_function=_describe_bad_call,
        )

    def _add(self, name: str, task: str) -> SubAgent:
        if len(self._members) >= MAX_SUB_AGENTS:
            raise InvalidInput(f"{MAX_SUB_AGENTS} sub-agents were started, which is the limit")
        name = f"{name}-{len(self._members) + 1}"
        member = SubAgent(
            id=child_id(name), name=name, task=shorten(task, 200), steps=[], outcome="running"
        )
        self._members[member.id] = member
        return member

    async def _result(
        self,
        member: SubAgent,
        child: Callable[[W, str], Awaitable[str]],
        task: str,
        task_queue: str | None,
    ) -> str:
        """Run a child; return its result, or why it has none, for the model."""
        try:
            result = await workflow.execute_child_workflow(
                child,
                task,
                id=member.id,
                task_queue=task_queue,
                execution_timeout=self._timeout,
                parent_close_policy=self._policy,
            )
        except FailureError as error:
            member.outcome = describe_failure(error, self._timeout)
            raise_if_cancelled()
            return f"{member.name} {member.outcome}"
        member.outcome = "completed"
        raise_if_cancelled()
        return shorten(result, MAX_RESULT_LENGTH)


def _describe_bad_call(context: RunContextWrapper[None], error: Exception) -> str:
    """Return what the model got wrong; raise any other error, which is not the model's to fix."""
    if isinstance(error, ModelBehaviorError):
        return f"was not started: {shorten(str(error), 300)}"
    raise error
