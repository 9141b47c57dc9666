"""The fast profile: what it changes for a worker's whole process."""

from durable_agents.fast import GC_THRESHOLD, fast

import gc
from collections.abc import Iterator

import pytest
from agents.testing import ScriptedModel

from sample_cli.processes import until
from tests.durable_agents.quick import Activities, Calls
from tests.durable_agents.test_fast import run
from tests.harness.workers import serving


@pytest.fixture(autouse=True)
def _thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize(
    ("own", "threshold"), [(700, GC_THRESHOLD), (GC_THRESHOLD * 2, GC_THRESHOLD * 2), (0, 0)]
)
async def test_garbage_is_collected_less_often(own: int, threshold: int) -> None:
    gc.set_threshold(own)

    async def is_set() -> bool:
        return gc.get_threshold()[0] == threshold

    async with serving(Activities().build_worker, ScriptedModel([]), **fast()) as client:
        await run(client, Calls("give", [1]))
        await until(is_set)
