"""Tests of mcp_servers/."""
