"""Runs workflows in the SDK's sandbox, without per-payload work that nothing uses.

For every payload that a workflow sends or receives, a worker asks the sandbox which activity, child
workflow, or signal the payload belongs to. To answer, the sandbox compiles and runs a line of code,
which took a tenth of a worker's CPU. Only external storage and codecs with a context need to know.
A worker also starts a task for each payload, to transfer several at once from external storage.
"""

from dataclasses import dataclass, replace
from typing import Any

from temporalio.converter import DataConverter, StorageDriverStoreContext, WithSerializationContext
from temporalio.worker import (
    WorkerConfig,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowRunner,
)
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner


def with_passthrough(runner: WorkflowRunner | None, module: str) -> WorkflowRunner:
    """Return a sandbox that imports `module` once a process; runners without a sandbox as is."""
    if not isinstance(runner, SandboxedWorkflowRunner):
        return runner or SandboxedWorkflowRunner()
    return replace(runner, restrictions=runner.restrictions.with_passthrough_modules(module))


def skip_unused_payload_steps(config: WorkerConfig) -> None:
    """Skip what only external storage and codecs with a context use, if the worker has none."""
    converter = config["client"].data_converter
    if not converter.external_storage:
        config["max_workflow_task_external_storage_concurrency"] = 1  # without tasks
        config["workflow_runner"] = without_contexts(config["workflow_runner"], converter)


def without_contexts(runner: WorkflowRunner, converter: DataConverter) -> WorkflowRunner:
    """Return the same sandbox without contexts of payloads, unless the codec uses them."""
    uses_contexts = isinstance(converter.payload_codec, WithSerializationContext)
    if type(runner) is not SandboxedWorkflowRunner or uses_contexts:
        return runner
    return _ContextFreeSandbox(runner.restrictions, runner.runner_class)


@dataclass(frozen=True)
class _ContextFreeSandbox(SandboxedWorkflowRunner):
    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return _Instance(super().create_instance(det))


class _Instance(WorkflowInstance):
    def __init__(self, sandboxed: WorkflowInstance) -> None:
        self._sandboxed = sandboxed

    def activate(self, act: Any) -> Any:
        return self._sandboxed.activate(act)

    def get_info(self) -> Any:
        return self._sandboxed.get_info()

    def get_thread_id(self) -> int | None:
        return self._sandboxed.get_thread_id()

    def get_serialization_context(self, command_info: Any) -> None:
        return None

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:
        return StorageDriverStoreContext(target=None)
