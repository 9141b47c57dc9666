"""One workflow a file, with its agents."""
