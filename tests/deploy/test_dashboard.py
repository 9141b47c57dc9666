"""The dashboard and the alerts: every query returns data of a real worker."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import Client

from basic import TASK_QUEUE
from offline_model.server import OfflineModel
from sample_cli.catalog import ROOT
from sample_cli.processes import background, free_port
from tests.deploy.files import DASHBOARD, DEPLOY, read_yaml
from tests.deploy.prometheus import Prometheus, program, scraping
from tests.harness.dev_server import dev_server

EXPRESSIONS = {
    f"{panel['title']} {target['refId']}": target["expr"].replace("$__rate_interval", "30s")
    for panel in DASHBOARD["panels"]
    for target in panel["targets"]
}
(RULES,) = read_yaml(DEPLOY / "prometheus" / "alerts.yml")
ALERTS = {rule["alert"]: rule["expr"] for group in RULES["groups"] for rule in group["rules"]}
SELECTOR = re.compile(r"\b(?:up|\w+_(?:count|total|seconds))\b(?:\{[^}]*\})?")


@pytest.fixture
async def server() -> AsyncIterator[tuple[Client, int]]:
    """A dev server of its own, and the port of its metrics."""
    port = free_port()
    async with dev_server("--metrics-port", str(port)) as environment:
        yield environment.client, port


@pytest.mark.prometheus
@pytest.mark.long
async def test_every_query_returns_data_of_a_real_worker(
    server: tuple[Client, int], model: OfflineModel, tmp_path: Path
) -> None:
    client, server_port = server
    port, address = free_port(), client.service_client.config.target_host
    environment = {**os.environ, "TEMPORAL_ADDRESS": address}
    environment["METRICS_ADDRESS"] = f"127.0.0.1:{port}"
    command = [sys.executable, str(ROOT / "tests/deploy/priced_worker.py")]
    selectors = {
        selector: selector for query in ALERTS.values() for selector in SELECTOR.findall(query)
    }
    assert len(selectors) >= 5
    async with (
        background("worker", command, environment, tmp_path / "worker.log") as worker,
        scraping(tmp_path, workers=port, temporal=server_port) as prometheus,
    ):
        pending = {**EXPRESSIONS, **selectors}
        async with asyncio.timeout(200):
            while pending:
                assert worker.alive, worker.output
                await use(client, model)
                pending = await without_data(prometheus, pending)


async def use(client: Client, model: OfflineModel) -> None:
    """Run workflows: one whose model call is retried, one that fails, and one that is stuck."""
    model.faults.next("429:0", "500")
    for workflow, argument, queue in [
        ("HelloWorldAgent", "The sea", TASK_QUEUE),
        ("HelloWorldAgent", "", TASK_QUEUE),
        ("Unknown", "", TASK_QUEUE),
        ("Unknown", "", "without-workers"),
    ]:
        await client.start_workflow(workflow, argument, id=uuid4().hex, task_queue=queue)
    await asyncio.sleep(2)


async def without_data(prometheus: Prometheus, queries: dict[str, str]) -> dict[str, str]:
    """Return the queries that have no data yet."""
    found = {name: await prometheus.query(query) for name, query in queries.items()}
    return {name: queries[name] for name, series in found.items() if not series}


@pytest.mark.prometheus
def test_alerts_fire_when_they_should() -> None:
    for arguments in (
        ["check", "rules", str(DEPLOY / "prometheus/alerts.yml")],
        ["check", "config", "--syntax-only", str(DEPLOY / "prometheus/prometheus.yml")],
        ["test", "rules", str(Path(__file__).with_name("alerts.yml"))],
    ):
        command = [program("promtool"), *arguments]
        checked = subprocess.run(command, capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_alert_has_a_unit_test() -> None:
    (document,) = read_yaml(Path(__file__).with_name("alerts.yml"))
    tested = {case["alertname"] for test in document["tests"] for case in test["alert_rule_test"]}
    assert tested == ALERTS.keys()
