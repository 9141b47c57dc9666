"""Limits the bytes that one workflow task sends, with an error that workflow code can catch.

The server accepts at most 4 MiB from one workflow task. Beyond that, it terminates the workflow
without an error or cleanup. Here, the call that would exceed the limit raises `TooLarge` instead,
which workflow code can catch. Replay measures the same sizes, so it raises the same error.
"""
# ruff: noqa: D102 (the base class documents the methods that are overridden)

from durable_agents.errors import TooLarge

from collections.abc import Sequence
from typing import Any, NoReturn, TypeVar

from temporalio import worker, workflow
from temporalio.common import RawValue

MAX_TASK_BYTES = 4_000_000
"""Bytes that one workflow task may send. gRPC accepts 4 MiB, part of which is framing."""

Input = TypeVar("Input", bound=Any)


class TaskSizeLimit(worker.WorkflowOutboundInterceptor):
    """Encodes and counts what a workflow sends. Interceptors after this one see raw values."""

    def __init__(self, next: worker.WorkflowOutboundInterceptor, max_bytes: int | None) -> None:
        super().__init__(next)
        self._max_bytes = max_bytes
        self._task = self._sent = 0

    def encode(self, values: Sequence[Any]) -> list[Any]:
        """Return `values` encoded.

        Raises:
            TooLarge: A value exceeds the limit of a payload, or all values that this workflow task
                sends exceed `max_bytes`.
        """
        if self._max_bytes is None or not values:
            return list(values)
        payloads = workflow.payload_converter().to_payloads(values)
        task = workflow.info().get_current_history_length()
        if task != self._task:
            self._task, self._sent = task, 0
        sent = self._sent + sum(payload.ByteSize() for payload in payloads)
        if sent > self._max_bytes:
            raise TooLarge("everything sent at once", sent, self._max_bytes)
        self._sent = sent
        return [RawValue(payload) for payload in payloads]

    def _encoded(self, input: Input) -> Input:
        input.args = self.encode(input.args)
        return input

    def start_activity(self, input: worker.StartActivityInput) -> workflow.ActivityHandle[Any]:
        return super().start_activity(self._encoded(input))

    async def start_child_workflow(
        self, input: worker.StartChildWorkflowInput
    ) -> workflow.ChildWorkflowHandle[Any, Any]:
        return await super().start_child_workflow(self._encoded(input))

    async def signal_child_workflow(self, input: worker.SignalChildWorkflowInput) -> None:
        await super().signal_child_workflow(self._encoded(input))

    async def signal_external_workflow(self, input: worker.SignalExternalWorkflowInput) -> None:
        await super().signal_external_workflow(self._encoded(input))

    def continue_as_new(self, input: worker.ContinueAsNewInput) -> NoReturn:
        if input.memo:  # encoded here, because workflow code could not catch a later error
            values = self.encode(list(input.memo.values()))
            input.memo = dict(zip(input.memo, values, strict=True))
        super().continue_as_new(self._encoded(input))
