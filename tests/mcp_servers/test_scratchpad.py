"""One session per workflow; if it crashes, the next one has all notes, each once."""

import asyncio

import pytest
from agents.items import TResponseOutputItem
from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message

from mcp_servers.connections import PLUGIN_OPTIONS
from mcp_servers.run_scratchpad_workflow import main
from mcp_servers.run_worker import build_worker
from mcp_servers.scratchpad_session import MAX_SESSIONS, RecoverableScratchpad
from tests.harness.workers import failure_of, serving
from tests.mcp_servers.recording import outputs, tool_calls
from tests.mcp_servers.sessions import kill_session, session_processes

DONE = [assistant_message("Done.")]


def reading() -> list[TResponseOutputItem]:
    return tool_calls(("list_notes", {}))


def writing(*texts: str) -> list[TResponseOutputItem]:
    return tool_calls(*(("add_note", {"text": text}) for text in texts))


async def test_notes_are_restored_when_a_session_is_killed() -> None:
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


@pytest.mark.exhaustive
async def test_notes_are_kept_once_when_sessions_crash_during_calls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MCP_SCRATCHPAD_CALLS", "2")
    model = ScriptedModel([writing("one", "two", "three", "", "five"), reading(), DONE])
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        await main()
    results = outputs(model.calls[2])
    assert "The note is empty" in results[3]
    assert results[-1] == "1. one\n2. two\n3. three\n4. five"


def test_evicted_run_keeps_its_session_open() -> None:
    class Session(RecoverableScratchpad):
        closed = False

        async def close(self) -> None:
            self.closed = True
            await asyncio.sleep(0)

    async def run() -> None:
        async with session:
            await asyncio.sleep(0)

    session = Session()
    coroutine = run()
    coroutine.send(None)
    coroutine.close()  # raises RuntimeError if the coroutine awaits again
    assert not session.closed


@pytest.mark.exhaustive
async def test_each_run_has_its_own_notes() -> None:
    model = ScriptedModel([writing("one"), DONE, reading(), DONE])
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        await main()
        await main()
    assert outputs(model.calls[3]) == ["No notes."]


@pytest.mark.exhaustive
async def test_run_fails_when_every_session_crashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MCP_SCRATCHPAD_CALLS", "0")
    model = ScriptedModel([writing("one")])
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        error = await failure_of(main())
        assert session_processes() == []
    assert error.type == "SessionLost"
    assert f"{MAX_SESSIONS} sessions failed" in error.message
    assert "Connection closed" in error.message


@pytest.mark.parametrize(
    ("topic", "message"), [("", "topic is empty"), ("x" * 201, "the limit is 200")]
)
async def test_invalid_topic_is_rejected(topic: str, message: str) -> None:
    async with serving(build_worker, ScriptedModel(), **PLUGIN_OPTIONS):
        error = await failure_of(main(topic))
    assert error.type == "InvalidInput"
    assert message in error.message
