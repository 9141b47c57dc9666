"""The legacy SSE transport: its tools work, and its connection is shared."""

import pytest
from agents.testing import ScriptedModel, assistant_message

from mcp_servers.connections import PLUGIN_OPTIONS
from mcp_servers.run_sse_workflow import main
from mcp_servers.run_worker import build_worker
from mcp_servers.servers.timetable import server
from tests.harness.workers import failure_of, serving
from tests.mcp_servers.recording import outputs, own_server, tool_calls


async def test_tools_work_over_server_sent_events(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = [{"origin": "Lyon", "destination": to} for to in ("Geneva", "Rome")]
    requested = tool_calls(*(("departures", given) for given in wanted))
    model = ScriptedModel([requested, [assistant_message("At 16:38.")]])
    with own_server(monkeypatch, "timetable", server.sse_app(), "/sse") as timetable:
        async with serving(build_worker, model, **PLUGIN_OPTIONS):
            await main()
    assert capsys.readouterr().out == "At 16:38.\n"
    results = outputs(model.calls[1])
    assert results[0] == "Lyon to Geneva: 08:38, 12:38, 16:38, 20:38"
    assert "No train from Lyon to 'Rome'; known destinations: Geneva, Paris" in results[1]
    assert timetable.methods.count("tools/call") == 2
    assert timetable.methods.count("server/discover") == 1


async def test_empty_question_is_rejected() -> None:
    async with serving(build_worker, ScriptedModel(), **PLUGIN_OPTIONS):
        error = await failure_of(main(""))
    assert error.type == "InvalidInput"
