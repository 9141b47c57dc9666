"""The client of temporal_worker.py: starts workflows on the queue that the environment names."""

from durable_agents import connect, run

import os
from datetime import timedelta

from benchmarks.peers.agent import question
from benchmarks.peers.driver import drive


async def main(task_timeout: float = 10) -> None:
    """Serve requests. A workflow task lost in a crash is rescheduled after TASK_TIMEOUT seconds."""
    client = await connect()
    queue, timeout = os.environ["TASK_QUEUE"], timedelta(seconds=task_timeout)

    async def answer(id: str) -> None:
        assert await client.execute_workflow(
            "Weather", question(id), id=id, task_queue=queue, task_timeout=timeout
        )

    await drive(answer)


if __name__ == "__main__":
    run(main)
