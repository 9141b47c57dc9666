"""Upload the documents in tools/knowledge to a vector store, and print its id.

Idempotent: files whose name and content are unchanged are skipped. Needs OPENAI_API_KEY.
"""

from durable_agents import run

import hashlib
import sys
from pathlib import Path

import typer
from openai import APIError, AsyncOpenAI
from openai.types import VectorStore
from openai.types.vector_stores import VectorStoreFile

KNOWLEDGE_FOLDER = Path(__file__).parent / "knowledge"
STORE_NAME = "durable-agents-knowledge"


async def find_or_create_store(client: AsyncOpenAI) -> VectorStore:
    """Return the store, creating it if needed. A new store expires after 30 days without use."""
    async for store in client.vector_stores.list():
        if store.name == STORE_NAME and store.status != "expired":
            return store
    return await client.vector_stores.create(
        name=STORE_NAME, expires_after={"anchor": "last_active_at", "days": 30}
    )


async def stored_files(
    client: AsyncOpenAI, store: VectorStore
) -> dict[tuple[str, str], VectorStoreFile]:
    """Return the files in a store, by name and SHA-256."""
    return {
        (str(file.attributes["name"]), str(file.attributes["sha256"])): file
        async for file in client.vector_stores.files.list(store.id)
        if file.attributes
    }


async def upload(
    client: AsyncOpenAI, store: VectorStore, path: Path, sha256: str
) -> VectorStoreFile:
    """Upload a file to a store, and wait until it is searchable or has failed."""
    return await client.vector_stores.files.upload_and_poll(
        vector_store_id=store.id, file=path, attributes={"name": path.name, "sha256": sha256}
    )


async def remove(client: AsyncOpenAI, store: VectorStore, file: VectorStoreFile) -> None:
    """Remove a file from a store, and delete it."""
    await client.vector_stores.files.delete(file.id, vector_store_id=store.id)
    await client.files.delete(file.id)


def is_final(file: VectorStoreFile) -> bool:
    """Return whether another upload would have the same outcome."""
    is_refused = file.last_error is not None and file.last_error.code != "server_error"
    return file.status == "completed" or is_refused


def find_documents(folder: Path) -> dict[Path, str]:
    """Return the Markdown files in a folder, each with its SHA-256."""
    paths = sorted(folder.glob("*.md"))
    if not paths:
        raise typer.BadParameter(f"no .md files in {folder}")
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


async def main(folder: Path = KNOWLEDGE_FOLDER) -> None:
    """Upload the Markdown files in FOLDER to a vector store; print its id as a shell variable."""
    wanted = find_documents(folder)
    async with AsyncOpenAI() as client:
        try:
            store = await find_or_create_store(client)
            stored = await stored_files(client, store)
            for number, (path, sha256) in enumerate(wanted.items(), start=1):
                file, state = stored.get((path.name, sha256)), "unchanged"
                if file and is_final(file):
                    del stored[path.name, sha256]
                else:
                    file, state = await upload(client, store, path, sha256), "uploaded"
                if file.status != "completed":
                    reason = file.last_error.message if file.last_error else file.status
                    sys.exit(f"Cannot index {path.name}: {reason}")
                print(f"{number}/{len(wanted)} {path.name} {state}", file=sys.stderr)
            for file in stored.values():  # outdated versions, deleted files, lost uploads
                await remove(client, store, file)
        except APIError as error:
            sys.exit(f"The upload is incomplete: {error}")
    print(f"export OPENAI_VECTOR_STORE_ID={store.id}")


if __name__ == "__main__":
    run(main)
