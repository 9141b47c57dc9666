"""The `sample` command: lists, runs, and records the samples. No sample imports it."""
