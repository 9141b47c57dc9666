"""Puts every model call of a worker's workflows on the budget of their tree.

All model calls pass here, whichever agent makes them: agents as tools, handoffs, guardrails. Hooks
would have to be passed to each of them, and see neither failed calls nor lost attempts.
"""

from durable_agents import InvalidInput, encoded_size, root_cause

import asyncio
from collections.abc import Mapping
from typing import cast

from agents import ModelResponse, ModelSettings
from pydantic import ValidationError
from temporalio import activity, workflow
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.plugin import SimplePlugin
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
    StartActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.workflow import ActivityHandle

from budgets.activities.ledger import BudgetActivities
from budgets.budget import Budget
from budgets.budgeted import Budgeted
from budgets.models import CallUsage, PlannedCall

MODEL_CALL, STREAMED_MODEL_CALL = "invoke_model_activity", "invoke_model_activity_streaming"
HEADER = "budget-call"
BYTES_PER_TOKEN = 3
"""Bytes of a request for each token of its estimate: most text has three to four."""


class BudgetExhausted(ApplicationError):
    """A failed call has no room for another attempt. Its workflow waits, and calls again."""

    def __init__(self, attempt: int) -> None:
        super().__init__(
            f"the budget has no room for attempt {attempt}",
            type=BudgetExhausted.__name__,
            non_retryable=True,
            category=ApplicationErrorCategory.BENIGN,
        )


class BudgetPlugin(SimplePlugin, Interceptor):
    """Reserves and settles the model calls of a worker: `Worker(plugins=[BudgetPlugin(...)])`.

    Every workflow of the worker that calls a model must be `Budgeted`, and every agent needs
    `ModelSettings(max_tokens=...)`: a call without a limit cannot be reserved.
    """

    def __init__(self, activities: BudgetActivities) -> None:
        super().__init__("budgets", interceptors=[self])
        self._activities = activities

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Reserve attempts on the worker."""
        return _Attempts(next, self._activities)

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor]:
        """Reserve calls in workflows."""
        return _WorkflowInbound


class _Attempts(ActivityInboundInterceptor):
    """Reserves each retried attempt: the earlier one may have been paid."""

    def __init__(self, next: ActivityInboundInterceptor, activities: BudgetActivities) -> None:
        super().__init__(next)
        self._activities = activities

    async def execute_activity(self, input: ExecuteActivityInput) -> object:
        header, attempt = input.headers.get(HEADER), activity.info().attempt
        if header and attempt > 1:
            call = activity.payload_converter().from_payload(header, PlannedCall)
            if not (await self._activities.reserve_attempt(call, attempt)).is_granted:
                raise BudgetExhausted(attempt)
        return await super().execute_activity(input)


class _WorkflowInbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Calls(outbound))


class _Calls(WorkflowOutboundInterceptor):
    """Reserves each model call before it starts, and settles it when it has ended."""

    def start_activity(self, input: StartActivityInput) -> ActivityHandle[object]:
        if input.activity == STREAMED_MODEL_CALL:
            raise InvalidInput("streamed model calls have no budget; use Runner.run")
        if input.activity != MODEL_CALL:
            return super().start_activity(input)
        return cast("ActivityHandle[object]", asyncio.create_task(self._call(input)))

    async def _call(self, input: StartActivityInput) -> ModelResponse:
        budget = _budget_of(workflow.instance())
        while True:
            call = _planned(budget, input)
            try:
                await budget.reserve(call)
                header = workflow.payload_converter().to_payload(call)
                input.headers = {**input.headers, HEADER: header}
                response: ModelResponse = await super().start_activity(input)
            except (Exception, asyncio.CancelledError) as error:
                # Not in a `finally`: that also runs when an evicted workflow is garbage-collected,
                # and its await would then run in whichever workflow is active.
                await budget.settle(call, None)
                if root_cause(error).type != BudgetExhausted.__name__:
                    raise
            else:
                await budget.settle(call, _usage(response))
                return response


def _budget_of(instance: object) -> Budget:
    if not isinstance(instance, Budgeted):
        name = type(instance).__name__
        raise InvalidInput(f"{name} calls a model without a budget; derive it from Budgeted")
    return instance.budget


def _planned(budget: Budget, input: StartActivityInput) -> PlannedCall:
    request, agent = cast("Mapping[str, object]", input.args[0]), input.summary or "agent"
    max_tokens = cast(ModelSettings, request["model_settings"]).max_tokens
    if not max_tokens:
        raise InvalidInput(f"agent {agent!r} needs ModelSettings(max_tokens=...) for its budget")
    return PlannedCall(
        budget=budget.id,
        id=str(workflow.uuid4()),
        workflow_id=budget.workflow_id,
        agent=agent,
        model=cast("str | None", request.get("model_name")),
        input_tokens=encoded_size(request) // BYTES_PER_TOKEN + 1,
        output_tokens=max_tokens,
    )


def _usage(response: ModelResponse) -> CallUsage | None:
    """Return the usage, or None if the provider reports none, or counts that cannot be right.

    Such a call is billed at its estimate.
    """
    usage, details = response.usage, response.usage.input_tokens_details
    try:
        return CallUsage(
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cached_tokens=details.cached_tokens or 0,
            cache_write_tokens=getattr(details, "cache_write_tokens", 0) or 0,
        )
    except ValidationError:
        return None
