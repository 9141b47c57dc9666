"""Keeps model input out of history: a model call fetches it from its own workflow by query.

The input of each model call is the whole conversation, and history records it every time: the
history of a turn grows with the square of its calls. The workflow has the conversation in memory,
though, and rebuilds it on replay. With `ModelInputPlugin`, history records a reference instead.

    Worker(client, task_queue=..., workflows=[...], plugins=[ModelInputPlugin()])

Every worker that runs the workflows or their model calls needs the plugin. A model worker without
it fails the call: the reference is an `item_reference` that no API knows. Payload codecs and
worker versioning apply to the query as to any other. Local model activities are left as they are.
"""
# ruff: noqa: D102 (the base classes document the methods that are overridden)

from durable_agents.errors import TooLarge
from durable_agents.handles import is_transient
from durable_agents.model_calls import MODEL_CALLS

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from pydantic import TypeAdapter
from pydantic_core import from_json
from temporalio import activity, worker, workflow
from temporalio.client import WorkflowQueryFailedError
from temporalio.exceptions import ApplicationError
from temporalio.plugin import SimplePlugin
from temporalio.service import RPCError

MIN_BYTES = 4_096
"""Smaller inputs stay in history: a query costs more than it saves."""

MAX_BYTES = 32_000_000
"""The limit of one model input, far above the context of any model."""

PAGE_BYTES = 500_000
"""The size of one query result. The SDK warns from 512 KiB; the server's limit is 2 MiB."""

QUERY = "durable_agents.model_input"
QUERY_TIMEOUT = timedelta(seconds=10)
RETRY_INTERVAL = 1.0  # seconds

_PREFIX = "workflow-model-input"
_ANY = TypeAdapter[Any](Any)


class ModelInputPlugin(SimplePlugin, worker.Interceptor):
    """Replaces the input of model calls by a reference. Add it to `Worker(plugins=[...])`.

    Args:
        min_bytes: Smaller inputs stay in history.
        recorder: Receives the input of every model call, in order. Use it with a `Replayer` to
            rebuild from a history what the model was asked.
    """

    def __init__(self, *, min_bytes: int = MIN_BYTES, recorder: list[object] | None = None) -> None:
        super().__init__("durable-agents.model-input", interceptors=[self])
        self._options = {"min_bytes": min_bytes, "recorder": recorder}

    def intercept_activity(
        self, next: worker.ActivityInboundInterceptor
    ) -> worker.ActivityInboundInterceptor:
        return _ActivityInbound(next)

    def workflow_interceptor_class(
        self, input: worker.WorkflowInterceptorClassInput
    ) -> type[worker.WorkflowInboundInterceptor]:
        return type("WithModelInput", (_WorkflowInbound,), self._options)


class _Reference(NamedTuple):
    call: int
    size: int

    def to_input(self) -> list[dict[str, str]]:
        return [{"type": "item_reference", "id": f"{_PREFIX}/{self.call}/{self.size}"}]


def _reference(arguments: Sequence[Any]) -> _Reference | None:
    """Return the reference that a model activity received in place of its input, if any."""
    input = arguments[0].get("input")
    item = input[0] if isinstance(input, list) and len(input) == 1 else None
    if not isinstance(item, dict) or not str(item.get("id")).startswith(f"{_PREFIX}/"):
        return None
    _, call, size = item["id"].split("/")
    return _Reference(int(call), int(size))


class _WorkflowInbound(worker.WorkflowInboundInterceptor):
    min_bytes: int
    recorder: list[object] | None

    def init(self, outbound: worker.WorkflowOutboundInterceptor) -> None:
        self._pending: dict[int, bytes] = {}
        super().init(_WorkflowOutbound(outbound, self._pending, self.min_bytes, self.recorder))

    async def execute_workflow(self, input: worker.ExecuteWorkflowInput) -> Any:
        workflow.set_query_handler(QUERY, self._page)
        return await super().execute_workflow(input)

    def _page(self, call: int, start: int) -> bytes:
        """Return the next bytes of a pending call's input; none if the call is not pending."""
        return self._pending.get(call, b"")[start : start + PAGE_BYTES]


class _WorkflowOutbound(worker.WorkflowOutboundInterceptor):
    def __init__(
        self,
        next: worker.WorkflowOutboundInterceptor,
        pending: dict[int, bytes],
        min_bytes: int,
        recorder: list[object] | None,
    ) -> None:
        super().__init__(next)
        self._pending, self._min_bytes, self._recorder = pending, min_bytes, recorder
        self._calls = 0

    def start_activity(self, input: worker.StartActivityInput) -> workflow.ActivityHandle[Any]:
        if input.activity not in MODEL_CALLS:
            return super().start_activity(input)
        encoded = _ANY.dump_json(input.args[0]["input"], exclude_unset=True)
        if self._recorder is not None:
            self._recorder.append(from_json(encoded))
        if len(encoded) < self._min_bytes:
            return super().start_activity(input)
        if len(encoded) > MAX_BYTES:
            raise TooLarge("the model's input", len(encoded), MAX_BYTES)
        self._calls += 1
        call = self._calls
        reference = _Reference(call, len(encoded))
        input.args = [{**input.args[0], "input": reference.to_input()}]
        self._pending[call] = encoded
        handle = super().start_activity(input)
        handle.add_done_callback(lambda _: self._pending.pop(call))
        return handle


class _ActivityInbound(worker.ActivityInboundInterceptor):
    async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:
        if activity.info().activity_type in MODEL_CALLS and (found := _reference(input.args)):
            input.args = [{**input.args[0], "input": await _fetch(found)}]
        return await super().execute_activity(input)


async def _fetch(reference: _Reference) -> Any:
    """Return a model call's input, from the workflow that waits for the call.

    While no worker runs the workflow, keep trying: the model call has not failed.
    """
    info, encoded = activity.info(), bytearray()
    handle = activity.client().get_workflow_handle(
        info.workflow_id or "", run_id=info.workflow_run_id
    )
    while len(encoded) < reference.size:
        try:
            page = await handle.query(
                QUERY,
                args=[reference.call, len(encoded)],
                result_type=bytes,
                rpc_timeout=QUERY_TIMEOUT,
            )
        except WorkflowQueryFailedError as error:  # such as a workflow worker without the plugin
            raise _unavailable(error.message) from None
        except RPCError as error:
            if not is_transient(error):
                raise _unavailable(error.message, non_retryable=True) from None
            await asyncio.sleep(RETRY_INTERVAL)
            continue
        if not page:
            raise _unavailable("the workflow no longer waits for this call", non_retryable=True)
        encoded += page
    return from_json(encoded)


def _unavailable(reason: str, *, non_retryable: bool = False) -> ApplicationError:
    message = f"The model's input cannot be fetched from the workflow: {reason}"
    return ApplicationError(message, type="ModelInputUnavailable", non_retryable=non_retryable)
