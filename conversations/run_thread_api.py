"""The same chat behind a stateless HTTP service: one answer for each Idempotency-Key."""

from durable_agents import connect, run
from durable_agents.web import serve_app

from typing import Annotated

from typer import Option

from conversations.web.app import create_app
from conversations.web.threads import Threads


async def main(
    *,
    host: Annotated[str, Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, Option(help="0 for any free port.")] = 8000,
) -> None:
    """Serve the API until Ctrl-C.

    Anyone who can reach the address can read and write every thread: put authentication in front.
    Set ALLOWED_HOSTS to a comma-separated list to serve other names than localhost and --host.
    """
    await serve_app(create_app(Threads(await connect())), host, port)


if __name__ == "__main__":
    run(main)
