"""A PostgreSQL server that is stopped and started again: replies come meanwhile, rows after."""

import asyncio

import pytest

from sample_cli.processes import until
from tests.harness.workers import serving
from tests.workflow_activities.outage import saved, talk_while_down
from tests.workflow_activities.postgres import PostgreSQL
from tests.workflow_activities.talking import end, replies, say, start
from workflow_activities.run_worker import build_worker

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("soon")]


async def test_a_server_that_is_down_gets_its_rows_when_it_is_back(
    postgres: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.new_database()
    monkeypatch.setenv("DATABASE_URL", url)
    postgres.stop()
    try:
        await talk_while_down(url, postgres.start)
    finally:
        postgres.start()


async def test_connections_from_before_a_restart_are_replaced(
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
