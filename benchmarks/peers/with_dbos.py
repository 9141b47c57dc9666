"""DBOS: a library that records each step in a database, here at `DBOS_URL`."""

import asyncio
import os

from agents import function_tool
from dbos import DBOS, SetWorkflowID, error
from dbos_openai_agents import DBOSRunner

from benchmarks.peers.agent import get_weather, question, share_client, weather_agent
from benchmarks.peers.driver import drive

TOOL = function_tool(DBOS.step()(get_weather))


@DBOS.workflow()
async def answer(text: str) -> str:
    """Return the agent's answer."""
    result = await DBOSRunner.run(weather_agent(TOOL), text)
    return str(result.final_output)


async def run(id: str) -> None:
    """Run the agent as a workflow of the given id."""
    with SetWorkflowID(id):
        handle = await DBOS.start_workflow_async(answer, question(id))
    assert await handle.get_result()


async def resume(id: str) -> bool:
    """Wait for a workflow that `DBOS.launch` has recovered."""
    try:
        handle = await DBOS.retrieve_workflow_async(id)
    except error.DBOSNonExistentWorkflowError:
        return False
    assert await handle.get_result()
    return True


async def main() -> None:
    """Recover what an earlier process left, and serve requests."""
    share_client()
    url = os.environ["DBOS_URL"]
    DBOS(
        config={
            "name": "peers",
            "system_database_url": url,
            "run_admin_server": False,
            "log_level": "ERROR",
        }
    )
    DBOS.launch()
    await drive(run, resume)


if __name__ == "__main__":
    asyncio.run(main())
