"""The address of a remote MCP server, checked, with a reference to its credential."""

from durable_agents import InvalidInput

from urllib.parse import urlsplit

from openai.types.responses.tool_param import Mcp
from temporalio.openai_agents import temporal_worker_env_ref

from hosted_mcp import CREDENTIALS


def mcp_server(server_url: str) -> Mcp:
    """Return the settings of a hosted MCP tool.

    The credential belongs to the host: a caller who names another server must not be sent ours.
    Only a reference is recorded in the history; the worker puts the value in as it calls the model.

    Raises:
        InvalidInput: The address is not an https one, or holds a password.
    """
    try:
        url = urlsplit(server_url)
    except ValueError as error:
        raise InvalidInput(f"server_url is not an address: {error}") from None
    if url.scheme != "https" or not url.hostname:
        raise InvalidInput("server_url is not an address of a server: it begins with https://")
    if url.username or url.password:
        raise InvalidInput("server_url holds a credential: put it into the worker's environment")
    server = Mcp(type="mcp", server_label="server", server_url=server_url)
    if variable := CREDENTIALS.get(url.hostname):
        server["authorization"] = temporal_worker_env_ref(variable)
    return server
