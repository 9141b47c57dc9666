"""Measures what a workflow sends, in the code that sends it.

The server takes at most 4 MiB from one workflow task. Beyond it, it terminates the workflow: no
error, no cleanup. Here the call that would exceed it raises `TooLarge` instead, which workflow code
can catch. Replay measures the same, so it raises the same.
"""

from durable_agents.errors import TooLarge

from collections.abc import Sequence
from typing import Any, NoReturn

from pydantic_core import to_json
from temporalio import workflow
from temporalio.common import RawValue
from temporalio.worker import (
    ContinueAsNewInput,
    SignalChildWorkflowInput,
    SignalExternalWorkflowInput,
    StartActivityInput,
    StartChildWorkflowInput,
    WorkflowOutboundInterceptor,
)

MAX_TASK_BYTES = 4_000_000
"""Bytes of all that one workflow task sends. gRPC takes 4 MiB, of which frames take some."""


def encoded_size(value: object) -> int:
    """Return the size of a value as JSON, in bytes: a control character takes six.

    Raises:
        ValueError: It is not valid Unicode.
    """
    return len(to_json(value))


class TaskSize:
    """Counts the bytes that the current workflow task sends."""

    def __init__(self, max_bytes: int | None) -> None:
        self._max_bytes = max_bytes
        self._task = self._sent = 0

    def encode(self, values: Sequence[Any]) -> list[Any]:
        """Return `values` encoded and counted; what comes after passes them on as they are.

        Raises:
            TooLarge: One of them is too large, or all that this workflow task sends.
        """
        if self._max_bytes is None or not values:
            return list(values)
        payloads = workflow.payload_converter().to_payloads(values)
        task = workflow.info().get_current_history_length()
        if task != self._task:
            self._task, self._sent = task, 0
        size = sum(payload.ByteSize() for payload in payloads)
        if self._sent + size > self._max_bytes:
            sent = self._sent + size
            raise TooLarge("everything sent at once", sent, self._max_bytes)
        self._sent += size
        return [RawValue(payload) for payload in payloads]


class MeasuringOutbound(WorkflowOutboundInterceptor):
    """Encodes what a workflow sends once, here. Interceptors after it see raw values.

    Args:
        next: The next interceptor.
        sizes: What counts for this workflow.
    """

    def __init__(self, next: WorkflowOutboundInterceptor, sizes: TaskSize) -> None:
        super().__init__(next)
        self._sizes = sizes

    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:
        """Measure the arguments."""
        input.args = self._sizes.encode(input.args)
        return super().start_activity(input)

    async def start_child_workflow(
        self, input: StartChildWorkflowInput
    ) -> workflow.ChildWorkflowHandle[Any, Any]:
        """Measure the arguments."""
        input.args = self._sizes.encode(input.args)
        return await super().start_child_workflow(input)

    async def signal_child_workflow(self, input: SignalChildWorkflowInput) -> None:
        """Measure the arguments."""
        input.args = self._sizes.encode(input.args)
        await super().signal_child_workflow(input)

    async def signal_external_workflow(self, input: SignalExternalWorkflowInput) -> None:
        """Measure the arguments."""
        input.args = self._sizes.encode(input.args)
        await super().signal_external_workflow(input)

    def continue_as_new(self, input: ContinueAsNewInput) -> NoReturn:
        """Measure the arguments and the memo: beyond here, nothing could catch what is raised."""
        input.args = self._sizes.encode(input.args)
        if input.memo:
            values = self._sizes.encode(list(input.memo.values()))
            input.memo = dict(zip(input.memo, values, strict=True))
        super().continue_as_new(input)
