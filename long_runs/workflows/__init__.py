"""Workflows, one per file, each with its agents."""
