"""Settings from the environment, checked before they are used; errors name the variable."""

from durable_agents.errors import SettingsError

import os
import re
import socket
from contextlib import suppress
from urllib.parse import urlsplit

from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.worker import WorkerDeploymentConfig

DEPLOYMENT_NAME, BUILD_ID = "TEMPORAL_DEPLOYMENT_NAME", "TEMPORAL_WORKER_BUILD_ID"

_ADDRESS = re.compile(r"(?P<host>[\w.-]+|\[[\da-fA-F:.]+\]):(?P<port>\d{1,5})", re.ASCII)
_DEPLOYMENT_ID = re.compile("[!-~]{1,200}")
_HEADER = re.compile("[!-~]*")
_HTTP_ADDRESS = re.compile(
    r"https?://([!-.0-?A-~]*@)?"  # user:password
    r"([\w.-]+|\[[\da-f:.]+\])(:\d+)?([/?][!-~]*)?",
    re.ASCII | re.IGNORECASE,
)


def connect_settings() -> ClientConnectConfig:
    """Return the arguments of `Client.connect` that the environment and profiles set."""
    try:
        settings = ClientConfig.load_client_connect_config()
    except (OSError, RuntimeError, TypeError, ValueError) as error:  # a missing or malformed file
        raise SettingsError(f"Temporal's settings: {error}") from error
    return {"target_host": "localhost:7233", **settings}


def connect_timeout() -> float:
    """Return `TEMPORAL_CONNECT_TIMEOUT`, in seconds."""
    text = os.environ.get("TEMPORAL_CONNECT_TIMEOUT") or "10"
    with suppress(ValueError):
        if 0 <= (seconds := float(text)) <= 3600:
            return seconds
    raise SettingsError(f"TEMPORAL_CONNECT_TIMEOUT is {text!r}; give 0 to 3600 seconds.")


def check_model_settings() -> bool:
    """Check the keys and the address of the model; return whether the address is OpenAI's own.

    Raises:
        SettingsError: A key cannot be sent as a header, or the address is not one of HTTP.
    """
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        if not _HEADER.fullmatch(os.environ.get(name, "")):
            problem = "contains a space, a line break, or a character that is not ASCII."
            raise SettingsError(f"{name} {problem} Set it to the value alone.")
    base_url = os.environ.get("OPENAI_BASE_URL", "")
    if base_url and not _HTTP_ADDRESS.fullmatch(base_url):
        raise SettingsError("OPENAI_BASE_URL is not an HTTP address; give one: https://HOST/v1")
    return not base_url or f".{urlsplit(base_url).hostname}".endswith(".openai.com")


def listen_address(name: str) -> tuple[str, int] | None:
    """Return the IP address and port to listen on, or None if the variable `name` is not set.

    Raises:
        SettingsError: The variable is not HOST:PORT, or its host is unknown.
    """
    if not (text := os.environ.get(name)):
        return None
    match = _ADDRESS.fullmatch(text)
    if not match or not 0 < (port := int(match["port"])) < 2**16:
        raise SettingsError(f"{name} is {text!r}; give HOST:PORT, such as 0.0.0.0:9000.")
    try:
        found = socket.getaddrinfo(match["host"].strip("[]"), port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise SettingsError(f"{name} is {text!r}, and the host is unknown ({error}).") from error
    return str(found[0][4][0]), port


def deployment_config() -> WorkerDeploymentConfig | None:
    """Return the worker's version, or None if the variables that name it are not set.

    Workflows are pinned unless their definition says otherwise: a run stays on the version on
    which it started, because other agents and tools may not replay its history. One that continues
    as new stays too, unless it asks to move (`initial_versioning_behavior`).

    A versioned worker gets no work until its version is made current or is ramped up.

    Raises:
        SettingsError: One variable is set without the other, or an id is malformed.
    """
    ids = {name: os.environ.get(name, "") for name in (DEPLOYMENT_NAME, BUILD_ID)}
    if not any(ids.values()):
        return None
    for name, value in ids.items():
        if not value:
            raise SettingsError(f"{name} is not set; set both {' and '.join(ids)}, or neither.")
        if not _DEPLOYMENT_ID.fullmatch(value):
            problem = f"{name} is {value[:200]!r}; give 1 to 200 ASCII characters without spaces."
            raise SettingsError(problem)
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(ids[DEPLOYMENT_NAME], ids[BUILD_ID]),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.PINNED,
    )
