"""Workflows, one sample per file, each with its sub-agent."""
