"""The setup script uploads new documents, skips unchanged ones, and reports failures."""

import os
from pathlib import Path

import pytest
import typer
from openai import OpenAI

from sample_cli.catalog import find
from sample_cli.processes import CommandError
from sample_cli.sample_run import run_setup
from tools.setup_knowledge_base import KNOWLEDGE_FOLDER, main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dogs.md").write_text("Dogs are welcome.")
    (tmp_path / "cats.md").write_text("Cats stay at home.")
    (tmp_path / "notes.txt").write_text("Not for others.")
    return tmp_path


def texts(client: OpenAI) -> set[str]:
    """Return the contents of all files in the only store."""
    (store,) = client.vector_stores.list()
    files = client.vector_stores.files.list(store.id)
    return {client.files.content(file.id).text for file in files}


async def test_all_documents_are_uploaded_and_the_id_is_printed(
    client: OpenAI, capsys: pytest.CaptureFixture[str]
) -> None:
    await main()
    printed = capsys.readouterr()
    (store,) = client.vector_stores.list()
    assert printed.out == f"export OPENAI_VECTOR_STORE_ID={store.id}\n"
    count = len(list(KNOWLEDGE_FOLDER.glob("*.md")))
    assert printed.err.endswith(f"{count}/{count} travel-expenses.md uploaded\n")
    assert store.file_counts.completed == count
    assert store.expires_after is not None


async def test_second_run_uploads_nothing(
    client: OpenAI, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await main(folder)
    before, first = list(client.files.list()), capsys.readouterr().out
    await main(folder)
    printed = capsys.readouterr()
    assert list(client.files.list()) == before
    assert printed.out == first
    assert printed.err == "1/2 cats.md unchanged\n2/2 dogs.md unchanged\n"


async def test_changed_document_replaces_the_old_version(client: OpenAI, folder: Path) -> None:
    await main(folder)
    (folder / "dogs.md").write_text("Dogs are welcome on Mondays.")
    (folder / "cats.md").unlink()
    await main(folder)
    assert texts(client) == {"Dogs are welcome on Mondays."}
    assert len(list(client.files.list())) == 1


async def test_failed_upload_fails_the_script(
    client: OpenAI, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SystemExit) as end:
        await main(folder)
    assert end.value.code == "Cannot index broken.md: The file is not text."
    assert capsys.readouterr().out == ""


async def test_file_that_cannot_be_indexed_is_not_uploaded_again(
    client: OpenAI, folder: Path
) -> None:
    (folder / "broken.md").write_bytes(b"\xff\xfe\x00")
    for _ in range(2):
        with pytest.raises(SystemExit, match=r"Cannot index broken\.md"):
            await main(folder)
    assert len(list(client.files.list())) == 1
    (folder / "broken.md").write_text("Birds may fly in.")
    await main(folder)
    assert texts(client) == {"Birds may fly in.", "Dogs are welcome.", "Cats stay at home."}


async def test_api_error_fails_the_script(
    monkeypatch: pytest.MonkeyPatch, client: OpenAI, folder: Path
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"{client.base_url}nowhere")
    with pytest.raises(SystemExit) as end:
        await main(folder)
    assert str(end.value.code).startswith("The upload is incomplete: Error code: 404")


async def test_sample_run_creates_the_store_for_the_starter_that_needs_it(
    client: OpenAI, tmp_path: Path
) -> None:
    found = await run_setup(find("tools/file_search"), os.environ, tmp_path)
    (store,) = client.vector_stores.list()
    assert found == {"OPENAI_VECTOR_STORE_ID": store.id}
    assert await run_setup(find("tools/web_search"), os.environ, tmp_path) == {}


async def test_sample_run_reports_why_setup_failed(client: OpenAI, tmp_path: Path) -> None:
    nowhere = {**os.environ, "OPENAI_BASE_URL": f"{client.base_url}nowhere"}
    with pytest.raises(CommandError, match=r"setup_knowledge_base.py failed:\n.*is incomplete"):
        await run_setup(find("tools/file_search"), nowhere, tmp_path)


async def test_folder_without_documents_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(typer.BadParameter, match=r"no \.md files in"):
        await main(tmp_path)
