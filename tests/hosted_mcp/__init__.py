"""Tests of hosted_mcp/."""
