"""Workflows, one per file."""
