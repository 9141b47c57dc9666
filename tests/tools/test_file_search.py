"""File search in a vector store, and the check that the store is usable."""

import pytest
from agents import FileSearchTool
from agents.items import TResponseOutputItem
from agents.testing import ScriptedModel, assistant_message
from openai import OpenAI
from openai.types.responses import ResponseFileSearchToolCall
from openai.types.responses.response_file_search_tool_call import Result

from tests.harness.workers import failure_of, serving
from tools.run_file_search_workflow import main
from tools.run_worker import build_worker


@pytest.fixture
def store_id(client: OpenAI) -> str:
    file = client.files.create(file=("dogs.md", b"Dogs are welcome."), purpose="assistants")
    return client.vector_stores.create(name="docs", file_ids=[file.id]).id


def search(id: str, *found: tuple[str, float]) -> TResponseOutputItem:
    results = [Result(file_id="file-1", filename=name, score=score) for name, score in found]
    return ResponseFileSearchToolCall(
        id=id, type="file_search_call", status="completed", queries=["dogs"], results=results
    )


async def test_answer_lists_the_matching_files_with_their_best_scores(
    store_id: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = search("fs_1", ("dogs.md", 0.5), ("cats.md", 0.4), ("dogs.md", 0.2))
    second = search("fs_2", ("dogs.md", 0.9))
    model = ScriptedModel([[first, second, assistant_message("Yes.")]] * 2)
    async with serving(build_worker, model):
        await main("May dogs come?", vector_store_id=store_id)
        monkeypatch.setenv("OPENAI_VECTOR_STORE_ID", store_id)
        await main("May dogs come?")
    assert capsys.readouterr().out == 2 * (
        "Yes.\n\nFound in:\n- dogs.md (0.90)\n- cats.md (0.40)\n"
    )
    model.assert_complete()
    for call in model.calls:
        (tool,) = call.tools
        assert isinstance(tool, FileSearchTool)
        assert (tool.vector_store_ids, tool.max_num_results) == ([store_id], 3)
        assert tool.include_search_results


async def test_answer_without_files_says_so(
    store_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serving(build_worker, ScriptedModel([[assistant_message("No idea.")]])):
        await main("May dogs come?", vector_store_id=store_id)
    assert capsys.readouterr().out == "No idea.\n\nFound in: no file\n"


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize(
    ("store", "problem"), [("", "is empty"), ("vs_gone", "'vs_gone' is unknown")]
)
async def test_missing_store_fails_with_a_setup_hint(store: str, problem: str) -> None:
    model = ScriptedModel()
    async with serving(build_worker, model):
        error = await failure_of(main(vector_store_id=store))
    assert error.type == "InvalidInput"
    assert f"vector_store_id {problem}; run " in error.message
    assert "setup_knowledge_base.py" in error.message
    assert model.calls == ()


async def test_empty_store_is_rejected(client: OpenAI) -> None:
    store = client.vector_stores.create(name="empty")
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(vector_store_id=store.id))
    assert error.type == "InvalidInput"
    assert "contains no files" in error.message


async def test_empty_question_fails() -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(""))
    assert error.type == "InvalidInput"
    assert "question is empty" in error.message
