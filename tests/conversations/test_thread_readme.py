"""The README's requests to the thread API return what it shows."""

import shlex

import httpx2

from offline_model.server import OfflineModel
from sample_cli.catalog import ROOT
from tests.conversations.threads import Service
from tests.harness.starters import topic_worker

README = (ROOT / "conversations" / "README.md").read_text(encoding="utf-8")


def shown() -> list[tuple[list[str], str]]:
    """Return the arguments of each curl command in the README, and what it prints."""
    lines = README.partition("```console\n")[2].partition("```")[0].splitlines()
    commands = [shlex.split(line.removeprefix("$ curl ")) for line in lines[::2]]
    return list(zip(commands, lines[1::2], strict=True))


async def request(http: httpx2.AsyncClient, arguments: list[str]) -> httpx2.Response:
    """Send the request of a curl command."""
    url = next(argument for argument in arguments if argument.startswith("localhost"))
    rest = [argument for argument in arguments if argument != url]
    options = dict(zip(rest[::2], rest[1::2], strict=True))
    name, _, value = options.get("-H", "X-None: ").partition(": ")
    headers = {name: value, "Content-Type": "application/json"}
    body = options.get("--json")
    method = options.get("-X", "POST" if body else "GET")
    return await http.request(method, f"http://{url}", content=body, headers=headers)


async def test_requests_in_the_readme_return_what_it_shows(model: OfflineModel) -> None:
    async with topic_worker("conversations") as (client, _worker):
        service = Service(client)
        service.thread = "garden"
        printed = [(await request(service.http, arguments)).text for arguments, _ in shown()]
        await service.handle.terminate()
    assert printed == [output for _, output in shown()]
    assert len(printed) == 6
    assert len(model.calls) == 1
