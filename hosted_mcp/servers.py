"""Validate the URL of a remote MCP server, and add a reference to its credential."""

from durable_agents import InvalidInput

from urllib.parse import urlsplit

from openai.types.responses.tool_param import Mcp
from temporalio.openai_agents import temporal_worker_env_ref

from hosted_mcp import CREDENTIALS


def mcp_server(server_url: str) -> Mcp:
    """Return the settings of a hosted MCP tool.

    A credential belongs to one host: a server that a caller chooses must not receive ours. The
    history records only a reference; the worker resolves it when it calls the model.

    Raises:
        InvalidInput: `server_url` is not an https URL, or contains a credential.
    """
    try:
        url = urlsplit(server_url)
    except ValueError as error:
        raise InvalidInput(f"server_url is not a URL: {error}") from None
    if url.scheme != "https" or not url.hostname:
        raise InvalidInput("server_url must be an https:// URL with a host")
    if url.username or url.password:
        raise InvalidInput("server_url contains a credential; set it in the worker's environment")
    server = Mcp(type="mcp", server_label="server", server_url=server_url)
    if variable := CREDENTIALS.get(url.hostname):
        server["authorization"] = temporal_worker_env_ref(variable)
    return server
