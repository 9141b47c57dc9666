"""Vector stores of uploaded files, searched by words, and the routes under /v1/vector_stores."""

import itertools
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from aiohttp import web

from offline_model.api_errors import ApiError, malformed_is_refused
from offline_model.files_api import Files, StoredFile, page
from offline_model.json_text import Json, json_object
from offline_model.model_reply import SearchResult
from offline_model.words import stems

MAX_STORES = 1_000


@dataclass
class VectorStore:
    """One store: the files in it by id, with their attributes and the time when each came in."""

    id: str
    name: str
    metadata: Json
    expires_after: Json | None
    created_at: int = field(default_factory=lambda: int(time.time()))
    files: dict[str, Json] = field(default_factory=dict)


class VectorStores:
    """The vector stores made so far."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._stores: dict[str, VectorStore] = {}
        self._numbers = itertools.count(1)

    def add(self, request: Json) -> VectorStore:
        """Make a store, as the body of a request describes it.

        Raises:
            ApiError: There are too many (400), or a file is unknown (404).
        """
        if len(self._stores) >= MAX_STORES:
            raise ApiError(400, f"The offline model's limit is {MAX_STORES:,} vector stores.")
        store = VectorStore(
            f"vs_offline{next(self._numbers)}",
            request.get("name") or "",
            request.get("metadata") or {},
            request.get("expires_after"),
        )
        for file_id in request.get("file_ids") or []:
            self.attach(store, file_id, {})
        self._stores[store.id] = store
        return store

    def get(self, store_id: str) -> VectorStore:
        """Return a store.

        Raises:
            ApiError: There is none by this id (404).
        """
        if store_id not in self._stores:
            raise ApiError(404, f"Vector store with id '{store_id}' not found.")
        return self._stores[store_id]

    def remove(self, store_id: str) -> None:
        """Delete a store; its files stay."""
        del self._stores[self.get(store_id).id]

    def all(self) -> list[VectorStore]:
        """Return all stores, newest first."""
        return list(reversed(self._stores.values()))

    def attach(self, store: VectorStore, file_id: str, attributes: Json) -> Json:
        """Put an uploaded file into a store; return the membership as the API shows it.

        Files that are not text fail, as in the real API.
        """
        readable = _text(self.files.get(file_id)) is not None
        error = {"code": "unsupported_file", "message": "The file is not text."}
        store.files[file_id] = {
            "id": file_id,
            "object": "vector_store.file",
            "created_at": int(time.time()),
            "vector_store_id": store.id,
            "usage_bytes": len(self.files.get(file_id).content) if readable else 0,
            "status": "completed" if readable else "failed",
            "last_error": None if readable else error,
            "attributes": attributes,
        }
        return store.files[file_id]

    def search(self, store_ids: Iterable[str], query: str, limit: int = 10) -> list[SearchResult]:
        """Return the paragraphs that share most words with the query, the best first."""
        ids = {id: None for store_id in store_ids for id in self.get(store_id).files}
        kept = {file.id: file for file in self.files.all()}
        found = [
            passage
            for file_id in ids
            if file_id in kept
            for passage in _passages(kept[file_id], stems(query))
        ]
        return sorted(found, key=lambda passage: -passage.score)[:limit]


def _text(file: StoredFile) -> str | None:
    try:
        text = file.content.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _passages(file: StoredFile, wanted: set[str]) -> list[SearchResult]:
    """Rate the paragraphs of a file. Words of its first line, the title, count for all of them."""
    text = _text(file) or ""
    title = stems(text.partition("\n")[0]) & wanted
    paragraphs = [part.strip() for part in text.split("\n\n")]
    rated = [(len(stems(part) & wanted) + len(title) / 2, part) for part in paragraphs]
    return [
        SearchResult(file.id, file.filename, round(score / (2 * len(wanted)), 3), part)
        for score, part in rated
        if score and not part.startswith("#")
    ]


class VectorStoresApi:
    """Makes, lists, fills, searches and deletes vector stores over HTTP."""

    def __init__(self, stores: VectorStores) -> None:
        self._stores = stores

    def routes(self) -> list[web.RouteDef]:
        """Return the routes under /v1/vector_stores."""
        base, one = "/v1/vector_stores", "/v1/vector_stores/{id}"
        return [
            web.post(base, self._create),
            web.get(base, self._list),
            web.get(one, self._show),
            web.delete(one, self._delete),
            web.post(f"{one}/search", self._search),
            web.post(f"{one}/files", self._attach),
            web.get(f"{one}/files", self._list_files),
            web.get(f"{one}/files/{{file_id}}", self._show_file),
            web.delete(f"{one}/files/{{file_id}}", self._detach),
        ]

    def _store(self, request: web.Request) -> VectorStore:
        return self._stores.get(request.match_info["id"])

    async def _create(self, request: web.Request) -> web.Response:
        with malformed_is_refused():
            return web.json_response(_info(self._stores.add(await json_object(request))))

    async def _list(self, request: web.Request) -> web.Response:
        return page([_info(store) for store in self._stores.all()], request)

    async def _show(self, request: web.Request) -> web.Response:
        return web.json_response(_info(self._store(request)))

    async def _delete(self, request: web.Request) -> web.Response:
        store = self._store(request)
        self._stores.remove(store.id)
        return web.json_response(
            {"id": store.id, "object": "vector_store.deleted", "deleted": True}
        )

    async def _search(self, request: web.Request) -> web.Response:
        with malformed_is_refused():
            body = await json_object(request)
            query, limit = body["query"], body.get("max_num_results") or 10
            text = query if isinstance(query, str) else " ".join(query)
            found = self._stores.search([self._store(request).id], text, limit)
        data = [
            {
                "file_id": passage.file_id,
                "filename": passage.filename,
                "score": passage.score,
                "attributes": {},
                "content": [{"type": "text", "text": passage.text}],
            }
            for passage in found
        ]
        kind = "vector_store.search_results.page"
        found_by = [query] if isinstance(query, str) else query
        results = {"object": kind, "search_query": found_by, "data": data}
        return web.json_response(results | {"has_more": False, "next_page": None})

    async def _attach(self, request: web.Request) -> web.Response:
        with malformed_is_refused():
            body = await json_object(request)
            attributes = body.get("attributes") or {}
            file = self._stores.attach(self._store(request), body["file_id"], attributes)
        return web.json_response(file)

    async def _list_files(self, request: web.Request) -> web.Response:
        return page(list(self._store(request).files.values()), request)

    async def _show_file(self, request: web.Request) -> web.Response:
        return web.json_response(self._file(request))

    async def _detach(self, request: web.Request) -> web.Response:
        file_id = self._file(request)["id"]
        del self._store(request).files[file_id]
        return web.json_response(
            {"id": file_id, "object": "vector_store.file.deleted", "deleted": True}
        )

    def _file(self, request: web.Request) -> Json:
        file_id = request.match_info["file_id"]
        files = self._store(request).files
        if file_id not in files:
            raise ApiError(404, f"No file found with id '{file_id}' in this vector store.")
        return files[file_id]


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
