"""The same agent as a service: an API with its reference, and a web page to talk to it."""

from durable_agents import connect, run

import os
from typing import Annotated

import typer
import uvicorn

from goal_agent.service.app import create_app
from goal_agent.service.conversations import Conversations
from goal_agent.service.security import allowed_hosts
from goal_agent.service.sockets import address_of, listening


async def main(
    *,
    host: str = "127.0.0.1",
    port: Annotated[int | None, typer.Option(min=0, max=65535)] = None,
) -> None:
    """Serve the API and the page until Ctrl-C.

    Whoever reaches the address can talk to the agent: put what knows your users in front. Under
    other names than localhost and --host it answers when ALLOWED_HOSTS names them; pages of other
    sites may use the API when CORS_ORIGINS does. Both are lists, separated by commas.

    Args:
        host: The address to listen on; only this machine reaches the default.
        port: The port; 8000 if it is free, else any, by default.
    """
    try:
        hosts = allowed_hosts(host, os.environ.get("ALLOWED_HOSTS", ""))
    except ValueError as error:
        raise typer.BadParameter(f"ALLOWED_HOSTS: {error}") from error
    conversations = Conversations(await connect())
    names = (name.strip() for name in os.environ.get("CORS_ORIGINS", "").split(","))
    app = create_app(
        conversations,
        hosts=hosts,
        origins=[name for name in names if name],
        stopping=lambda: server.should_exit,
    )
    # What streams ends by itself; the timeout is for what hangs.
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5))
    try:
        opened = listening(host, port)
    except OSError as error:
        raise typer.BadParameter(f"{host}:{port} cannot be used ({error.strerror})") from error
    with opened:
        print(f"The page:      {address_of(opened)}")
        print(f"The reference: {address_of(opened)}/docs", flush=True)
        await server.serve([opened])


if __name__ == "__main__":
    run(main)
