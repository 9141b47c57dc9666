"""Uploads the documents of tools/knowledge to a vector store, and prints its id.

What is there already, by name and content, is not uploaded again. Needs OPENAI_API_KEY.
"""

from durable_agents import run

import hashlib
import sys
from pathlib import Path

import typer
from openai import APIError, AsyncOpenAI
from openai.types import VectorStore

FOLDER = Path(__file__).parent / "knowledge"
NAME = "durable-agents-knowledge"


async def find_or_make_store(client: AsyncOpenAI) -> VectorStore:
    """Return the store of this name; a new one is deleted after a month without use."""
    async for store in client.vector_stores.list():
        if store.name == NAME and store.status != "expired":
            return store
    return await client.vector_stores.create(
        name=NAME, expires_after={"anchor": "last_active_at", "days": 30}
    )


async def stored_files(client: AsyncOpenAI, store: VectorStore) -> dict[tuple[str, str], str]:
    """Return the ids of the files in a store, by name and hash."""
    return {
        (str(file.attributes["name"]), str(file.attributes["sha256"])): file.id
        async for file in client.vector_stores.files.list(store.id)
        if file.attributes and file.status == "completed"
    }


async def upload(client: AsyncOpenAI, store: VectorStore, path: Path, sha256: str) -> None:
    """Put a file into a store, and wait until it can be searched."""
    file = await client.vector_stores.files.upload_and_poll(
        vector_store_id=store.id, file=path, attributes={"name": path.name, "sha256": sha256}
    )
    if file.status != "completed":
        reason = file.last_error.message if file.last_error else file.status
        sys.exit(f"{path.name} was not taken in: {reason}")


def documents(folder: Path) -> dict[Path, str]:
    """Return the Markdown files of a folder, each with the hash of its content."""
    paths = sorted(folder.glob("*.md"))
    if not paths:
        raise typer.BadParameter(f"there are no .md files in {folder}")
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


async def main(folder: Path = FOLDER) -> None:
    """Upload the Markdown files of FOLDER to a vector store, and print its id for the shell."""
    wanted = documents(folder)
    async with AsyncOpenAI() as client:
        try:
            store = await find_or_make_store(client)
            there = await stored_files(client, store)
            for number, (path, sha256) in enumerate(wanted.items(), start=1):
                is_there = there.pop((path.name, sha256), None) is not None
                if not is_there:
                    await upload(client, store, path, sha256)
                state = "is there already" if is_there else "uploaded"
                print(f"{number}/{len(wanted)} {path.name} {state}", file=sys.stderr)
            for file_id in there.values():  # of older versions, and of files that are gone
                await client.vector_stores.files.delete(file_id, vector_store_id=store.id)
                await client.files.delete(file_id)
        except APIError as error:
            sys.exit(f"The knowledge base is not complete: {error}")
    print(f"export OPENAI_VECTOR_STORE_ID={store.id}")


if __name__ == "__main__":
    run(main)
