"""Start EncryptedWorkflow; print the answer, and what the Temporal server stores."""

from durable_agents import connect, run

from uuid import uuid4

from encryption import TASK_QUEUE
from encryption.stored import describe_stored
from encryption.workflows.encrypted import EncryptedWorkflow


async def main(
    question: str = "My IBAN is DE89 3704 0044 0532 0130 00. Which payments are pending?",
) -> None:
    """Ask QUESTION about a bank account.

    ENCRYPTION_KEYS=ID:KEY encrypts it, here and in the worker. Without the variable, it is stored
    as plain text.
    """
    client = await connect()
    handle = await client.start_workflow(
        EncryptedWorkflow.run,
        question,
        id=f"encryption-encrypted-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(await handle.result())
    print("\nWhat the server stores:")
    for line in describe_stored(await handle.fetch_history()):
        print(line)


if __name__ == "__main__":
    run(main)
