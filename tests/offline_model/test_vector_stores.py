"""Vector stores: created, filled, listed and searched by words."""

import pytest
from openai import BadRequestError, NotFoundError, OpenAI

from offline_model.files_api import Files
from offline_model.vector_stores_api import VectorStores


def test_store_keeps_its_settings(client: OpenAI) -> None:
    store = client.vector_stores.create(
        name="docs", metadata={"a": "b"}, expires_after={"anchor": "last_active_at", "days": 3}
    )

    assert (store.name, store.metadata, store.status) == ("docs", {"a": "b"}, "completed")
    assert store.expires_after is not None
    assert store.expires_after.days == 3
    assert client.vector_stores.retrieve(store.id).id == store.id
    with pytest.raises(NotFoundError, match="not found"):
        client.vector_stores.retrieve("vs_gone")


def test_files_are_attached_with_attributes_and_detached(client: OpenAI) -> None:
    store = client.vector_stores.create(name="docs")
    file = client.vector_stores.files.upload_and_poll(
        vector_store_id=store.id, file=("a.md", b"Text."), attributes={"sha256": "x"}
    )

    assert (file.status, file.attributes) == ("completed", {"sha256": "x"})
    assert client.vector_stores.files.retrieve(file.id, vector_store_id=store.id) == file
    assert client.vector_stores.retrieve(store.id).file_counts.completed == 1
    assert client.vector_stores.files.delete(file.id, vector_store_id=store.id).deleted
    assert list(client.vector_stores.files.list(store.id)) == []
    assert client.files.retrieve(file.id)
    with pytest.raises(NotFoundError, match="No file found"):
        client.vector_stores.files.delete(file.id, vector_store_id=store.id)


def test_file_that_is_not_text_fails(client: OpenAI) -> None:
    store = client.vector_stores.create(name="docs")
    file = client.vector_stores.files.upload_and_poll(
        vector_store_id=store.id, file=("a.bin", b"\xff\0")
    )

    assert file.status == "failed"
    assert file.last_error is not None
    assert file.last_error.code == "unsupported_file"
    assert client.vector_stores.retrieve(store.id).file_counts.failed == 1


def test_lists_are_paginated(client: OpenAI) -> None:
    made = [client.vector_stores.create(name=str(n)).id for n in range(45)]

    assert [store.id for store in client.vector_stores.list()] == made[::-1]
    assert [store.id for store in client.vector_stores.list(limit=7)] == made[::-1]


@pytest.fixture
def stores() -> VectorStores:
    files = Files()
    texts = {
        "dogs.md": "# Dogs\n\nThey are welcome on Mondays.\n\nA lead is needed.",
        "cats.md": "# Cats\n\nThey stay at home on Mondays.",
    }
    for name, text in texts.items():
        files.add(name, "assistants", "text/markdown", text.encode())
    return VectorStores(files)


def test_search_finds_the_paragraphs_with_the_words(stores: VectorStores) -> None:
    store = stores.add({"file_ids": [file.id for file in stores.files.by_id.values()]})
    first, second, *_ = stores.search([store.id], "dogs on Mondays?")

    assert (first.filename, first.text) == ("dogs.md", "They are welcome on Mondays.")
    assert 0 < second.score < first.score <= 1
    (only,) = stores.search([store.id], "dogs lead", limit=1)
    assert only.text == "A lead is needed."
    assert stores.search([store.id], "zebra") == []


def test_deleted_file_is_not_found(stores: VectorStores) -> None:
    dogs, _ = stores.files.by_id.values()
    store = stores.add({"file_ids": [dogs.id]})
    del stores.files.by_id[dogs.id]

    assert stores.search([store.id], "dogs") == []


def test_invalid_requests_are_rejected(client: OpenAI) -> None:
    store = client.vector_stores.create(name="docs")

    with pytest.raises(NotFoundError, match="No such File"):
        client.vector_stores.create(name="x", file_ids=["file-gone"])
    with pytest.raises(NotFoundError, match="No such File"):
        client.vector_stores.files.create(store.id, file_id="file-gone")
    with pytest.raises(BadRequestError, match="Malformed"):
        client.post(f"/vector_stores/{store.id}/files", body={}, cast_to=object)
    with pytest.raises(NotFoundError):
        client.vector_stores.files.create("vs_gone", file_id="file-gone")
