"""Uploaded files, kept in memory, and the routes under /v1/files."""

import itertools
import time
from dataclasses import dataclass

from aiohttp import BodyPartReader, web

from offline_model.api_errors import ApiError, malformed_is_refused
from offline_model.json_text import Json

MAX_FILE_BYTES = 32 * 1024 * 1024
MAX_TOTAL_BYTES = 256 * 1024 * 1024
MAX_FILES = 1_000
_UNENCODED = ("7bit", "8bit", "binary")


@dataclass(frozen=True)
class StoredFile:
    """One uploaded file."""

    id: str
    filename: str
    purpose: str
    media_type: str
    content: bytes
    created_at: int

    @property
    def info(self) -> Json:
        """The file as the API shows it."""
        return {
            "id": self.id,
            "object": "file",
            "bytes": len(self.content),
            "created_at": self.created_at,
            "filename": self.filename,
            "purpose": self.purpose,
            "status": "processed",
        }


class Files:
    """The files uploaded so far."""

    def __init__(self) -> None:
        self._files: dict[str, StoredFile] = {}
        self._numbers = itertools.count(1)

    def add(self, filename: str, purpose: str, media_type: str, content: bytes) -> StoredFile:
        """Keep a new file.

        Raises:
            ApiError: It is too large, or there are too many (400).
        """
        total = sum(len(file.content) for file in self._files.values()) + len(content)
        _check("The file", len(content), MAX_FILE_BYTES, "bytes")
        _check("All files together", total, MAX_TOTAL_BYTES, "bytes")
        _check("Uploaded", len(self._files) + 1, MAX_FILES, "files")
        file_id = f"file-offline{next(self._numbers)}"
        file = StoredFile(file_id, filename, purpose, media_type, content, int(time.time()))
        self._files[file_id] = file
        return file

    def get(self, file_id: str) -> StoredFile:
        """Return a file.

        Raises:
            ApiError: There is none by this id (404).
        """
        if file_id not in self._files:
            raise ApiError(404, f"No such File object: {file_id}", param="id")
        return self._files[file_id]

    def remove(self, file_id: str) -> None:
        """Delete a file."""
        del self._files[self.get(file_id).id]

    def all(self) -> list[StoredFile]:
        """Return all files, oldest first."""
        return list(self._files.values())


def _check(what: str, size: int, limit: int, unit: str) -> None:
    if size > limit:
        message = f"{what}: {size:,} {unit}; the offline model's limit is {limit:,}."
        raise ApiError(400, message, param="file")


@dataclass(frozen=True)
class _Field:
    filename: str
    media_type: str
    content: bytes


async def _read_form(request: web.Request) -> dict[str, _Field]:
    """Return the fields of a form by name. Stops reading at the limit of one file's size."""
    fields: dict[str, _Field] = {}
    size = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise ValueError("each part must be a field with a name")
        if part.headers.get("Content-Transfer-Encoding", "binary") not in _UNENCODED:
            raise ValueError("only unencoded parts are supported")
        content = bytearray()
        while chunk := await part.read_chunk():
            content += chunk
            size += len(chunk)
            _check("The file", size, MAX_FILE_BYTES, "bytes")
        media_type = part.headers.get("Content-Type", "application/octet-stream")
        fields[part.name] = _Field(part.filename or part.name, media_type, bytes(content))
    return fields


class FilesApi:
    """Uploads, lists, shows and deletes files over HTTP."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def routes(self) -> list[web.RouteDef]:
        """Return the routes under /v1/files."""
        return [
            web.post("/v1/files", self._upload),
            web.get("/v1/files", self._list),
            web.get("/v1/files/{id}", self._show),
            web.get("/v1/files/{id}/content", self._content),
            web.delete("/v1/files/{id}", self._delete),
        ]

    async def _upload(self, request: web.Request) -> web.Response:
        if not request.content_type.startswith("multipart/"):
            raise ApiError(400, "Files are uploaded as multipart/form-data.")
        try:
            form = await _read_form(request)
        except (AssertionError, LookupError, RuntimeError, ValueError) as error:
            raise ApiError(400, f"The body is not valid multipart/form-data: {error}") from error
        for name in ("file", "purpose"):
            if name not in form:
                raise ApiError(400, f"Missing required parameter: '{name}'.", param=name)
        file, purpose = form["file"], form["purpose"].content.decode(errors="replace")
        stored = self._files.add(file.filename, purpose, file.media_type, file.content)
        return web.json_response(stored.info)

    async def _list(self, request: web.Request) -> web.Response:
        purpose = request.query.get("purpose")
        found = [file.info for file in self._files.all() if purpose in (None, file.purpose)]
        return page(found, request)

    async def _show(self, request: web.Request) -> web.Response:
        return web.json_response(self._files.get(request.match_info["id"]).info)

    async def _content(self, request: web.Request) -> web.Response:
        file = self._files.get(request.match_info["id"])
        return web.Response(body=file.content, content_type=file.media_type)

    async def _delete(self, request: web.Request) -> web.Response:
        file_id = request.match_info["id"]
        self._files.remove(file_id)
        return web.json_response({"id": file_id, "object": "file", "deleted": True})


def page(data: list[Json], request: web.Request) -> web.Response:
    """Answer with the items after the one that the client had last."""
    ids = [item["id"] for item in data]
    after = request.query.get("after")
    start = ids.index(after) + 1 if after in ids else 0
    with malformed_is_refused():
        limit = int(request.query.get("limit", 20))
    shown, more = data[start : start + limit], len(data) > start + limit
    first, last = (shown[0]["id"], shown[-1]["id"]) if shown else (None, None)
    return web.json_response(
        {"object": "list", "data": shown, "first_id": first, "last_id": last, "has_more": more}
    )
