"""`sample run --encrypt`: the server stores no text, and the timeline, CLI, and Web UI show it."""

import re

import pytest

from tests.encryption.shown import show
from tests.harness.browser import open_page
from tests.harness.command import sample

ANSWER = "Tokyo: 12-20"


@pytest.mark.browser
async def test_kept_run_is_readable_only_through_its_codec_server() -> None:
    async with sample("run", "basic/tools", "--encrypt", "--keep", "--offline") as command:
        await command.wait_for_output("Everything keeps running")
        assert re.search(r"tool +get_weather", command.output)  # known from an encrypted answer
        [id] = re.findall(r"basic-tools-\w+", command.output)
        [codec] = re.findall(r"--codec-endpoint (\S+)", command.output)
        [address] = re.findall(r"--address (\S+)", command.output)
        [ui] = re.findall(r"Web UI: (\S+)", command.output)
        raw = await show(id, "--address", address)
        assert "encryption-key-id" in raw
        assert ANSWER not in raw
        assert ANSWER in await show(id, "--address", address, "--codec-endpoint", codec)
        async with open_page(ui) as user:
            user.address = "http://127.0.0.1"  # the codec server has another port
            await user.page.goto(f"{ui}/namespaces/default/workflows/{id}")
            await user.page.get_by_text(ANSWER).first.wait_for()
