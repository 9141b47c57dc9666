"""The compose file: its parts agree with each other, and with the code."""

import re
from typing import Any

from sample_cli.catalog import ROOT, search_attributes
from sample_cli.temporal_server import PUSH_CANCELLATIONS
from tests.deploy.files import (
    DASHBOARD,
    DEPLOY,
    container_of,
    read_yaml,
    services,
    variables_read,
)
from tests.deploy.test_kubernetes import drain_seconds
from tests.harness.starters import TOPICS

WORKER: Any = services()["worker"]
# Read by the image's command, and by encryption/run_codec_server.py.
OF_THE_IMAGE = {"TOPIC", "ENCRYPTION_KEYS", "CODEC_AUTH"}


def test_variables_are_ones_that_the_programs_read() -> None:
    for name in ("worker", "codec"):
        assert services()[name]["environment"].keys() <= variables_read() | OF_THE_IMAGE


def test_example_environment_names_what_the_file_requires() -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    example = (DEPLOY / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE))
    used = set(re.findall(r"\$\{([A-Z_]+)", text))
    unset = {name for name, value in WORKER["environment"].items() if value is None}
    assert set(re.findall(r"\$\{([A-Z_]+):\?", text)) <= named
    assert named <= used | unset


def test_containers_of_the_image_are_confined() -> None:
    for name in ("worker", "codec"):
        service = services()[name]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_ports_are_published_on_this_machine_only() -> None:
    ports = [port for service in services().values() for port in service.get("ports", [])]
    assert len(ports) >= 5
    assert all(port.startswith("127.0.0.1:") for port in ports), ports


def test_worker_gets_longer_to_drain_than_it_takes() -> None:
    grace = int(WORKER["stop_grace_period"].removesuffix("s"))
    assert all(grace >= drain_seconds(topic) + 5 for topic in TOPICS)


def test_health_check_asks_the_address_that_answers_probes() -> None:
    port = WORKER["environment"]["PROBE_ADDRESS"].rpartition(":")[2]
    assert f"http://127.0.0.1:{port}/readyz" in WORKER["healthcheck"]["test"][-1]


def test_namespace_gets_the_search_attributes_of_all_topics() -> None:
    script = (DEPLOY / "temporal/create_namespace.sh").read_text(encoding="utf-8")
    created = re.findall(r"--name (\w+) --type (\w+)", script)
    assert sorted(f"{name}={kind}" for name, kind in created) == sorted(search_attributes())


def test_server_has_the_settings_of_the_dev_server() -> None:
    (config,) = read_yaml(DEPLOY / "temporal/dynamic_config.yaml")
    settings = {f"{name}={str(value['value']).lower()}" for name, (value,) in config.items()}
    assert settings == {*PUSH_CANCELLATIONS}


def test_mounted_files_exist() -> None:
    for service in services().values():
        for volume in service.get("volumes", []):
            if volume.startswith("./"):
                assert (DEPLOY / volume.partition(":")[0]).exists(), volume


def test_scripts_that_containers_run_exist() -> None:
    commands = [container_of("deployment")["command"], services()["codec"]["command"]]
    scripts = [word for command in commands for word in command if word.endswith(".py")]
    assert len(scripts) == 2
    assert all((ROOT / name).exists() for name in scripts if name.split("/")[0] in TOPICS)


def test_collector_listens_where_workers_send_spans() -> None:
    (config,) = read_yaml(DEPLOY / "otel/collector.yaml")
    endpoint = config["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"]
    address = WORKER["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"]
    assert address == f"http://collector:{endpoint.rpartition(':')[2]}"


def test_prometheus_scrapes_the_ports_of_the_compose_file() -> None:
    (config,) = read_yaml(DEPLOY / "prometheus/prometheus.yml")
    workers, temporal = config["scrape_configs"]
    (discovery,) = workers["dns_sd_configs"]
    metrics = services()["worker"]["environment"]["METRICS_ADDRESS"]
    assert discovery["names"] == ["worker"]
    assert metrics == f"0.0.0.0:{discovery['port']}"
    server = services()["temporal"]["environment"]["PROMETHEUS_ENDPOINT"]
    assert temporal["static_configs"] == [{"targets": [f"temporal:{server.split(':')[1]}"]}]
    ports = {port["name"]: port["containerPort"] for port in container_of("deployment")["ports"]}
    assert ports["metrics"] == discovery["port"]


def test_grafana_finds_the_dashboard_and_its_data() -> None:
    (source,) = read_yaml(DEPLOY / "grafana/provisioning/datasources/prometheus.yml")
    (provider,) = read_yaml(DEPLOY / "grafana/provisioning/dashboards/agents.yml")
    uids = {target["datasource"]["uid"] for p in DASHBOARD["panels"] for target in p["targets"]}
    assert uids == {entry["uid"] for entry in source["datasources"]}
    folders = [entry["options"]["path"] for entry in provider["providers"]]
    mounts = dict(volume.split(":")[:2] for volume in services()["grafana"]["volumes"])
    assert folders == [mounts["./grafana/dashboards"]]
