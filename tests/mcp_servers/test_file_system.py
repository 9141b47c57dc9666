"""A server on stdio: it rejects files outside its folder, and the agent gets only read tools."""

from pathlib import Path

import pytest
from agents.testing import ScriptedModel, assistant_message

from mcp_servers.connections import PLUGIN_OPTIONS
from mcp_servers.run_file_system_workflow import main
from mcp_servers.run_worker import build_worker
from tests.harness.workers import failure_of, serving
from tests.mcp_servers.recording import outputs, tool_calls

DONE = [assistant_message("Done.")]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A served folder, with a secret next to it and a link to that secret."""
    (tmp_path / "secret.txt").write_text("A secret to know.")
    served = tmp_path / "served"
    (served / "sub").mkdir(parents=True)
    (served / "sub" / "a.txt").write_text("Apples are red.")
    (served / "picture.png").write_bytes(b"\x89PNG\xff")
    (served / "link.txt").symlink_to(tmp_path / "secret.txt")
    monkeypatch.setenv("MCP_FILES_FOLDER", str(served))
    return served


async def test_only_files_in_the_folder_can_be_read(folder: Path) -> None:
    outside = [
        "../secret.txt",
        str(folder.parent / "secret.txt"),
        "link.txt",
        "sub/../../secret.txt",
    ]
    wanted = [("read_file", {"name": name}) for name in ["sub/a.txt", *outside]]
    wanted += [("read_file", {"name": "picture.png"}), ("read_file", {"name": "sub"})]
    wanted += [("search_files", {"text": "apples"}), ("search_files", {"text": "know"})]
    model = ScriptedModel([tool_calls(*wanted), DONE])
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        await main()
    offered = {tool.name for tool in model.calls[0].tools}
    assert offered == {"list_files", "search_files", "read_file"}
    results = outputs(model.calls[1])
    assert results[0] == "Apples are red."
    assert all("is outside the served folder" in text for text in results[1:5])
    assert "is not a text file" in results[5]
    assert "There is no file 'sub'" in results[6]
    assert results[7] == "sub/a.txt: Apples are red."
    assert results[8] == "No line contains 'know'."
    assert "A secret" not in str(results)


async def test_impossible_file_names_get_short_errors(folder: Path) -> None:
    (folder / "loop").symlink_to(folder / "loop")
    names = ["a\0b", "x" * 5_000, "x/" * 3_000, "loop"]
    model = ScriptedModel([tool_calls(*(("read_file", {"name": name}) for name in names)), DONE])
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        await main()
    results = outputs(model.calls[1])
    assert len(results) == len(names)
    assert all("call list_files for the names" in result for result in results)
    assert all(len(result) < 300 for result in results)


async def test_results_are_truncated_and_say_so(
    folder: Path,
) -> None:
    (folder / "line.txt").write_text("needle" + "x" * 3_000_000)
    (folder / "lines.txt").write_text("hay\n" * 60)
    (folder / "large.txt").write_text("needle\n" * 800_000)
    for number in range(500):
        (folder / f"{number}.txt").touch()
    wanted: list[tuple[str, object]] = [
        ("search_files", {"text": "needle"}),
        ("search_files", {"text": "hay"}),
        ("read_file", {"name": "line.txt"}),
        ("read_file", {"name": "large.txt"}),
        ("list_files", {}),
    ]
    model = ScriptedModel([tool_calls(*wanted), DONE])
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        await main()
    line, lines, text, large, names = outputs(model.calls[1])
    assert line.startswith("line.txt: needlex")
    assert line.endswith("x [... 3,000,006 characters]")
    assert len(line) < 400
    assert lines.splitlines()[50:] == ["[Showing 50 of 60.]"]
    assert text.endswith("x [... 3,000,006 characters]")
    assert "'large.txt' is larger than 5 MB" in large
    assert names.splitlines()[500:] == ["[Showing 500 of 505.]"]


async def test_run_fails_when_the_model_calls_a_filtered_tool(folder: Path) -> None:
    model = ScriptedModel([tool_calls(("delete_file", {"name": "sub/a.txt"}))])
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        error = await failure_of(main())
    assert error.type == "ModelBehaviorError"
    assert (folder / "sub" / "a.txt").exists()


async def test_empty_question_is_rejected() -> None:
    async with serving(build_worker, ScriptedModel(), **PLUGIN_OPTIONS):
        error = await failure_of(main(""))
    assert error.type == "InvalidInput"
