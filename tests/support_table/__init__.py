"""Proof of the README's table of what an agent in a workflow can use."""
