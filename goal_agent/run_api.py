"""The same agent as a service: a JSON API with its reference, and a web page to chat on."""

from durable_agents import connect, run
from durable_agents.web import serve_app

from goal_agent.web.app import create_app
from goal_agent.web.gateway import WorkflowGateway


async def main(*, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve the page at /, the API at /api, and its reference at /docs, until Ctrl-C.

    Anyone who can reach the address can talk to the agent: put authentication in front. Set
    ALLOWED_HOSTS, a comma-separated list, to serve other names than localhost and --host.

    Args:
        host: The address to listen on; the default is reachable from this machine only.
        port: The port; 0 for any free one.
    """
    await serve_app(create_app(WorkflowGateway(await connect())), host, port)


if __name__ == "__main__":
    run(main)
