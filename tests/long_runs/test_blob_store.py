"""Payloads in chunks: what payloads have in common is stored once."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.converter import StorageDriverRetrieveContext, StorageDriverStoreContext

from long_runs.blob_store import ChunkedStorage

STORE, RETRIEVE = StorageDriverStoreContext(), StorageDriverRetrieveContext()
OBJECTS = st.lists(st.binary(max_size=3_000), max_size=5).map(b"},{".join)


@given(datas=st.lists(OBJECTS, max_size=4), metadata=st.dictionaries(st.text(), st.binary()))
async def test_every_payload_comes_back(
    datas: list[bytes], metadata: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    driver = ChunkedStorage(tmp_path_factory.mktemp("blobs"))
    payloads = [Payload(metadata=metadata, data=data) for data in datas]
    claims = await driver.store(STORE, payloads)
    assert await driver.retrieve(RETRIEVE, claims) == payloads


async def test_common_beginning_is_stored_once(tmp_path: Path) -> None:
    driver = ChunkedStorage(tmp_path / "blobs")
    items = [b'{"text":"%s"}' % (b"%d" % number * 2_000) for number in range(20)]
    await driver.store(STORE, [Payload(data=b",".join(items[:-1]))])
    before = driver.size()
    await driver.store(STORE, [Payload(data=b",".join(items))])
    assert before > 40_000
    assert driver.size() - before < 10_000


async def test_missing_folder_is_an_error_that_can_be_retried(tmp_path: Path) -> None:
    driver = ChunkedStorage(tmp_path / "blobs")
    claims = await driver.store(STORE, [Payload(data=b"text")])
    (tmp_path / "blobs").rename(tmp_path / "unmounted")
    with pytest.raises(FileNotFoundError):
        await driver.retrieve(RETRIEVE, claims)
    (tmp_path / "unmounted").rename(tmp_path / "blobs")
    assert await driver.retrieve(RETRIEVE, claims) == [Payload(data=b"text")]
