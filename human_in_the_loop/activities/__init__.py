"""Activities: what the agents do outside the workflow."""
