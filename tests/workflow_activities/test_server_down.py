"""A PostgreSQL outage delays no reply, and the rows follow after it."""

import asyncio

import pytest

from sample_cli.processes import until
from tests.harness.postgres import PostgreSQL
from tests.harness.workers import serving
from tests.workflow_activities.conversations import end, replies, say, start
from tests.workflow_activities.outage import saved, talk_while_down
from workflow_activities.run_worker import build_worker

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("fast_retries")]


async def test_rows_are_written_when_the_server_is_back(
    postgres: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.new_database()
    monkeypatch.setenv("DATABASE_URL", url)
    postgres.stop()
    try:
        await talk_while_down(url, postgres.start)
    finally:
        postgres.start()


async def test_stale_connections_are_replaced_after_a_server_restart(
    postgres: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.new_database()
    monkeypatch.setenv("DATABASE_URL", url)
    async with serving(build_worker, replies("A.", "B.")) as client:
        handle = await start(client)
        await say(handle, "one")
        await until(saved(handle, 1))
        await asyncio.to_thread(postgres.stop)
        await asyncio.to_thread(postgres.start)
        await say(handle, "two")
        assert (await end(handle)).turns == 2
