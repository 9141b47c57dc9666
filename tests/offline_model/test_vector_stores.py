"""Vector stores: made, filled, listed, searched by words, and deleted."""

import pytest
from openai import BadRequestError, NotFoundError, OpenAI


def upload(client: OpenAI, name: str, text: str) -> str:
    return client.files.create(file=(name, text.encode()), purpose="assistants").id


def test_a_store_is_kept_as_it_was_made(client: OpenAI) -> None:
    store = client.vector_stores.create(
        name="docs", metadata={"a": "b"}, expires_after={"anchor": "last_active_at", "days": 3}
    )

    assert (store.name, store.metadata, store.status) == ("docs", {"a": "b"}, "completed")
    assert store.expires_after is not None
    assert store.expires_after.days == 3
    assert client.vector_stores.retrieve(store.id).id == store.id
    assert client.vector_stores.delete(store.id).deleted
    with pytest.raises(NotFoundError, match="not found"):
        client.vector_stores.retrieve(store.id)


def test_files_come_in_with_attributes_and_go_again(client: OpenAI) -> None:
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


def test_a_file_that_is_not_text_fails(client: OpenAI) -> None:
    store = client.vector_stores.create(name="docs")
    file = client.vector_stores.files.upload_and_poll(
        vector_store_id=store.id, file=("a.bin", b"\xff\0")
    )

    assert file.status == "failed"
    assert file.last_error is not None
    assert file.last_error.code == "unsupported_file"
    assert client.vector_stores.retrieve(store.id).file_counts.failed == 1


def test_lists_are_read_page_by_page(client: OpenAI) -> None:
    made = [client.vector_stores.create(name=str(n)).id for n in range(45)]

    assert [store.id for store in client.vector_stores.list()] == made[::-1]
    assert [store.id for store in client.vector_stores.list(limit=7)] == made[::-1]


def test_a_search_finds_the_paragraphs_with_the_words(client: OpenAI) -> None:
    ids = [
        upload(client, "dogs.md", "# Dogs\n\nThey are welcome on Mondays.\n\nA lead is needed."),
        upload(client, "cats.md", "# Cats\n\nThey stay at home on Mondays."),
    ]
    store = client.vector_stores.create(name="docs", file_ids=ids)
    first, second, *_ = client.vector_stores.search(store.id, query="dogs on Mondays?")

    assert (first.filename, first.content[0].text) == ("dogs.md", "They are welcome on Mondays.")
    assert 0 < second.score < first.score <= 1
    (only,) = client.vector_stores.search(store.id, query=["dogs", "lead"], max_num_results=1)
    assert only.content[0].text == "A lead is needed."
    assert list(client.vector_stores.search(store.id, query="zebra")) == []


def test_a_deleted_file_is_not_found(client: OpenAI) -> None:
    file_id = upload(client, "dogs.md", "Dogs are welcome.")
    store = client.vector_stores.create(name="docs", file_ids=[file_id])
    client.files.delete(file_id)

    assert list(client.vector_stores.search(store.id, query="dogs")) == []


def test_what_makes_no_sense_is_refused(client: OpenAI) -> None:
    store = client.vector_stores.create(name="docs")

    with pytest.raises(NotFoundError, match="No such File"):
        client.vector_stores.create(name="x", file_ids=["file-gone"])
    with pytest.raises(NotFoundError, match="No such File"):
        client.vector_stores.files.create(store.id, file_id="file-gone")
    with pytest.raises(BadRequestError, match="Malformed"):
        client.post(f"/vector_stores/{store.id}/files", body={}, cast_to=object)
    with pytest.raises(NotFoundError):
        client.vector_stores.search("vs_gone", query="dogs")
