"""Requests that fail: no worker, a failed turn, too many messages, and a bug in the service."""

from durable_agents import connect

import pytest
from agents.testing import ModelStep, ScriptedModel

from conversations.limits import MAX_PENDING
from conversations.web.threads import Threads
from tests.conversations.chats import Held, accepted, echo
from tests.conversations.threads import Service, problem, service_on
from tests.harness.workers import bad_request


async def test_without_a_worker_it_is_503_and_the_message_is_answered_once_later() -> None:
    service = Service(await connect(), accept_timeout=0.5)
    idle = Service(service.client, accept_timeout=0.5)
    await idle.start()
    for response in (await service.post("One"), await service.get(), await idle.stop()):
        assert problem(response)[:2] == (503, "Unavailable")
        assert response.headers["retry-after"] == "2"
    async with service_on(ScriptedModel([ModelStep.respond(echo)])) as later:
        later.thread = service.thread
        assert await later.say("One") == "Re: One"
        await idle.handle.terminate()


async def test_failed_turn_is_502_without_the_providers_message() -> None:
    model = ScriptedModel([ModelStep.raise_error(bad_request("a secret of the provider"))])
    async with service_on(model) as service:
        status, title, detail = problem(await service.post("One"))
        assert (await service.get()).json() == []
    assert (status, title) == (502, "TurnFailed")
    assert detail.endswith("Send it again. (BadRequestError)")


async def test_too_many_pending_messages_are_429() -> None:
    held = Held(calls=MAX_PENDING - 1)
    async with service_on(held.model) as service:
        await service.start()
        sent = [await accepted(service.handle, f"{n}") for n in range(MAX_PENDING)]
        response = await service.post("One")
        assert problem(response)[:2] == (429, "TooManyMessages")
        assert response.headers["retry-after"] == "2"
        held.release.set()
        assert [await update.result() for update in sent] == [f"Re: {n}" for n in range(6)]


async def test_bug_is_500_and_hides_its_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    async def buggy(*_args: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(Threads, "history", buggy)
    assert problem(await Service(await connect()).get())[:2] == (500, "InternalError")
