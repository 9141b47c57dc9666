"""One agent per file, each built by a function; workflows pass them through the sandbox."""
