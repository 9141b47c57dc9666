"""The client of a chat: at a terminal, in a script, resumed, and without a worker."""

from pathlib import Path

import pytest
from agents.testing import ModelStep, ScriptedModel, assistant_message
from temporalio.client import WorkflowUpdateFailedError

from conversations.client import WAITING_FOR_WORKER
from conversations.run_chat_client import main
from conversations.run_worker import build_worker
from offline_model.server import OfflineModel
from sample_cli.catalog import find
from sample_cli.processes import until
from tests.conversations.chats import answers, echo, end, history, say, start
from tests.harness.forked_worker import ForkedWorker
from tests.harness.processes import ForkedScript
from tests.harness.terminal import CTRL_D, at_terminal
from tests.harness.workers import bad_request, serving

SAMPLE = find("conversations/chat")


async def test_chat_at_a_terminal_is_left_open_and_resumed() -> None:
    model = answers(2)
    async with serving(build_worker, model) as client:
        async with at_terminal(main()) as person:
            await person.types("", sees="You: ")
            await person.types("One\n", sees="Gardener: Answer 1.")
            await person.types("\n", sees="You: ")
            await person.types(CTRL_D, sees="You left. The chat stays open.")
        id = person.screen.split("--conversation-id ")[1].split()[0]
        async with at_terminal(main(conversation_id=id)) as person:
            await person.types("", sees="You: One\nGardener: Answer 1.")
            await person.types("Two\n", sees="Gardener: Answer 2.")
            await person.types("/end\n", sees="The chat has ended. All was answered.")
        assert await client.get_workflow_handle(id).result() == "All was answered."
    model.assert_complete()


async def test_failed_message_is_reported_and_the_others_are_sent(
    capsys: pytest.CaptureFixture[str],
) -> None:
    fails = ModelStep.raise_error(bad_request("Refused."))
    model = ScriptedModel([fails, ModelStep.respond(echo), [assistant_message("Bye.")]])
    async with serving(build_worker, model):
        with pytest.raises(WorkflowUpdateFailedError):
            await main(message=["One", "", "Two"], end=True)
    lines = capsys.readouterr().out.splitlines()[1:]
    assert lines[0] == "You: One"
    assert lines[1].startswith("Not answered: BadRequestError: ")
    assert lines[2].startswith("You: ")
    assert lines[-3:] == ["You: Two", "Gardener: Re: Two", "The chat has ended. Bye."]


async def test_client_of_a_closed_chat_shows_it_and_sends_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = answers(1)
    async with serving(build_worker, model) as client:
        handle = await start(client)
        await say(handle, "One")
        await end(handle)
        with pytest.raises(SystemExit, match="Start another chat"):
            await main(conversation_id=handle.id, message=["Two"])
        assert await history(handle) == ["One", "Answer 1."]
    shown = capsys.readouterr().out.splitlines()[1:]
    assert shown == ["You: One", "Gardener: Answer 1.", "The chat has ended. All was answered."]


async def test_client_waits_for_a_worker_and_reports_it(
    model: OfflineModel, tmp_path: Path
) -> None:
    with ForkedScript(SAMPLE.starter, "--message", "Hello", "--end", folder=tmp_path) as client:

        async def is_waiting() -> bool:
            return WAITING_FOR_WORKER in client.out

        await until(is_waiting)
        with ForkedWorker(SAMPLE.topic):
            ended = await client.ended()
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.count(WAITING_FOR_WORKER) == 1
    assert "Gardener: Is the place sunny or shady" in ended.out
