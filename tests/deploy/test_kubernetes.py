"""The Kubernetes manifests agree with the code, and confine the worker."""

from durable_agents.shutdown import EXIT_TIMEOUT

import copy
from importlib import import_module
from unittest.mock import MagicMock

import pytest
from temporalio.envconfig import ClientConfig
from temporalio.worker import Worker

from tests.deploy.files import VARIANTS, container_of, objects, pod_of, spec_of, variables_read
from tests.harness.starters import TOPICS, worker_of

each_variant = pytest.mark.parametrize("variant", VARIANTS)


def topic_of(variant: str) -> str:
    """Return the topic whose worker a variant runs."""
    program, script = container_of(variant)["command"]
    topic, _, file = script.partition("/")
    assert (program, file) == ("python", "run_worker.py")
    assert topic in TOPICS
    return str(topic)


def values_of(variant: str) -> dict[str, str]:
    """Return the environment that a variant sets."""
    return {entry["name"]: entry["value"] for entry in container_of(variant)["env"]}


def test_both_variants_run_the_same_pod_but_for_what_the_controller_sets() -> None:
    plain, versioned = pod_of("deployment"), copy.deepcopy(pod_of("worker-controller"))
    (container,) = versioned["spec"]["containers"]
    container["envFrom"].insert(0, {"configMapRef": {"name": "durable-agents"}})
    assert versioned == plain


@each_variant
def test_pod_gets_longer_to_drain_than_the_worker_takes(variant: str) -> None:
    drain = drain_seconds(topic_of(variant))
    assert pod_of(variant)["spec"]["terminationGracePeriodSeconds"] >= drain + 5


def drain_seconds(topic: str) -> float:
    """Return the longest time that a topic's worker takes to exit after SIGTERM."""
    with pytest.MonkeyPatch.context() as patch:
        module, build = import_module(f"{topic}.run_worker"), MagicMock(spec=Worker)
        patch.setattr(module, "Worker", build)
        worker_of(topic, MagicMock())
    grace = build.call_args.kwargs["graceful_shutdown_timeout"]
    return float(grace.total_seconds() + EXIT_TIMEOUT)


@each_variant
def test_pod_is_confined(variant: str) -> None:
    pod, container = pod_of(variant)["spec"], container_of(variant)
    assert pod["securityContext"]["runAsNonRoot"]
    assert not pod["automountServiceAccountToken"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/tmp"]
    assert [list(volume) for volume in pod["volumes"]] == [["name", "emptyDir"]]


@each_variant
def test_probes_and_metrics_use_the_ports_on_which_the_worker_listens(variant: str) -> None:
    container, values = container_of(variant), values_of(variant)
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert values["PROBE_ADDRESS"] == f"0.0.0.0:{ports['probes']}"
    assert values["METRICS_ADDRESS"] == f"0.0.0.0:{ports['metrics']}"
    annotations = pod_of(variant)["metadata"]["annotations"]
    assert annotations["prometheus.io/port"] == str(ports["metrics"])
    for kind, path in [("startup", "/livez"), ("liveness", "/livez"), ("readiness", "/readyz")]:
        assert container[f"{kind}Probe"]["httpGet"] == {"path": path, "port": "probes"}


@each_variant
def test_worker_may_wait_for_temporal_before_it_is_restarted(variant: str) -> None:
    startup = container_of(variant)["startupProbe"]
    waits = int(values_of(variant)["TEMPORAL_CONNECT_TIMEOUT"])
    assert startup["periodSeconds"] * startup["failureThreshold"] >= waits + 20


@each_variant
def test_autoscaler_reads_the_task_queue_of_the_topic_that_runs(variant: str) -> None:
    documents = objects(variant)
    documents += [d["spec"]["template"] for d in documents if d["kind"] == "WorkerResourceTemplate"]
    queues = [t["metadata"]["taskQueue"] for t in spec_of(documents, "ScaledObject")["triggers"]]
    assert queues == [import_module(topic_of(variant)).TASK_QUEUE]


@each_variant
def test_variables_are_ones_that_the_worker_reads(variant: str) -> None:
    names = {*values_of(variant)}
    for document in objects(variant):
        names |= document.get("data", {}).keys()
    assert names <= variables_read()


def test_temporals_variables_are_ones_that_the_sdk_reads() -> None:
    config = {document["kind"]: document for document in objects("deployment")}["ConfigMap"]["data"]
    environment = {**config, "TEMPORAL_API_KEY": "key"}
    read = ClientConfig.load_client_connect_config(override_env_vars=environment)
    assert read["target_host"] == config["TEMPORAL_ADDRESS"]
    assert read["namespace"] == config["TEMPORAL_NAMESPACE"]
    assert read["api_key"] == "key"


def test_secrets_are_only_referenced() -> None:
    assert not [d for variant in VARIANTS for d in objects(variant) if d["kind"] == "Secret"]
    for variant in VARIANTS:
        assert {"secretRef": {"name": "durable-agents"}} in container_of(variant)["envFrom"]
