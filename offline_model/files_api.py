"""Uploaded files, kept in memory, and their routes under /v1/files."""

import itertools
import time
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from offline_model.api_errors import ApiError, malformed_is_rejected
from offline_model.json_text import AsciiJSONResponse, Json

MAX_FILE_BYTES = 32 * 1024 * 1024
MAX_TOTAL_BYTES = 256 * 1024 * 1024
MAX_FILES = 1_000


@dataclass(frozen=True)
class StoredFile:
    """An uploaded file."""

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
    """At most 1,000 files of 32 MiB, 256 MiB in total."""

    def __init__(self) -> None:
        self.by_id: dict[str, StoredFile] = {}
        self._numbers = itertools.count(1)

    def add(self, filename: str, purpose: str, media_type: str, content: bytes) -> StoredFile:
        """Store a new file.

        Raises:
            ApiError: It exceeds a limit (400).
        """
        total = sum(len(file.content) for file in self.by_id.values()) + len(content)
        _check("The file", len(content), MAX_FILE_BYTES, "bytes")
        _check("All files together", total, MAX_TOTAL_BYTES, "bytes")
        _check("Uploaded", len(self.by_id) + 1, MAX_FILES, "files")
        file_id = f"file-offline{next(self._numbers)}"
        file = StoredFile(file_id, filename, purpose, media_type, content, int(time.time()))
        self.by_id[file_id] = file
        return file

    def get(self, file_id: str) -> StoredFile:
        """Return a file. An unknown id raises ApiError (404)."""
        if file_id not in self.by_id:
            raise ApiError(404, f"No such File object: {file_id}", param="id")
        return self.by_id[file_id]

    def routes(self) -> list[Route]:
        """Return the routes under /v1/files."""
        base, one = "/v1/files", "/v1/files/{id}"
        return [
            Route(base, self._upload, methods=["POST"]),
            Route(base, self._list),
            Route(one, self._retrieve),
            Route(one, self._delete, methods=["DELETE"]),
            Route(f"{one}/content", self._content),
        ]

    async def _upload(self, request: Request) -> AsciiJSONResponse:
        if not request.headers.get("content-type", "").startswith("multipart/"):
            raise ApiError(400, "Files are uploaded as multipart/form-data.")
        try:
            async with request.form() as form:
                return AsciiJSONResponse((await self._add_from(form)).info)
        except FormParserError as error:
            raise ApiError(400, f"The body is not valid multipart/form-data: {error}") from error

    async def _add_from(self, form: FormData) -> StoredFile:
        file, purpose = form.get("file"), form.get("purpose")
        if not isinstance(file, UploadFile):
            raise ApiError(400, "Missing required parameter: 'file'.", param="file")
        if not isinstance(purpose, str):
            raise ApiError(400, "Missing required parameter: 'purpose'.", param="purpose")
        media_type = file.content_type or "application/octet-stream"
        return self.add(file.filename or "file", purpose, media_type, await file.read())

    async def _list(self, request: Request) -> AsciiJSONResponse:
        purpose = request.query_params.get("purpose")
        files = [file.info for file in self.by_id.values() if purpose in (None, file.purpose)]
        return page(files, request)

    async def _retrieve(self, request: Request) -> AsciiJSONResponse:
        return AsciiJSONResponse(self.get(request.path_params["id"]).info)

    async def _content(self, request: Request) -> Response:
        file = self.get(request.path_params["id"])
        return Response(file.content, headers={"content-type": file.media_type})

    async def _delete(self, request: Request) -> AsciiJSONResponse:
        file_id = self.get(request.path_params["id"]).id
        del self.by_id[file_id]
        return AsciiJSONResponse({"id": file_id, "object": "file", "deleted": True})


def _check(what: str, size: int, limit: int, unit: str) -> None:
    if size > limit:
        message = f"{what}: {size:,} {unit}; the offline model's limit is {limit:,}."
        raise ApiError(400, message, param="file")


def page(data: list[Json], request: Request) -> AsciiJSONResponse:
    """Return the page of a list that the query's `after` and `limit` select."""
    ids = [item["id"] for item in data]
    after = request.query_params.get("after")
    start = ids.index(after) + 1 if after in ids else 0
    with malformed_is_rejected():
        limit = int(request.query_params.get("limit", 20))
    shown, more = data[start : start + limit], len(data) > start + limit
    first, last = (shown[0]["id"], shown[-1]["id"]) if shown else (None, None)
    listed = {"object": "list", "data": shown, "first_id": first, "last_id": last}
    return AsciiJSONResponse(listed | {"has_more": more})
