"""Asks the model's provider whether a vector store is there and has files."""

from durable_agents import InvalidInput

from openai import BadRequestError, NotFoundError, OpenAI
from temporalio import activity

HOW = "make one with `uv run tools/setup_knowledge_base.py`, which prints its id"


@activity.defn
def check_knowledge_base(vector_store_id: str) -> None:
    """Return if the store can be searched.

    Raises:
        InvalidInput: No id, no such store, one that has expired, or one without files.
    """
    if not vector_store_id.strip():
        raise InvalidInput(f"vector_store_id is empty: {HOW}")
    try:
        with OpenAI(max_retries=0) as client:  # Temporal retries
            store = client.vector_stores.retrieve(vector_store_id)
    except (BadRequestError, NotFoundError):
        raise InvalidInput(f"vector_store_id {vector_store_id!r} is unknown: {HOW}") from None
    if store.status == "expired":
        raise InvalidInput(f"vector_store_id {vector_store_id!r} has expired: {HOW}")
    if not store.file_counts.completed:
        raise InvalidInput(f"vector_store_id {vector_store_id!r} has no files: {HOW}")
