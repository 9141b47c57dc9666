"""Evicts the workflows that are open when a worker of this process shuts down.

The SDK evicts a workflow that leaves a running worker's cache, but not those that are cached when
the worker shuts down: Python closes their coroutines later, in garbage collection, in any thread. A
workflow in mid-turn would then raise "created in a different Context" in some other test. A worker
process ends instead, and closes nothing. Importing this module installs the eviction.
"""

import asyncio
from unittest.mock import patch

from temporalio.bridge.proto.workflow_activation import (
    RemoveFromCache,
    WorkflowActivation,
    WorkflowActivationJob,
)
from temporalio.worker._workflow import _WorkflowWorker

_run = _WorkflowWorker.run


async def _run_and_evict(worker: _WorkflowWorker) -> None:
    await _run(worker)
    evict = [WorkflowActivationJob(remove_from_cache=RemoveFromCache())]
    while worker._running_workflows:
        run_id, workflow = worker._running_workflows.popitem()
        await asyncio.to_thread(workflow.activate, WorkflowActivation(run_id=run_id, jobs=evict))


patch.object(_WorkflowWorker, "run", _run_and_evict).start()
