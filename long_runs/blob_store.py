"""External storage: payloads as chunks in a folder, each chunk stored once.

Consecutive model inputs differ by a few items. A driver that stores whole payloads, such as
temporalio's for S3, stores the conversation again for each call. This one cuts between JSON objects
and names each chunk by its hash, so what two payloads have in common is stored once. A codec that
encrypts runs before storage and makes all chunks differ.
"""

from durable_agents import InvalidInput

import asyncio
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    StorageDriver,
    StorageDriverClaim,
    StorageDriverRetrieveContext,
    StorageDriverStoreContext,
)
from temporalio.exceptions import ApplicationError

MIN_CHUNK_BYTES = 1_000
_CUT = b"},{"


class BlobMissing(InvalidInput):
    """A payload's chunk is not in the store.

    Non-retryable: fails the activity whose input it is, or the workflow that receives it. If the
    workflow has received it before, and replays, the task is retried until the blob is restored.
    """

    def __init__(self, name: str, folder: Path) -> None:
        message = f"Blob {name} is not in {folder}. Restore it from a backup."
        ApplicationError.__init__(self, message, type=type(self).__name__, non_retryable=True)


class ChunkedStorage(StorageDriver):
    """Stores payloads in a folder that every worker and client can reach.

    Blobs must outlive each history that refers to them, including replay. An unreachable folder
    raises `OSError`, which is retried; a missing blob raises `BlobMissing`, which is not.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def name(self) -> str:
        """Return the name under which histories refer to this driver."""
        return "chunks"

    async def store(
        self, context: StorageDriverStoreContext, payloads: Sequence[Payload]
    ) -> list[StorageDriverClaim]:
        """Store payloads; return a claim for each."""
        return await asyncio.to_thread(lambda: [self._store(payload) for payload in payloads])

    async def retrieve(
        self, context: StorageDriverRetrieveContext, claims: Sequence[StorageDriverClaim]
    ) -> list[Payload]:
        """Return the payloads of claims; raise BlobMissing if a chunk is gone."""
        return await asyncio.to_thread(lambda: [self._retrieve(claim) for claim in claims])

    def size(self) -> int:
        """Return the bytes in the store."""
        return sum(file.stat().st_size for file in self._folder.glob("*/*"))

    def _store(self, payload: Payload) -> StorageDriverClaim:
        names = b"".join(bytes.fromhex(self._put(chunk)) for chunk in _chunks(payload.data))
        metadata = {key: b64encode(value).decode() for key, value in payload.metadata.items()}
        return StorageDriverClaim({"chunks": self._put(names), "metadata": json.dumps(metadata)})

    def _retrieve(self, claim: StorageDriverClaim) -> Payload:
        names = self._get(claim.claim_data["chunks"])
        metadata: dict[str, str] = json.loads(claim.claim_data["metadata"])
        return Payload(
            metadata={key: b64decode(value) for key, value in metadata.items()},
            data=b"".join(self._get(name.hex()) for name in _split(names)),
        )

    def _put(self, blob: bytes) -> str:
        name = sha256(blob).hexdigest()
        file = self._file(name)
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self._folder, delete=False) as temporary:
                temporary.write(blob)
                temporary.flush()
                os.fsync(temporary.fileno())
            Path(temporary.name).replace(file)  # atomic: a reader never sees half a blob
        return name

    def _get(self, name: str) -> bytes:
        try:
            return self._file(name).read_bytes()
        except FileNotFoundError:
            if not self._folder.exists():
                raise  # the store is not mounted: a retry can help
            raise BlobMissing(name, self._folder) from None

    def _file(self, name: str) -> Path:
        return self._folder / name[:2] / name


def _chunks(data: bytes) -> Iterator[bytes]:
    """Cut between JSON objects, so equal prefixes give equal chunks."""
    start = 0
    while (cut := data.find(_CUT, start + MIN_CHUNK_BYTES)) != -1:
        yield data[start : cut + 1]
        start = cut + 1
    yield data[start:]


def _split(names: bytes) -> Iterable[bytes]:
    size = sha256().digest_size
    return (names[at : at + size] for at in range(0, len(names), size))
