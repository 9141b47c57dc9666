"""Vector stores of uploaded files, searched by words, and their routes under /v1/vector_stores."""

import itertools
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.routing import Route

from offline_model.api_errors import ApiError, malformed_is_rejected
from offline_model.files_api import Files, StoredFile, page
from offline_model.json_text import AsciiJSONResponse, Json, json_object
from offline_model.model_reply import SearchResult
from offline_model.words import stems

MAX_STORES = 1_000


@dataclass
class VectorStore:
    """A store: its files by id, as the API shows them."""

    id: str
    name: str
    metadata: Json
    expires_after: Json | None
    created_at: int = field(default_factory=lambda: int(time.time()))
    files: dict[str, Json] = field(default_factory=dict)


class VectorStores:
    """At most 1,000 stores, in memory."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._by_id: dict[str, VectorStore] = {}
        self._numbers = itertools.count(1)

    def add(self, body: Json) -> VectorStore:
        """Create a store from the body of a request.

        Raises:
            ApiError: There are too many (400), or a file is unknown (404).
        """
        if len(self._by_id) >= MAX_STORES:
            raise ApiError(400, f"The offline model's limit is {MAX_STORES:,} vector stores.")
        store = VectorStore(
            f"vs_offline{next(self._numbers)}",
            body.get("name") or "",
            body.get("metadata") or {},
            body.get("expires_after"),
        )
        for file_id in body.get("file_ids") or []:
            store.files[file_id] = _attached(store, self.files.get(file_id), {})
        self._by_id[store.id] = store
        return store

    def get(self, store_id: str) -> VectorStore:
        """Return a store. An unknown id raises ApiError (404)."""
        if store_id not in self._by_id:
            raise ApiError(404, f"Vector store with id '{store_id}' not found.")
        return self._by_id[store_id]

    def search(self, store_ids: Iterable[str], query: str, limit: int = 10) -> list[SearchResult]:
        """Return the paragraphs that share the most words with the query, the best first."""
        ids = {id for store_id in store_ids for id in self.get(store_id).files}
        wanted = stems(query)
        files = [file for file in self.files.by_id.values() if file.id in ids]
        found = [result for file in files for result in _search(file, wanted)]
        return sorted(found, key=lambda result: -result.score)[:limit]

    def routes(self) -> list[Route]:
        """Return the routes under /v1/vector_stores."""
        base, one = "/v1/vector_stores", "/v1/vector_stores/{id}"
        return [
            Route(base, self._create, methods=["POST"]),
            Route(base, self._list),
            Route(one, self._retrieve),
            Route(f"{one}/files", self._attach, methods=["POST"]),
            Route(f"{one}/files", self._list_files),
            Route(f"{one}/files/{{file_id}}", self._retrieve_file),
            Route(f"{one}/files/{{file_id}}", self._detach, methods=["DELETE"]),
        ]

    def _store(self, request: Request) -> VectorStore:
        return self.get(request.path_params["id"])

    async def _create(self, request: Request) -> AsciiJSONResponse:
        with malformed_is_rejected():
            store = self.add(json_object(await request.body()))
            return AsciiJSONResponse(_info(store))

    async def _list(self, request: Request) -> AsciiJSONResponse:
        newest_first = reversed(self._by_id.values())
        return page([_info(store) for store in newest_first], request)

    async def _retrieve(self, request: Request) -> AsciiJSONResponse:
        return AsciiJSONResponse(_info(self._store(request)))

    async def _attach(self, request: Request) -> AsciiJSONResponse:
        store = self._store(request)
        with malformed_is_rejected():
            body = json_object(await request.body())
            file = self.files.get(body["file_id"])
            store.files[file.id] = _attached(store, file, body.get("attributes") or {})
        return AsciiJSONResponse(store.files[file.id])

    async def _list_files(self, request: Request) -> AsciiJSONResponse:
        return page(list(self._store(request).files.values()), request)

    async def _retrieve_file(self, request: Request) -> AsciiJSONResponse:
        return AsciiJSONResponse(self._file(request))

    async def _detach(self, request: Request) -> AsciiJSONResponse:
        file_id = self._file(request)["id"]
        del self._store(request).files[file_id]
        body = {"id": file_id, "object": "vector_store.file.deleted", "deleted": True}
        return AsciiJSONResponse(body)

    def _file(self, request: Request) -> Json:
        file_id, files = request.path_params["file_id"], self._store(request).files
        if file_id not in files:
            raise ApiError(404, f"No file found with id '{file_id}' in this vector store.")
        return files[file_id]


def _attached(store: VectorStore, file: StoredFile, attributes: Json) -> Json:
    """Return a file in a store, as the API shows it. A file that is not text has failed."""
    is_text = _text(file) is not None
    error = {"code": "unsupported_file", "message": "The file is not text."}
    return {
        "id": file.id,
        "object": "vector_store.file",
        "created_at": int(time.time()),
        "vector_store_id": store.id,
        "usage_bytes": len(file.content) if is_text else 0,
        "status": "completed" if is_text else "failed",
        "last_error": None if is_text else error,
        "attributes": attributes,
    }


def _text(file: StoredFile) -> str | None:
    try:
        text = file.content.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _search(file: StoredFile, wanted: set[str]) -> list[SearchResult]:
    """Rate the paragraphs of a file. Words of its title, the first line, count for all of them."""
    text = _text(file) or ""
    title = stems(text.partition("\n")[0]) & wanted
    paragraphs = [part.strip() for part in text.split("\n\n")]
    rated = [(len(stems(part) & wanted) + len(title) / 2, part) for part in paragraphs]
    return [
        SearchResult(file.id, file.filename, round(score / (2 * len(wanted)), 3), part)
        for score, part in rated
        if score and not part.startswith("#")
    ]


def _info(store: VectorStore) -> Json:
    states = [file["status"] for file in store.files.values()]
    counts = {state: states.count(state) for state in ("completed", "failed")}
    expiry = {"expires_after": store.expires_after} if store.expires_after else {}
    return expiry | {
        "id": store.id,
        "object": "vector_store",
        "name": store.name,
        "metadata": store.metadata,
        "created_at": store.created_at,
        "last_active_at": int(time.time()),
        "expires_at": None,
        "status": "completed",
        "usage_bytes": sum(file["usage_bytes"] for file in store.files.values()),
        "file_counts": counts | {"in_progress": 0, "cancelled": 0, "total": len(states)},
    }
