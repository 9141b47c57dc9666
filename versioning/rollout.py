"""Make a build current, wake idle chats, and report which older builds have drained."""

from durable_agents import connect, run

from typing import Annotated

from temporalio.service import RPCError, RPCStatusCode
from typer import Option

from versioning.deployment import Deployment, poll_until
from versioning.workflows.deploy import VersionedChatWorkflow

DRAINING = "draining"


async def wake_chats(deployment: Deployment, build: str) -> int:
    """Let the idle chats of a build notice that newer code is deployed; return how many."""
    chats = await deployment.open_chats(build)
    for id in chats:
        handle = deployment.client.get_workflow_handle_for(VersionedChatWorkflow.run, id)
        try:
            await handle.signal(VersionedChatWorkflow.look_for_new_version)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:  # it has ended meanwhile
                raise
    return len(chats)


async def wait_until_drained(deployment: Deployment, build: str) -> None:
    """Wait until the server reports that no chat is left on a build, so its workers can stop."""

    async def has_drained() -> bool:
        return (await deployment.versions())[build] != DRAINING

    await poll_until(has_drained)


async def main(
    build: str,
    *,
    wake: Annotated[bool, Option("--wake", help="Also move chats to which nobody writes.")] = False,
    wait: Annotated[bool, Option("--wait", help="Wait until older builds have drained.")] = False,
) -> None:
    """Make BUILD current, and show where the open chats are. Repeat it to roll back."""
    deployment = Deployment(await connect())
    await deployment.set_current(build)
    older = [each for each, status in (await deployment.versions()).items() if status == DRAINING]
    for each in older if wake else []:
        print(f"Waking {await wake_chats(deployment, each)} chats on {each}.", flush=True)
    for each in older if wait else []:
        print(f"Waiting until {each} has drained ...", flush=True)
        await wait_until_drained(deployment, each)
    for each, status in (await deployment.versions()).items():
        print(f"{each}: {status}, open chats: {len(await deployment.open_chats(each))}")


if __name__ == "__main__":
    run(main)
