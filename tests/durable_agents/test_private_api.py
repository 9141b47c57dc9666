"""Private API that durable_agents uses. A failure here names what an upgrade has changed."""

from durable_agents.payloads import BoundedFailureConverter

from dataclasses import replace
from inspect import signature
from typing import Any

import pytest
from temporalio import workflow
from temporalio.converter import DefaultFailureConverter
from temporalio.worker import _workflow_instance as instance

from tests.durable_agents.shop import Shop


def test_temporalio_failure_converter_has_error_to_failure() -> None:
    ours = signature(BoundedFailureConverter._error_to_failure)
    assert list(ours.parameters) == list(
        signature(DefaultFailureConverter._error_to_failure).parameters
    )


@pytest.mark.parametrize("name", ["_defn", "_signals", "_updates"])
def test_temporalio_workflow_instance_copies_its_handlers(name: str) -> None:
    assert name in instance._WorkflowInstanceImpl.__init__.__code__.co_names


def test_temporalio_workflow_instance_converts_arguments_in_one_place() -> None:
    convert = instance._WorkflowInstanceImpl._convert_payloads
    assert list(signature(convert).parameters) == ["self", "payloads", "types", "payload_converter"]
    for caller in ("_make_workflow_input", "_process_handler_args"):
        names = getattr(instance._WorkflowInstanceImpl, caller).__code__.co_names
        assert "_convert_payloads" in names


def test_temporalio_definitions_can_have_other_argument_types() -> None:
    run: Any = workflow._Definition.must_from_class(Shop)
    assert (run.name, run.run_fn) == ("Shop", Shop.run)
    handlers: list[Any] = [run.signals["order"], run.updates["add"]]
    assert [(handler.name, handler.fn) for handler in handlers] == [
        ("order", Shop.order),
        ("add", Shop.add),
    ]
    for definition in (run, *handlers):
        assert replace(definition, arg_types=print).arg_types is print


def test_temporalio_has_a_current_runtime_for_workflow_code_only() -> None:
    with pytest.raises(workflow._NotInWorkflowEventLoopError):
        workflow._Runtime.current()


def test_temporalio_gives_each_run_a_payload_converter() -> None:
    assert "payload_converter_factory" in instance._WorkflowInstanceImpl.__init__.__code__.co_names


def test_temporalio_creates_a_workflow_for_a_query_unless_it_has_one() -> None:
    code = instance._WorkflowInstanceImpl._run_once.__code__
    assert {"_object", "_instantiate_workflow_object"} <= {*code.co_names}
