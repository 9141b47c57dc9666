"""The legacy transport does what the others do, and its connection is shared, too."""

import pytest
from agents.testing import ScriptedModel, assistant_message

from mcp_servers import PLUGIN_OPTIONS
from mcp_servers.run_sse_workflow import main
from mcp_servers.run_worker import build_worker
from mcp_servers.servers.timetable import server
from tests.harness.workers import failure_of, serving
from tests.mcp_servers.watched import asking, outputs, own_server


async def test_tools_work_over_server_sent_events(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = [{"origin": "Lyon", "destination": to} for to in ("Geneva", "Rome")]
    asked = asking(*(("departures", given) for given in wanted))
    model = ScriptedModel([asked, [assistant_message("At 16:38.")]])
    with own_server(monkeypatch, "timetable", server.sse_app(), "/sse") as timetable:
        async with serving(build_worker, model, **PLUGIN_OPTIONS):
            await main()
    assert capsys.readouterr().out == "At 16:38.\n"
    told = outputs(model.calls[1])
    assert told[0] == "Lyon to Geneva: 08:38, 12:38, 16:38, 20:38"
    assert "No train from Lyon to 'Rome', but to Geneva, Paris" in told[1]
    assert timetable.methods.count("tools/call") == 2
    assert timetable.methods.count("server/discover") == 1


async def test_an_empty_question_is_refused() -> None:
    async with serving(build_worker, ScriptedModel(), **PLUGIN_OPTIONS):
        error = await failure_of(main(""))
    assert error.type == "InvalidInput"
