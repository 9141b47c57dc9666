"""Make a build current, wake idle chats, and report which older builds have drained."""

from durable_agents import connect, run
from durable_agents.errors import SettingsError

from contextlib import suppress
from datetime import timedelta
from typing import Annotated

from temporalio.service import RPCError, RPCStatusCode
from typer import Option

from versioning.deployment import Deployment, poll_until
from versioning.turns import IDLE_TIMEOUT
from versioning.workflows.deploy import VersionedChatWorkflow

DRAINING, DRAINED = "draining", "drained"
# A chat that is not woken leaves an older build with its next message, or closes as idle.
DRAIN_LIMIT = IDLE_TIMEOUT + timedelta(hours=1)
DRAIN_POLL_INTERVAL = 1.0  # seconds
REPORT_INTERVAL = 60.0  # seconds
MAX_NAMED = 5  # chats in a report


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


async def wait_until_drained(deployment: Deployment, build: str, limit: timedelta) -> None:
    """Wait until the server reports that no chat is left on a build, so its workers can stop.

    Print each minute which chats are open; `limit` counts whole minutes.

    Raises:
        SettingsError: The build is not draining, or has not drained within `limit`.
    """

    async def has_drained() -> bool:
        status = (await deployment.versions()).get(build, "unknown to the server")
        if status not in (DRAINING, DRAINED):
            raise SettingsError(f"{build} is {status}, so it does not drain. Keep its workers.")
        return status == DRAINED

    remaining = ""
    for _ in range(int(limit.total_seconds() / REPORT_INTERVAL)):
        with suppress(TimeoutError):
            return await poll_until(has_drained, REPORT_INTERVAL, DRAIN_POLL_INTERVAL)
        remaining = await _describe_open_chats(deployment, build)
        print(f"{build} is draining: {remaining}.", flush=True)
    raise SettingsError(
        f"{build} has not drained after {limit}: {remaining}. Keep its workers. Move open chats "
        "with rollout.py --wake, or end them."
    )


async def _describe_open_chats(deployment: Deployment, build: str) -> str:
    chats = await deployment.open_chats(build)
    if not chats:
        return "no chat is open, and the server has yet to notice, which can take minutes"
    more = ", ..." if len(chats) > MAX_NAMED else ""
    return f"open chats: {len(chats):,} ({', '.join(chats[:MAX_NAMED])}{more})"


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
        await wait_until_drained(deployment, each, DRAIN_LIMIT)
    for each, status in (await deployment.versions()).items():
        print(f"{each}: {status}, open chats: {len(await deployment.open_chats(each))}")


if __name__ == "__main__":
    run(main)
