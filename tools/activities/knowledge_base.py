"""Check that a vector store exists and contains files."""

from durable_agents import InvalidInput

from openai import BadRequestError, NotFoundError, OpenAI
from temporalio import activity

SETUP_HINT = "run `uv run tools/setup_knowledge_base.py` to create one"


@activity.defn
def check_knowledge_base(vector_store_id: str) -> None:
    """Check that the store can be searched.

    Raises:
        InvalidInput: The id is empty or unknown, or the store has expired or contains no files.
    """
    if not vector_store_id.strip():
        raise InvalidInput(f"vector_store_id is empty; {SETUP_HINT}")
    try:
        with OpenAI(max_retries=0) as client:  # Temporal retries
            store = client.vector_stores.retrieve(vector_store_id)
    except (BadRequestError, NotFoundError):
        raise InvalidInput(
            f"vector_store_id {vector_store_id!r} is unknown; {SETUP_HINT}"
        ) from None
    if store.status == "expired":
        raise InvalidInput(f"vector_store_id {vector_store_id!r} has expired; {SETUP_HINT}")
    if not store.file_counts.completed:
        raise InvalidInput(f"vector_store_id {vector_store_id!r} contains no files; {SETUP_HINT}")
