"""Calls to an unreachable server are retried; then the run or tool call fails with the cause."""

from uuid import uuid4

import pytest
from agents.testing import ScriptedModel, assistant_message
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import CancelledError

from mcp_servers import TASK_QUEUE
from mcp_servers.connections import PLUGIN_OPTIONS
from mcp_servers.run_streamable_http_workflow import main
from mcp_servers.run_worker import build_worker
from mcp_servers.servers.units import server
from mcp_servers.workflows.streamable_http import StreamableHttpWorkflow
from sample_cli.processes import free_port, until
from tests.harness.workers import failure_of, serving
from tests.mcp_servers.http_server import HttpServer
from tests.mcp_servers.recording import outputs, own_server, short_retries, tool_calls

TOOL_CALL = tool_calls(("convert", {"value": 1, "unit": "km", "to": "m"}))
DONE = [assistant_message("Done.")]

Handle = WorkflowHandle[StreamableHttpWorkflow, str]


async def start(client: Client) -> Handle:
    return await client.start_workflow(
        StreamableHttpWorkflow.run, "How far?", id=f"test-{uuid4()}", task_queue=TASK_QUEUE
    )


async def test_run_continues_when_a_server_recovers(monkeypatch: pytest.MonkeyPatch) -> None:
    short_retries(monkeypatch, attempts=0)
    port = free_port()
    monkeypatch.setenv("MCP_UNITS_URL", f"http://127.0.0.1:{port}/mcp")
    model = ScriptedModel([TOOL_CALL, DONE])
    async with serving(build_worker, model, **PLUGIN_OPTIONS) as client:
        handle = await start(client)

        async def retried() -> bool:
            pending = (await handle.describe()).raw_description.pending_activities
            return any(activity.attempt > 2 for activity in pending)

        await until(retried)
        with HttpServer(server.streamable_http_app(), "/mcp", port):
            assert await handle.result() == "Done."
    assert outputs(model.calls[1]) == ["1 km = 1000 m"]


async def test_run_fails_with_the_cause_when_tools_cannot_be_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    short_retries(monkeypatch, attempts=3)
    with own_server(monkeypatch, "units", server.streamable_http_app()) as units:
        units.refused = "tools/list"
        async with serving(build_worker, ScriptedModel(), **PLUGIN_OPTIONS):
            error = await failure_of(main())
    assert units.methods.count("tools/list") == 3
    assert (error.type, error.message) == ("MCPError", "Connection closed")


async def test_model_receives_the_cause_when_a_call_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    short_retries(monkeypatch, attempts=3)
    model = ScriptedModel([TOOL_CALL, DONE])
    with own_server(monkeypatch, "units", server.streamable_http_app()) as units:
        units.refused = "tools/call"
        async with serving(build_worker, model, **PLUGIN_OPTIONS):
            await main()
    assert units.methods.count("tools/call") == 3
    assert outputs(model.calls[1]) == ["The call failed. MCPError: Connection closed"]


async def test_cancellation_is_not_reported_to_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    model = ScriptedModel([TOOL_CALL, DONE])
    async with serving(build_worker, model, **PLUGIN_OPTIONS) as client:
        with own_server(monkeypatch, "units", server.streamable_http_app()) as units:
            units.unanswered = "tools/call"
            handle = await start(client)

            async def called() -> bool:
                return "tools/call" in units.methods

            await until(called)
            await handle.cancel()
            with pytest.raises(WorkflowFailureError) as failure:
                await handle.result()
    assert isinstance(failure.value.cause, CancelledError)
    assert len(model.calls) == 1
