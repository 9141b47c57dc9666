"""Self-hosted MCP servers, one program per file."""
