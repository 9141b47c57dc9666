"""Lets workflow tasks take longer than the SDK allows, since a busy machine stalls for seconds.

The SDK fails a workflow task whose code does not yield within two seconds, as if it had blocked.
The server retries the task, so a run does not notice; but the tests count failed tasks. Importing
this module sets the limit.
"""

from typing import Any
from unittest.mock import patch

from temporalio.worker._workflow import _WorkflowWorker

TIMEOUT = 20  # seconds
_init = _WorkflowWorker.__init__


def init(worker: _WorkflowWorker, /, *args: Any, **kwargs: Any) -> None:
    """Create a worker for workflow tasks, with this module's limit."""
    _init(worker, *args, **kwargs)
    worker._deadlock_timeout_seconds = TIMEOUT


patch.object(_WorkflowWorker, "__init__", init).start()
