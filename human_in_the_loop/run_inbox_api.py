"""One inbox for every pending tool call of every workflow: an API, and a page to decide on."""

from durable_agents import connect, run
from durable_agents.web import serve_app

from typing import Annotated

from typer import Option

from human_in_the_loop.web.app import create_app
from human_in_the_loop.web.inbox import Inbox


async def main(
    *,
    host: Annotated[str, Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, Option(help="0 for any free port.")] = 8000,
) -> None:
    """Serve the inbox until Ctrl-C.

    Anyone who can reach the address can decide on calls: put authentication in front. Set
    ALLOWED_HOSTS to a comma-separated list to serve other names than localhost and --host.
    """
    await serve_app(create_app(Inbox(await connect())), host, port)


if __name__ == "__main__":
    run(main)
