"""One agent per file, each built by a function. Workflows pass the modules through the sandbox."""
