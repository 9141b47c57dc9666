"""`sample run --address` uses a running server, if its settings and the queue allow it."""

from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from basic import TASK_QUEUE
from sample_cli.catalog import find
from sample_cli.processes import CommandError
from sample_cli.session import Session
from sample_cli.temporal_server import own_server, running_server, wait_for_worker
from tests.harness.command import sample
from tests.sample_cli.trip import Trip


@pytest.mark.exhaustive
async def test_address_uses_a_running_server(tmp_path: Path) -> None:
    # A server of its own: the session's remembers the workers of other tests.
    async with own_server(tmp_path) as server:
        async with sample("run", "basic/hello_world", "--address", server.address) as command:
            assert await command.end() == 0, command.output
        workflow_id = command.output.split("HelloWorldAgent ")[1].split()[0]
        handle = (await server.client()).get_workflow_handle(workflow_id)
        assert (await handle.describe()).close_time


async def test_address_is_rejected_when_the_queue_has_a_worker(
    temporal: WorkflowEnvironment, tmp_path: Path
) -> None:
    address = temporal.client.service_client.config.target_host
    async with (
        Worker(temporal.client, task_queue=TASK_QUEUE, workflows=[Trip]),
        running_server(address) as server,
    ):
        here = Session(tmp_path, None, None)
        here.server = server
        await wait_for_worker(server, TASK_QUEUE, ())
        with pytest.raises(CommandError, match=f"already has a worker on {TASK_QUEUE}") as refusal:
            await here.check_no_other_worker(find("basic/hello_world"))
        assert refusal.value.exit_code == 2


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("TEMPORAL_NAMESPACE", "missing", "Temporal refused (NOT_FOUND): Namespace missing is"),
        pytest.param(
            "TEMPORAL_PROFILE",
            "missing",
            "Temporal's settings: Profile 'missing' not found",
            marks=pytest.mark.exhaustive,
        ),
        pytest.param(
            "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
            "/missing.pem",
            "Temporal's settings: [Errno 2]",
            marks=pytest.mark.exhaustive,
        ),
    ],
)
async def test_invalid_settings_for_a_running_server_are_one_line(
    name: str, value: str, line: str, temporal: WorkflowEnvironment
) -> None:
    address = temporal.client.service_client.config.target_host
    given = {name: value}
    async with sample("run", "basic/hello_world", "--address", address, **given) as command:
        assert await command.end() == 2
    notice, said = command.output.splitlines()
    assert notice.startswith("Model:")
    assert said.startswith(line)
