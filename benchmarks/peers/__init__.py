"""Compares durable agents with their alternatives, in one run and on the same agent."""
