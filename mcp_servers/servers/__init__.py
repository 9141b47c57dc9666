"""MCP servers of our own, each a program by itself."""
