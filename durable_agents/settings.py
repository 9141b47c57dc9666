"""Reads and checks the settings in the environment: Temporal's, and the model's."""

import os
from urllib.parse import urlsplit

from temporalio.envconfig import ClientConfig, ClientConnectConfig

CONNECT_TIMEOUT = 10.0  # seconds
HEADERS = ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID")


class SettingsError(Exception):
    """A setting is invalid; the message names it and never repeats a secret."""


def connect_settings() -> ClientConnectConfig:
    """Return the arguments of `Client.connect` that the environment and profiles set.

    Raises:
        SettingsError: A profile or file is missing or invalid.
    """
    try:
        settings = ClientConfig.load_client_connect_config()
    except OSError as error:
        raise SettingsError(f"Temporal's settings: {error.strerror}: {error.filename}") from error
    except (RuntimeError, TypeError, ValueError) as error:  # broken TOML, an unknown profile
        raise SettingsError(f"Temporal's settings: {error}") from error
    settings.setdefault("target_host", "localhost:7233")
    return settings


def connect_timeout() -> float:
    """Return how many seconds to retry a server that does not answer.

    Raises:
        SettingsError: `TEMPORAL_CONNECT_TIMEOUT` is not a number from 0 to 3,600.
    """
    text = os.environ.get("TEMPORAL_CONNECT_TIMEOUT") or str(CONNECT_TIMEOUT)
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= 3600:
        raise SettingsError(f"TEMPORAL_CONNECT_TIMEOUT is {text!r}; give 0 to 3600 seconds.")
    return seconds


def check_model_settings() -> str:
    """Return `OPENAI_BASE_URL`, or an empty string if it is not set.

    Raises:
        SettingsError: It is not an HTTP address, or a key cannot be sent as an HTTP header.
    """
    for name in HEADERS:
        if any(not "!" <= character <= "~" for character in os.environ.get(name, "")):
            raise SettingsError(
                f"{name} contains a space, a line break, or a character that is not ASCII. "
                "Set it to the value alone."
            )
    url = os.environ.get("OPENAI_BASE_URL", "")
    if url and not _is_http(url):
        raise SettingsError(
            "OPENAI_BASE_URL is not an HTTP address; give one such as https://api.openai.com/v1."
        )
    return url


def is_openai(url: str) -> bool:
    """Return whether an address is OpenAI's own."""
    host = urlsplit(url).hostname or ""
    return host == "openai.com" or host.endswith(".openai.com")


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises if it is not a number
    except ValueError:
        return False
    printable = all("!" <= character <= "~" for character in url)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and printable
