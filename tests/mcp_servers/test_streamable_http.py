"""A server on HTTP: its connection is shared, and its errors are sent to the model."""

import pytest
from agents.testing import ScriptedModel, assistant_message

from mcp_servers.connections import PLUGIN_OPTIONS
from mcp_servers.run_streamable_http_workflow import main
from mcp_servers.run_worker import build_worker
from mcp_servers.servers.units import server
from tests.harness.workers import failure_of, serving
from tests.mcp_servers.recording import outputs, own_server, tool_calls

MARATHON = {"value": 42.195, "unit": "km", "to": "mi"}
DONE = [assistant_message("Done.")]


async def test_runs_and_calls_share_one_connection(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    twice = [("convert", MARATHON), ("convert", MARATHON)]
    model = ScriptedModel([tool_calls(*twice), DONE, tool_calls(*twice), DONE])
    with own_server(monkeypatch, "units", server.streamable_http_app()) as units:
        async with serving(build_worker, model, **PLUGIN_OPTIONS):
            await main()
            await main()
    assert capsys.readouterr().out == "Done.\nDone.\n"
    assert outputs(model.calls[1]) == outputs(model.calls[3]) == ["42.195 km = 26.2188 mi"] * 2
    assert units.methods.count("tools/call") == 4
    assert units.methods.count("server/discover") == 1


async def test_tool_errors_are_sent_to_the_model() -> None:
    invalid = [
        MARATHON | {"to": "kg"},
        MARATHON | {"to": "parsec"},
        {"value": 1},
        ["km"],
        {**MARATHON, "value": "inf"},
    ]
    model = ScriptedModel([tool_calls(*(("convert", given) for given in invalid)), DONE])
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        await main()
    results = outputs(model.calls[1])
    assert "km is a unit of length, but kg is a unit of mass" in results[0]
    assert "parsec" in results[1]
    assert "Field required" in results[2]
    assert "expected a JSON object" in results[3]
    assert "inf is not a finite number" in results[4]


async def test_empty_question_is_rejected() -> None:
    async with serving(build_worker, ScriptedModel(), **PLUGIN_OPTIONS):
        error = await failure_of(main(" "))
    assert error.type == "InvalidInput"
