"""A conversation lives in the workflow, in a session, in a database, or at the provider."""

from pathlib import Path

import pytest
from agents.testing import ScriptedModel, assistant_message

from conversations.run_session_workflow import QUESTIONS, main
from conversations.run_worker import build_worker
from conversations.session_report import PLACES, size_of
from conversations.workflows.session import Place
from offline_model.server import OfflineModel
from sample_cli.catalog import ROOT
from tests.conversations.session_runs import start, stored, texts
from tests.harness.processes import ForkedScript
from tests.harness.starters import topic_worker
from tests.harness.workers import failure_of, input_texts, serving

ANSWERS = ["Air scatters blue light.", "Its path is longer.", "It is red there."]
CONVERSATION = [text for pair in zip(QUESTIONS, ANSWERS, strict=True) for text in pair]


def answers() -> ScriptedModel:
    return ScriptedModel([[assistant_message(text)] for text in ANSWERS])


@pytest.mark.parametrize("place", ["workflow", "session", "database"])
async def test_model_is_sent_the_whole_conversation(place: Place) -> None:
    model = answers()
    async with serving(build_worker, model) as client:
        handle = await start(client, QUESTIONS, place)
        assert await handle.result() == ANSWERS
    sent = [input_texts(call) for call in model.calls]
    assert sent == [CONVERSATION[:1], CONVERSATION[:3], CONVERSATION[:5]]


async def test_provider_is_sent_only_the_last_message(model: OfflineModel) -> None:
    async with topic_worker("conversations") as (client, _worker):
        await (await start(client, QUESTIONS, "provider")).result()
    inputs = [call.body["input"] for call in model.calls]
    assert [[item["content"] for item in items] for items in inputs] == [[q] for q in QUESTIONS]
    assert [bool(call.body.get("previous_response_id")) for call in model.calls] == [0, 1, 1]


async def test_database_keeps_the_conversation_for_other_readers(url: str) -> None:
    async with serving(build_worker, answers()) as client:
        handle = await start(client, QUESTIONS, "database")
        await handle.result()
    assert texts(await stored(url, handle.id)) == CONVERSATION


async def test_next_workflow_continues_a_conversation_in_the_database(url: str) -> None:
    model = answers()
    async with serving(build_worker, model) as client:
        first = await start(client, QUESTIONS[:1], "database")
        await first.result()
        second = await start(client, QUESTIONS[1:], "database", id=first.id)
        assert await second.result() == ANSWERS[1:]
    assert input_texts(model.calls[2]) == CONVERSATION[:5]
    assert texts(await stored(url, first.id)) == CONVERSATION


async def test_history_is_largest_with_activities_and_smallest_at_the_provider(
    model: OfflineModel,
) -> None:
    async with topic_worker("conversations") as (client, _worker):
        handles = {place: await start(client, QUESTIONS * 4, place) for place in PLACES}
        for handle in handles.values():
            await handle.result()
        sizes = {place: (await size_of(handle)).history_bytes for place, handle in handles.items()}
    assert abs(sizes["session"] - sizes["workflow"]) < sizes["workflow"] / 50
    assert sizes["database"] > 1.7 * sizes["workflow"]
    assert sizes["provider"] < 0.8 * sizes["workflow"]


async def test_starter_prints_answers_and_a_row_for_each_place(
    model: OfflineModel, capsys: pytest.CaptureFixture[str]
) -> None:
    async with topic_worker("conversations"):
        await main()
    spoken, table = capsys.readouterr().out.split("\n\n")
    assert len(spoken.splitlines()) == len(QUESTIONS)
    rows = [line.split() for line in table.splitlines()]
    assert [row[0] for row in rows] == ["place", *PLACES]
    assert [row[-1] for row in rows] == ["activities", "3", "3", "12", "3"]


@pytest.mark.parametrize(
    ("questions", "repeat", "message"),
    [
        ([" "], 1, "question 1 is empty"),
        (["x" * 2_001], 1, "question 1 is 2,001 characters; the limit is 2,000"),
        (["Why?"], 51, "there are 51 questions; give 1 to 50"),
    ],
)
async def test_invalid_questions_fail(questions: list[str], repeat: int, message: str) -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(questions, repeat=repeat))
    assert (error.type, error.message) == ("InvalidInput", message)


async def test_worker_reports_an_invalid_database_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://me:hunter2@h/d")
    monkeypatch.setenv("OPENAI_API_KEY", "unused")
    with ForkedScript(ROOT / "conversations/run_worker.py", folder=tmp_path) as worker:
        ended = await worker.ended()
    assert (ended.code, ended.out) == (2, "")
    [line] = ended.err.splitlines()
    assert "DATABASE_URL" in line
    assert "hunter2" not in line
