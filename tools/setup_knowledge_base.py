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


async def stored_files(client: AsyncOpenAI, store: VectorStore) -> dict[tuple[str, str], str]:
    """Return the ids of the files in a store, by name and SHA-256."""
    return {
        (str(file.attributes["name"]), str(file.attributes["sha256"])): file.id
        async for file in client.vector_stores.files.list(store.id)
        if file.attributes and file.status == "completed"
    }


async def upload(client: AsyncOpenAI, store: VectorStore, path: Path, sha256: str) -> None:
    """Upload a file to a store, and wait until it is searchable. Exit if it fails."""
    file = await client.vector_stores.files.upload_and_poll(
        vector_store_id=store.id, file=path, attributes={"name": path.name, "sha256": sha256}
    )
    if file.status != "completed":
        reason = file.last_error.message if file.last_error else file.status
        sys.exit(f"Cannot index {path.name}: {reason}")


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
                unchanged = stored.pop((path.name, sha256), None) is not None
                if not unchanged:
                    await upload(client, store, path, sha256)
                state = "unchanged" if unchanged else "uploaded"
                print(f"{number}/{len(wanted)} {path.name} {state}", file=sys.stderr)
            for file_id in stored.values():  # outdated versions and deleted files
                await client.vector_stores.files.delete(file_id, vector_store_id=store.id)
                await client.files.delete(file_id)
        except APIError as error:
            sys.exit(f"The upload is incomplete: {error}")
    print(f"export OPENAI_VECTOR_STORE_ID={store.id}")


if __name__ == "__main__":
    run(main)
