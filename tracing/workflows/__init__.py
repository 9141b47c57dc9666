"""One workflow per file, with its agents."""
