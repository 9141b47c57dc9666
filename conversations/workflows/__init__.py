"""Workflows of this topic."""
