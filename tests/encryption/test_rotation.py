"""Keys are replaced while conversations run."""

from durable_agents import connect
from durable_agents.encryption import KEY_ID, payloads_in

import pytest
from agents.testing import ModelStep, ScriptedModel

from conversations.run_worker import build_worker
from conversations.workflows.chat import ChatWorkflow
from tests.conversations.chats import echo, end, history, say, start
from tests.encryption.keys import A, B
from tests.harness.workers import FixedModelProvider, replay, serving


def model() -> ScriptedModel:
    return ScriptedModel([ModelStep.respond(echo)] * 3)


async def test_conversation_continues_while_its_key_is_rotated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", A)
    async with serving(build_worker, model()) as client:
        handle = await start(client)
        assert await say(handle, "Under a.") == "Re: Under a."

    monkeypatch.setenv("ENCRYPTION_KEYS", f"{A},{B}")  # every process can decrypt b ...
    async with serving(build_worker, model()):
        monkeypatch.setenv("ENCRYPTION_KEYS", f"{B},{A}")  # ... before one encrypts with it
        handle = (await connect()).get_workflow_handle_for(ChatWorkflow.run, handle.id)
        assert await say(handle, "Under both.") == "Re: Under both."

    async with serving(build_worker, model()) as client:
        handle = client.get_workflow_handle_for(ChatWorkflow.run, handle.id)
        before = len((await handle.fetch_history()).events)
        assert await say(handle, "Under b.") == "Re: Under b."
        assert (await history(handle))[0::2] == ["Under a.", "Under both.", "Under b."]
        await end(handle)
        recorded = await handle.fetch_history()
        used = [{p.metadata[KEY_ID] for p in payloads_in(event)} for event in recorded.events]
        assert set().union(*used[:before]) == {b"a", b"b"}
        assert set().union(*used[before:]) == {b"b"}
    await replay([recorded], client, build_worker(client))

    monkeypatch.setenv("ENCRYPTION_KEYS", B)
    client = await connect(model_provider=FixedModelProvider(model()))
    with pytest.raises(RuntimeError, match="key 'a', which is missing"):
        await replay([recorded], client, build_worker(client))


async def test_conversation_continues_when_encryption_is_introduced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving(build_worker, model()) as client:
        handle = await start(client)
        await say(handle, "Readable.")
    monkeypatch.setenv("ENCRYPTION_KEYS", A)
    async with serving(build_worker, model()) as client:
        handle = client.get_workflow_handle_for(ChatWorkflow.run, handle.id)
        assert await say(handle, "Hidden.") == "Re: Hidden."
        assert (await history(handle))[0::2] == ["Readable.", "Hidden."]
        await end(handle)
        raw = b"".join(e.SerializeToString() for e in (await handle.fetch_history()).events)
    assert b"Readable." in raw
    assert b"Hidden." not in raw
