"""The systems that are compared, and what each of them needs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from sample_cli.temporal_server import find_program

PEERS = "uv sync --group peers"
RESTATE = (
    "npm install --ignore-scripts --prefix ~/restate @restatedev/restate-server@1.7; "
    "export PATH=$PATH:~/restate/node_modules/.bin"
)
POSTGRESQL = "apt-get install postgresql"


@dataclass(frozen=True)
class System:
    """A way to run the agent.

    Attributes:
        id: Names it on the command line.
        name: Names it in the tables.
        worker: The module that runs the agent, and its arguments.
        server: The server that it needs, as `servers.py` names it.
        client: The module that sends requests, and its arguments; none if the worker's process
            runs them itself, with a library.
        packages: The Python packages it needs besides the default groups.
        is_variant: Whether it is this project with a guarantee or a saving switched off. It is
            compared with the default, and not killed.
        runs_agent: Whether it runs the agent. Without one, there are no model calls to wait for, so
            it is not killed either.
    """

    id: str
    name: str
    worker: Sequence[str]
    server: str = "none"
    client: Sequence[str] = ()
    packages: Sequence[str] = ()
    is_variant: bool = False
    runs_agent: bool = True

    @property
    def is_killed(self) -> bool:
        """Whether its worker is killed to measure how it recovers."""
        return self.runs_agent and not self.is_variant

    @property
    def how_to_install(self) -> str | None:
        """The commands that install what is missing; None if nothing is."""
        needed = []
        if not all(map(find_spec, self.packages)):
            needed.append(PEERS)
        if self.server == "postgresql" and not any(
            Path("/usr/lib/postgresql").glob("*/bin/initdb")
        ):
            needed.append(POSTGRESQL)
        if self.server == "restate" and not find_program("restate-server"):
            needed.append(RESTATE)
        return "; ".join(needed) or None


def _ours(
    id: str, name: str, *, variant: str = "default", server: str = "temporal", client: str = ""
) -> System:
    clients = ("temporal_client", *client.split())
    return System(id, name, ("temporal_worker", variant), server, clients)


def _inside(id: str, name: str, variant: str) -> System:
    return System(id, name, ("temporal_worker", variant, "--client-inside"), "temporal")


def _without(name: str, variant: str) -> System:
    return replace(_ours(variant, name, variant=variant), is_variant=True)


DBOS = ("dbos", "dbos_openai_agents")
PLAIN = System("plain", "Plain Runner, not durable", ["without"])
DEFAULT = _ours("default", "This project")
SYSTEMS = [
    PLAIN,
    System("plain-client", "Plain Runner, OpenAIClient", ["without", "--own-client"]),
    DEFAULT,
    _ours("timeouts", "This project, shorter timeouts", variant="heartbeat-2s", client="5"),
    _ours("file", "This project, server on disk", server="temporal-file"),
    _ours("fast", "This project, fast", variant="fast"),
    _ours("unsandboxed", "This project, fast, no sandbox", variant="fast-unsandboxed"),
    _inside("fast-inside", "This project, fast, client inside", "fast"),
    _inside(
        "unsandboxed-inside", "This project, fast, no sandbox, client inside", "fast-unsandboxed"
    ),
    replace(_inside("bare", "Temporal alone, three empty calls", "bare"), runs_agent=False),
    System("dbos-sqlite", "DBOS, SQLite", ["with_dbos"], "sqlite", packages=DBOS),
    System("dbos-postgresql", "DBOS, PostgreSQL", ["with_dbos"], "postgresql", packages=DBOS),
    System(
        "restate",
        "Restate",
        worker=["with_restate"],
        server="restate",
        client=["restate_client"],
        packages=["restate", "hypercorn"],
    ),
    replace(DEFAULT, id="control", name="Nothing (the same again)", is_variant=True),
    _without("Heartbeats", "no-heartbeats"),
    _without("Argument validation", "no-argument-validation"),
    _without("Response validation", "no-response-validation"),
    _without("Size limits", "no-size-limits"),
    _without("All of durable_agents (stock plugin)", "stock"),
    replace(
        DEFAULT,
        id="temporal-stock",
        name="Saving: the dev server's settings",
        server="temporal-stock",
        is_variant=True,
    ),
    _without("Saving: conversations are sent as they are", "openai-client"),
    _without("Saving: tools are built once", "no-tool-cache"),
    _without("Saving: payloads without contexts", "contexts"),
]
NON_VARIANTS = [each for each in SYSTEMS if not each.is_variant]
