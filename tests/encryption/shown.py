"""What the Temporal CLI shows of a workflow."""

import asyncio
import re
from asyncio.subprocess import PIPE
from base64 import b64decode

from sample_cli.temporal_server import temporal_cli


async def show(workflow_id: str, *options: str) -> str:
    """Return what `temporal workflow show` prints, and the data in it, decoded from base64."""
    command = ["workflow", "show", "--workflow-id", workflow_id, "--output", "json", *options]
    process = await asyncio.create_subprocess_exec(temporal_cli(), *command, stdout=PIPE)
    shown = (await process.communicate())[0].decode()
    payloads = [b64decode(data) for data in re.findall(r'"data": "([^"]+)"', shown)]
    return shown + b"".join(payloads).decode(errors="replace")
