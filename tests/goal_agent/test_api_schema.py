"""Generated requests: every response matches the API's OpenAPI document."""

import asyncio
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import pytest

from goal_agent.run_worker import build_worker
from tests.goal_agent.web import KeywordModel, serving_api
from tests.harness.services import listening

PHASES = "examples,coverage,fuzzing,stateful"


@pytest.mark.exhaustive
@pytest.mark.long
async def test_api_conforms_to_its_openapi_document(tmp_path: Path) -> None:
    async with (
        serving_api(build_worker, KeywordModel()) as service,
        listening(service.app) as address,
    ):
        process = await asyncio.create_subprocess_exec(
            Path(sys.executable).parent / "schemathesis",
            *("run", f"{address}/openapi.json", f"--phases={PHASES}"),
            *("--max-examples=10", "--seed=1", "--checks=all", "--no-color"),
            "--request-timeout=30",
            cwd=tmp_path,
            stdout=PIPE,
            stderr=STDOUT,
        )
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    assert service.started, "no request started a conversation"
