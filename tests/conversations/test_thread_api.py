"""The HTTP layer: exactly one answer a key, stop, history, and services that come and go."""

from durable_agents import update_reliably

import asyncio

from agents.testing import ModelStep, ScriptedModel

from conversations.workflows.chat import ChatWorkflow
from tests.conversations.chats import Held, accepted, answers, echo
from tests.conversations.threads import Service, problem, service_on


async def test_first_message_starts_a_thread_and_history_shows_it() -> None:
    async with service_on(answers(2)) as service:
        assert await service.say("One") == "Answer 1."
        assert await service.say("Two", "m2") == "Answer 2."
        messages = (await service.get()).json()
    assert [message["text"] for message in messages] == ["One", "Answer 1.", "Two", "Answer 2."]
    assert [message["role"] for message in messages] == ["user", "assistant"] * 2


async def test_50_requests_at_once_with_one_key_cost_one_model_call() -> None:
    held = Held(calls=0)
    async with service_on(held.model) as service:
        services = [service, Service(service.client)]  # two services, no shared state
        services[1].thread = service.thread
        posts = [asyncio.create_task(services[n % 2].say("One")) for n in range(50)]
        await held.called.wait()
        held.release.set()
        assert set(await asyncio.gather(*posts)) == {"Re: One"}
        assert len((await service.get()).json()) == 2
    assert len(held.model.calls) == 1


async def test_key_used_again_after_the_thread_has_closed_returns_the_same_answer() -> None:
    model = ScriptedModel([ModelStep.respond(echo)] * 3)
    async with service_on(model) as service:
        await service.start(turns_per_run=1)  # so that later runs follow the one that answered
        assert await service.say("One") == "Re: One"
        assert await service.say("Two", "m2") == "Re: Two"
        await update_reliably(service.handle, ChatWorkflow.end)
        await service.handle.result()
        assert await service.say("One") == "Re: One"
        assert await service.say("Two", "m2") == "Re: Two"
        assert problem(await service.post("Three", "m3"))[:2] == (409, "ChatEnded")
        assert not (await service.stop()).json()["stopped"]
        assert len((await service.get()).json()) == 4
    model.assert_complete()


async def test_key_used_again_right_after_the_end_returns_the_same_answer() -> None:
    async with service_on(answers(1)) as service:
        assert await service.say("One") == "Answer 1."
        await service.handle.terminate()
        assert await service.say("One") == "Answer 1."


async def test_message_that_waits_while_the_run_continues_as_new_is_answered() -> None:
    held = Held(calls=2)
    async with service_on(held.model) as service:
        await service.start(turns_per_run=1)
        posts = [asyncio.create_task(service.say(f"{n}", f"m{n}")) for n in range(3)]
        await held.called.wait()
        for number in range(3):
            await accepted(service.handle, f"{number}", f"m{number}")
        held.release.set()
        assert await asyncio.gather(*posts) == ["Re: 0", "Re: 1", "Re: 2"]
        assert len((await service.get()).json()) == 6
    held.model.assert_complete()


async def test_client_that_leaves_during_its_turn_gets_the_answer_when_it_returns() -> None:
    held = Held()
    async with service_on(held.model, answer_timeout=0.3) as service:
        gone = asyncio.create_task(service.post("One"))
        await held.called.wait()
        gone.cancel()
        pending = await service.post("One")
        held.release.set()
        while (response := await service.post("One")).status_code == 202:
            pass
        assert response.json() == {"answer": "Re: One"}
    assert (pending.status_code, pending.json()) == (202, {"answer": None})
    assert pending.headers["retry-after"] == "2"
    assert len(held.model.calls) == 1


async def test_stopped_turn_is_a_problem_for_its_sender_and_for_the_same_key() -> None:
    held = Held()
    async with service_on(held.model) as service:
        turn = asyncio.create_task(service.post("One"))
        await held.called.wait()
        assert (await service.stop()).json() == {"stopped": True}
        assert problem(await turn)[:2] == (409, "TurnStopped")
        assert problem(await service.post("One"))[:2] == (409, "TurnStopped")
        assert await service.say("Two", "m2") == "Re: Two"
        assert (await service.stop()).json() == {"stopped": False}
        assert [message["text"] for message in (await service.get()).json()] == ["Two", "Re: Two"]
