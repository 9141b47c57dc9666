"""Activities of this topic."""
