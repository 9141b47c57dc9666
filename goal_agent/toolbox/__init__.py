"""The tools that an agent can use."""
