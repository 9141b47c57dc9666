"""Debian's Prometheus, with the configuration of deploy/ and targets of a test."""

import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from sample_cli.processes import Background, background, free_port
from tests.deploy.files import DEPLOY, read_yaml

MISSING = "Prometheus is missing: apt-get install prometheus"


def program(name: str) -> str:
    """Return the path of `prometheus` or `promtool`; skip the test if it is missing."""
    if found := shutil.which(name):
        return found
    if os.environ.get("CI"):
        pytest.fail(MISSING)
    pytest.skip(MISSING)


def configuration(targets: dict[str, int], interval: str = "1s") -> str:
    """Return the configuration in deploy/, with ports of this machine as the targets of jobs."""
    (config,) = read_yaml(DEPLOY / "prometheus" / "prometheus.yml")
    config["global"] = dict.fromkeys(config["global"], interval)
    config["rule_files"] = [str(DEPLOY / "prometheus" / name) for name in config["rule_files"]]
    for job in config["scrape_configs"]:
        (kind,) = job.keys() - {"job_name"}
        del job[kind]
        job["static_configs"] = [{"targets": [f"127.0.0.1:{targets[job['job_name']]}"]}]
    return yaml.safe_dump(config)


class Prometheus:
    """A running Prometheus."""

    def __init__(self, port: int, process: Background) -> None:
        self._address, self._process = f"http://127.0.0.1:{port}/api/v1", process

    async def query(self, expression: str) -> list[dict[str, Any]]:
        """Return the series of an expression that have a number now."""
        assert self._process.alive, self._process.output
        async with httpx2.AsyncClient() as client:
            try:
                reply = await client.get(f"{self._address}/query", params={"query": expression})
            except httpx2.TransportError:  # it is starting
                return []
        assert reply.status_code in (200, 503), f"{expression}: {reply.text}"
        result = json.loads(reply.text)["data"]["result"] if reply.status_code == 200 else []
        return [series for series in result if series["value"][1] != "NaN"]


@asynccontextmanager
async def scraping(folder: Path, **targets: int) -> AsyncIterator[Prometheus]:
    """Run Prometheus with its data in `folder`, scraping the ports in `targets` by job."""
    port, config = free_port(), folder / "prometheus.yml"
    config.write_text(configuration(targets), encoding="utf-8")
    command = [program("prometheus"), f"--config.file={config}"]
    command += [f"--web.listen-address=127.0.0.1:{port}", f"--storage.tsdb.path={folder / 'data'}"]
    async with background("prometheus", command, os.environ, folder / "prometheus.log") as process:
        yield Prometheus(port, process)
