"""A server on stdio: what it refuses is told to the model, which is shown what only reads."""

from pathlib import Path

import pytest
from agents.testing import ScriptedModel, assistant_message

from mcp_servers import PLUGIN_OPTIONS
from mcp_servers.run_file_system_workflow import main
from mcp_servers.run_worker import build_worker
from tests.harness.workers import failure_of, serving
from tests.mcp_servers.watched import asking, outputs

DONE = [assistant_message("Done.")]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A served folder, with a secret next to it and a link that leads there."""
    (tmp_path / "secret.txt").write_text("Nobody may know.")
    served = tmp_path / "served"
    (served / "sub").mkdir(parents=True)
    (served / "sub" / "a.txt").write_text("Apples are red.")
    (served / "picture.png").write_bytes(b"\x89PNG\xff")
    (served / "link.txt").symlink_to(tmp_path / "secret.txt")
    monkeypatch.setenv("MCP_FILES_FOLDER", str(served))
    return served


async def test_the_model_reads_files_of_the_folder_and_no_others(folder: Path) -> None:
    outside = [
        "../secret.txt",
        str(folder.parent / "secret.txt"),
        "link.txt",
        "sub/../../secret.txt",
    ]
    wanted = [("read_file", {"name": name}) for name in ["sub/a.txt", *outside]]
    wanted += [("read_file", {"name": "picture.png"}), ("read_file", {"name": "sub"})]
    wanted += [("search_files", {"text": "apples"}), ("search_files", {"text": "know"})]
    model = ScriptedModel([asking(*wanted), DONE])
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        await main()
    offered = {tool.name for tool in model.calls[0].tools}
    assert offered == {"list_files", "search_files", "read_file"}
    told = outputs(model.calls[1])
    assert told[0] == "Apples are red."
    assert all("is outside the served folder" in text for text in told[1:5])
    assert "is not a text file" in told[5]
    assert "There is no file 'sub'" in told[6]
    assert told[7] == "sub/a.txt: Apples are red."
    assert told[8] == "No line contains 'know'."
    assert "Nobody may know" not in str(told)


@pytest.mark.parametrize("name", ["a\0b", "x" * 5_000, "x/" * 3_000, "loop"])
async def test_names_that_no_file_can_have_are_refused_in_one_short_line(
    name: str, folder: Path
) -> None:
    (folder / "loop").symlink_to(folder / "loop")
    model = ScriptedModel([asking(("read_file", {"name": name})), DONE])
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        await main()
    [told] = outputs(model.calls[1])
    assert "list_files names them all" in told
    assert len(told) < 300


async def test_results_are_limited_and_say_what_was_left_out(
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
    model = ScriptedModel([asking(*wanted), DONE])
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        await main()
    line, lines, text, large, names = outputs(model.calls[1])
    assert line.startswith("line.txt: needlex")
    assert line.endswith("x [... 3,000,006 characters]")
    assert len(line) < 400
    assert lines.splitlines()[50:] == ["[50 of 60 are shown.]"]
    assert text.endswith("x [... 3,000,006 characters]")
    assert "'large.txt' is larger than 5 MB" in large
    assert names.splitlines()[500:] == ["[500 of 505 are shown.]"]


async def test_a_tool_that_is_filtered_out_cannot_be_called(folder: Path) -> None:
    model = ScriptedModel([asking(("delete_file", {"name": "sub/a.txt"}))])
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        error = await failure_of(main())
    assert error.type == "ModelBehaviorError"
    assert (folder / "sub" / "a.txt").exists()


async def test_an_empty_question_is_refused() -> None:
    async with serving(build_worker, ScriptedModel(), **PLUGIN_OPTIONS):
        error = await failure_of(main(""))
    assert error.type == "InvalidInput"
