"""The same agent as a service: a JSON API with its reference, and a web page to chat on."""

from durable_agents import connect, run

import os
import socket

import typer
import uvicorn

from goal_agent.web.app import create_app
from goal_agent.web.gateway import WorkflowGateway
from goal_agent.web.security import allowed_hosts


async def main(*, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve the API and the page until Ctrl-C.

    Anyone who can reach the address can talk to the agent: put authentication in front. Set
    ALLOWED_HOSTS to serve other names than localhost and --host, and CORS_ORIGINS to let pages of
    other sites use the API. Both are comma-separated lists.

    Args:
        host: The address to listen on; the default is reachable from this machine only.
        port: The port; 0 for any free one.
    """
    try:
        hosts = allowed_hosts(host, os.environ.get("ALLOWED_HOSTS", ""))
    except ValueError as error:
        raise typer.BadParameter(f"ALLOWED_HOSTS: {error}") from error
    gateway = WorkflowGateway(await connect())
    origins = [name.strip() for name in os.environ.get("CORS_ORIGINS", "").split(",")]
    app = create_app(
        gateway,
        hosts=hosts,
        origins=[name for name in origins if name],
        stopping=lambda: server.should_exit,
    )
    # Event streams end when the server stops; the timeout is for requests that hang.
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise typer.BadParameter(f"{host}:{port} cannot be used ({error})") from error
    with listener:
        address = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
        print(f"The page:      {address}")
        print(f"The reference: {address}/docs", flush=True)
        await server.serve([listener])


if __name__ == "__main__":
    run(main)
