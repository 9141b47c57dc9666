"""The failures, one module each."""
