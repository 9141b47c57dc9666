"""A session for each workflow; when it dies the notes are all there, once, in the next one."""

import pytest
from agents.items import TResponseOutputItem
from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message

from mcp_servers import PLUGIN_OPTIONS
from mcp_servers.run_scratchpad_workflow import main
from mcp_servers.run_worker import build_worker
from mcp_servers.scratchpad_session import MOST_SESSIONS
from tests.harness.workers import failure_of, serving
from tests.mcp_servers.sessions import kill_session, session_processes
from tests.mcp_servers.watched import asking, outputs

DONE = [assistant_message("Done.")]


def reading() -> list[TResponseOutputItem]:
    return asking(("list_notes", {}))


def writing(*texts: str) -> list[TResponseOutputItem]:
    return asking(*(("add_note", {"text": text}) for text in texts))


async def test_the_notes_of_a_killed_session_are_in_the_next_one() -> None:
    def kill_and_write(_: ModelCall) -> list[TResponseOutputItem]:
        kill_session()
        return writing("three")

    model = ScriptedModel(
        [writing("one"), writing("two"), ModelStep.respond(kill_and_write), reading(), DONE]
    )
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        await main()
        assert session_processes() == []
    model.assert_complete()
    assert len(model.calls) == 5
    assert {tool.name for tool in model.calls[0].tools} == {"add_note", "list_notes"}
    assert outputs(model.calls[4])[-1] == "1. one\n2. two\n3. three"


async def test_a_session_may_die_in_the_middle_of_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MCP_SCRATCHPAD_CALLS", "2")
    model = ScriptedModel([writing("one", "two", "three", "", "five"), reading(), DONE])
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        await main()
    told = outputs(model.calls[2])
    assert "The note is empty" in told[3]
    assert told[-1] == "1. one\n2. two\n3. three\n4. five"


@pytest.mark.exhaustive
async def test_runs_do_not_see_each_others_notes() -> None:
    model = ScriptedModel([writing("one"), DONE, reading(), DONE])
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        await main()
        await main()
    assert outputs(model.calls[3]) == ["No notes."]


@pytest.mark.exhaustive
async def test_a_run_fails_when_session_after_session_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MCP_SCRATCHPAD_CALLS", "0")
    model = ScriptedModel([writing("one")])
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        error = await failure_of(main())
        assert session_processes() == []
    assert error.type == "SessionLost"
    assert f"{MOST_SESSIONS} sessions have died" in error.message
    assert "Connection closed" in error.message


@pytest.mark.parametrize(("topic", "says"), [("", "topic is empty"), ("x" * 201, "longer than")])
async def test_bad_input_fails(topic: str, says: str) -> None:
    async with serving(build_worker, ScriptedModel(), **PLUGIN_OPTIONS):
        error = await failure_of(main(topic))
    assert error.type == "InvalidInput"
    assert says in error.message
