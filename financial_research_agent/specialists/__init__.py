"""One agent a file, each made by a function: prompts, passed through the sandbox."""
