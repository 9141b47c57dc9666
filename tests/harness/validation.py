"""Validates each workflow once per process; workers and replayers do it whenever they are created.

To validate a workflow, the sandbox imports its module anew. That is a sixth of the time of the
tests, which create thousands of workers. Importing this module installs the cache.
"""

from unittest.mock import patch

from temporalio import workflow
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

_validated: set[type] = set()
_validate = SandboxedWorkflowRunner.prepare_workflow


def validate_once(runner: SandboxedWorkflowRunner, definition: workflow._Definition) -> None:
    """Validate a workflow, unless it was found valid before."""
    if definition.cls not in _validated:
        _validate(runner, definition)
        _validated.add(definition.cls)


patch.object(SandboxedWorkflowRunner, "prepare_workflow", validate_once).start()
