"""The fields of custom resources, as far as deploy/ may use them: unknown fields are errors.

Written from the reference documentation of KEDA (https://keda.sh/docs/2.22/scalers/temporal/) and
of the Temporal worker controller (https://github.com/temporalio/temporal-worker-controller, 1.11).
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
HostPort = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9.-]+:[0-9]+$")]
Duration = Annotated[str, StringConstraints(pattern=r"^([0-9]+(s|m|h))+$")]
# KEDA reads the values of a trigger from text, and rejects anything else.
Number = Annotated[str, StringConstraints(pattern=r"^[0-9]+$")]


class Strict(BaseModel):
    """Rejects unknown fields, and values of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Reference(Strict):
    """The name of an object in the same namespace."""

    name: Name


class KeyReference(Reference):
    """The key of a secret."""

    key: str


class Metadata(Strict):
    """Metadata that manifests set. The namespace is chosen when they are applied."""

    name: Name
    labels: dict[str, str] = {}


class Resource(Strict):
    """What all objects have in common."""

    apiVersion: Literal["temporal.io/v1alpha1", "keda.sh/v1alpha1"]
    kind: str
    metadata: Metadata


class ConnectionSpec(Strict):
    """A Temporal server."""

    hostPort: HostPort
    apiKeySecretRef: KeyReference | None = None
    mutualTLSSecretRef: Reference | None = None


class WorkerOptions(Strict):
    """What the workers connect to."""

    connectionRef: Reference
    temporalNamespace: Annotated[str, StringConstraints(min_length=1)]


class Step(Strict):
    """A share of new workflows, in percent, and how long it stays."""

    rampPercentage: Annotated[int, Field(gt=0, le=99)]
    pauseDuration: Duration


class Rollout(Strict):
    """How new workflows move to a new version."""

    strategy: Literal["AllAtOnce", "Progressive", "Manual"]
    steps: list[Step] = []

    @model_validator(mode="after")
    def _steps_ascend(self) -> "Rollout":
        shares = [step.rampPercentage for step in self.steps]
        assert shares == sorted(set(shares)), "each step must ramp to more than the one before"
        assert bool(shares) == (self.strategy == "Progressive"), "steps belong to Progressive"
        return self


class Sunset(Strict):
    """When an old version is scaled down and deleted, counted from when it is drained."""

    scaledownDelay: Duration
    deleteDelay: Duration


class WorkerDeploymentSpec(Strict):
    """A worker with versions. The template is a Kubernetes PodTemplateSpec."""

    workerOptions: WorkerOptions
    rollout: Rollout
    sunset: Sunset
    template: dict[str, Any]


class WorkerResourceTemplateSpec(Strict):
    """An object that the controller creates for each version."""

    workerDeploymentRef: Reference
    template: dict[str, Any]


class TemporalTrigger(Strict):
    """The backlog of a task queue. The worker controller fills in empty values."""

    endpoint: HostPort
    namespace: str
    taskQueue: str
    queueTypes: Literal["workflow", "activity", "workflow,activity"]
    targetQueueSize: Number
    workerDeploymentName: Literal[""] | None = None
    workerDeploymentBuildId: Literal[""] | None = None


class Trigger(Strict):
    """A source of load."""

    type: Literal["temporal"]
    metadata: TemporalTrigger
    authenticationRef: Reference | None = None


class ScaledObjectSpec(Strict):
    """How KEDA scales a Deployment. `advanced` holds the behavior of an autoscaler."""

    scaleTargetRef: Reference | Annotated[dict[str, str], Field(max_length=0)]
    minReplicaCount: Annotated[int, Field(ge=0)]
    maxReplicaCount: Annotated[int, Field(ge=1)]
    pollingInterval: Annotated[int, Field(ge=5)]
    triggers: Annotated[list[Trigger], Field(min_length=1)]
    advanced: dict[Literal["horizontalPodAutoscalerConfig"], dict[Literal["behavior"], Any]] = {}


SPECS: dict[str, type[Strict]] = {
    "Connection": ConnectionSpec,
    "ScaledObject": ScaledObjectSpec,
    "WorkerDeployment": WorkerDeploymentSpec,
    "WorkerResourceTemplate": WorkerResourceTemplateSpec,
}
