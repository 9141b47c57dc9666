"""Private API that durable_agents uses. A failure here names what an upgrade has changed."""

from durable_agents import plugin
from durable_agents.payloads import BoundedFailureConverter

from dataclasses import fields
from inspect import signature

import pytest
from temporalio import workflow
from temporalio.converter import DefaultFailureConverter
from temporalio.worker import _workflow_instance as instance


def test_temporalio_failure_converter_has_error_to_failure() -> None:
    ours = signature(BoundedFailureConverter._error_to_failure)
    assert list(ours.parameters) == list(
        signature(DefaultFailureConverter._error_to_failure).parameters
    )


@pytest.mark.parametrize("name", ["_signals", "_updates"])
def test_temporalio_workflow_instance_copies_its_handlers(name: str) -> None:
    assert name in instance._WorkflowInstanceImpl.__init__.__code__.co_names


@pytest.mark.parametrize("kind", ["_SignalDefinition", "_UpdateDefinition"])
def test_temporalio_handler_definition_has_its_fields(kind: str) -> None:
    definition = getattr(workflow, kind)
    assert {"name", "fn", "arg_types"} <= {field.name for field in fields(definition)}


def test_temporalio_update_without_validator_accepts_one() -> None:
    async def handler(self: object) -> None: ...

    update = workflow._UpdateDefinition(name="update", fn=handler, is_method=True)
    assert update.validator is None
    update.set_validator(plugin._accept)
    assert update.validator is plugin._accept


def test_temporalio_has_a_current_runtime_for_workflow_code_only() -> None:
    with pytest.raises(workflow._NotInWorkflowEventLoopError):
        workflow._Runtime.current()
