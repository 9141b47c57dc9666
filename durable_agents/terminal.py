"""Reads what a person types at a terminal."""

import asyncio
import sys


async def read_line(prompt: str) -> str:
    """Print `prompt`; return the next line that the person types, without surrounding spaces.

    No thread waits in `input()`, which would delay Ctrl-C until Enter.

    Raises:
        EOFError: The person pressed Ctrl-D.
    """
    print(prompt, end="", flush=True)
    loop, is_typed = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sys.stdin, is_typed.set)
    try:
        await is_typed.wait()
    finally:
        loop.remove_reader(sys.stdin)
    if line := sys.stdin.readline():
        return line.strip()
    raise EOFError
