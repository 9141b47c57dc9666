"""One workflow per file."""
