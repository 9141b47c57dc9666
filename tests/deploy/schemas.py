"""Validates Kubernetes objects strictly: unknown fields are errors, as in `kubectl apply`."""

from functools import cache
from typing import Any

import jsonschema
import msgspec
from lightkube.models.apps_v1 import Deployment
from lightkube.models.autoscaling_v2 import HorizontalPodAutoscalerBehavior
from lightkube.models.core_v1 import ConfigMap, PodTemplateSpec
from lightkube.models.policy_v1 import PodDisruptionBudget

from tests.deploy.custom_resources import SPECS, Resource
from tests.deploy.files import Document

KINDS = {
    ("v1", "ConfigMap"): ConfigMap,
    ("apps/v1", "Deployment"): Deployment,
    ("policy/v1", "PodDisruptionBudget"): PodDisruptionBudget,
}


def validate(document: Document) -> None:
    """Validate an object, and those inside it.

    Raises:
        jsonschema.ValidationError: A Kubernetes object does not match its schema.
        pydantic.ValidationError: A custom resource does not.
    """
    if model := KINDS.get((document["apiVersion"], document["kind"])):
        validate_as(model, document)
        return
    Resource.model_validate({name: document[name] for name in document if name != "spec"})
    spec = document["spec"]
    SPECS[document["kind"]].model_validate(spec)
    match document["kind"]:
        case "WorkerDeployment":
            validate_as(PodTemplateSpec, spec["template"])
        case "WorkerResourceTemplate":  # the controller names the objects that it creates
            validate({"metadata": {"name": "generated"}, **spec["template"]})
        case "ScaledObject":
            behavior = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
            validate_as(HorizontalPodAutoscalerBehavior, behavior)


def validate_as(model: Any, value: object) -> None:
    """Validate a value against the schema of a model that lightkube generates from Kubernetes."""
    _validator(model).validate(value)


@cache
def _validator(model: Any) -> jsonschema.Draft202012Validator:
    schema = msgspec.json.schema(model)
    for definition in schema["$defs"].values():
        if "properties" in definition:
            definition["additionalProperties"] = False
    return jsonschema.Draft202012Validator(schema)
