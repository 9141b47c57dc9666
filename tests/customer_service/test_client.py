"""The client program without a terminal: output and exit codes."""

import io
from contextlib import suppress
from uuid import uuid4

import pytest
from agents.testing import ModelStep, ScriptedModel, assistant_message
from temporalio.client import WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from customer_service.run_customer_service_client import main
from customer_service.run_worker import build_worker
from tests.customer_service.conversations import answers, history, lines_of, say, start
from tests.harness.workers import serving

ENDED = "The conversation ended after"


def printed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Replace standard input with text, not a terminal."""
    monkeypatch.setattr("sys.stdin", io.StringIO(getattr(request, "param", "")))


@pytest.mark.usefixtures("typed")
@pytest.mark.parametrize("typed", ["One\n\nTwo"], indirect=True)
async def test_lines_of_standard_input_are_messages(capsys: pytest.CaptureFixture[str]) -> None:
    id = f"test-{uuid4()}"
    async with serving(build_worker, answers(2)):
        await main(conversation_id=id)
        assert printed(capsys) == lines_of("One", "Two")
        await main(conversation_id=id, message=[], end=True)
        shown = printed(capsys)
    assert shown == [*lines_of("One", "Two"), f"{ENDED} 2 answers. All was answered."]


@pytest.mark.usefixtures("typed")
async def test_joining_client_shows_the_history(capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(build_worker, answers(2)) as client:
        handle = await start(client)
        await say(handle, "One", 0)
        await main(conversation_id=handle.id, message=["Two"], end=True)
        lines = [*lines_of("One", "Two"), f"{ENDED} 2 answers. All was answered."]
        assert printed(capsys) == lines
        await main(conversation_id=handle.id)
        assert printed(capsys) == lines
        with pytest.raises(WorkflowUpdateFailedError):
            await main(conversation_id=handle.id, message=["Three"])
        *shown, failed, ended = printed(capsys)
        assert [*shown, ended] == lines
        assert failed.startswith("Not answered: Three (ConversationEnded: ")


async def test_failed_message_is_reported_and_the_others_are_sent(
    capsys: pytest.CaptureFixture[str],
) -> None:
    down = ModelStep.raise_error(ApplicationError("Down", type="ModelDown", non_retryable=True))
    texts = ("Answer 1.", "Summary.")
    model = ScriptedModel([down, *([assistant_message(text)] for text in texts)])
    async with serving(build_worker, model):
        with pytest.raises(WorkflowUpdateFailedError):
            await main(message=["Zero", "One", "x" * 2001], end=True)
    _, failed, *answered, too_long, ended = printed(capsys)
    assert failed == "Not answered: Zero (ModelDown: Down)"
    assert answered == lines_of("One")
    assert "2,001 characters" in too_long
    assert ended == f"{ENDED} 1 answer. Summary."


@pytest.mark.usefixtures("typed")
async def test_status_of_a_conversation_without_outcome_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with serving(build_worker, ScriptedModel()) as client:
        terminated, cancelled = await start(client), await start(client)
        assert [await history(handle) for handle in (terminated, cancelled)] == [[], []]
        await terminated.terminate("by hand")
        await cancelled.cancel()
        for handle, status in ((terminated, "terminated"), (cancelled, "canceled")):
            with suppress(WorkflowFailureError):
                await handle.result()
            await main(conversation_id=handle.id)
            [line] = printed(capsys)
            assert line.startswith(f"The conversation has no outcome, its status is {status} (")
